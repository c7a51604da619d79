"""The map of time between two takes: what lies in both, in whatever order, and nothing else."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from critique.comments.takes.timemap import TimeMap, time_map
from critique.walkthroughs.words import Word
from tests.comments.takes import SENTENCES, said, start_of

texts = st.sampled_from(
    ["the", "a", "is", "logo", "blue", "Logo.", "margin", "größe", "余白", "—", ""]
)
rows = st.lists(st.tuples(texts, st.integers(0, 900), st.integers(0, 700)), max_size=50)


def words_of(made: list[tuple[str, int, int]]) -> list[Word]:
    words, clock = [], 0
    for at, (text, pause, length) in enumerate(made):
        clock += pause
        words.append(Word(at, text, clock, clock + length))
        clock += length
    return words


@settings(max_examples=60, deadline=None)
@given(first=rows, second=rows, asked=st.lists(st.integers(-100, 60_000), max_size=20))
def test_whatever_was_said_the_map_is_one_of_passages_that_do_not_overlap(first, second, asked):
    old, new = words_of(first), words_of(second)
    found = time_map(old, new)
    passages = found.passages()
    end = new[-1].end_ms if new else 0
    assert all(a.old_end_ms <= b.old_start_ms for a, b in pairwise(passages))
    by_new = sorted(passages, key=lambda passage: passage.new_start_ms)
    assert all(a.new_end_ms <= b.new_start_ms for a, b in pairwise(by_new))
    for ms in asked:
        there = found.at(ms)
        inside = [p for p in passages if p.old_start_ms <= ms <= p.old_end_ms]
        assert (there is None) == (not inside)
        assert there is None or 0 <= there <= end
    assert time_map(old, new) == found
    assert found.reversed().reversed() == found


@settings(max_examples=40, deadline=None)
@given(first=rows, second=rows)
def test_time_runs_on_inside_a_passage_in_both_directions(first, second):
    found = time_map(words_of(first), words_of(second))
    for one, passage in zip(found.runs, found.passages(), strict=True):
        moments = range(passage.old_start_ms, passage.old_end_ms, 97)
        # The last moment may be where the next passage begins.
        there = [found.at(ms) for ms in moments]
        assert there == sorted(there)
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(one))
        middle = (passage.new_start_ms + passage.new_end_ms) // 2
        assert passage.old_start_ms <= found.reversed().at(middle) <= passage.old_end_ms


@given(shift=st.integers(0, 10_000_000))
@settings(max_examples=15, deadline=None)
def test_the_same_words_later_are_later_by_just_that(shift):
    old, new = said(*SENTENCES), said(*SENTENCES, start_ms=shift)
    found = time_map(old, new)
    assert [found.at(word.start_ms) for word in old] == [word.start_ms for word in new]
    assert len(found.passages()) == 1


def test_a_take_beside_itself_is_itself():
    words = said(*SENTENCES)
    found = time_map(words, words)
    assert all(found.at(ms) == ms for ms in range(words[-1].end_ms + 1))


def test_what_was_cut_is_nowhere_and_the_rest_closes_up():
    old, new = said(*SENTENCES), said(*SENTENCES[:4], *SENTENCES[6:])
    found = time_map(old, new)
    begin = len(" ".join(SENTENCES[:4]).split())
    gone = old[begin : begin + len(" ".join(SENTENCES[4:6]).split())]
    assert gone[0].text == "I", "the sentences cut are the fifth and the sixth"
    assert all(found.at(word.start_ms) is None for word in gone)
    assert found.at(start_of(old, "There is a small")) == start_of(new, "There is a small")
    back = found.reversed()
    assert back.at(start_of(new, "There is a small")) == start_of(old, "There is a small")


def test_what_was_put_in_has_no_counterpart():
    old = said(*SENTENCES[:3], *SENTENCES[6:])
    new = said(*SENTENCES)
    found = time_map(old, new)
    assert found.at(start_of(old, "Please look")) == start_of(new, "Please look")
    assert found.reversed().at(start_of(new, "louder than")) is None


def test_passages_cross_where_sections_changed_places():
    old, new = said(*SENTENCES), said(*SENTENCES[6:], *SENTENCES[:6], pace_ms=250)
    found = time_map(old, new)
    assert [found.at(start_of(old, q)) for q in ("Welcome back,", "There is a small")] == [
        start_of(new, q) for q in ("Welcome back,", "There is a small")
    ]
    first, second = found.passages()
    assert first.old_end_ms <= second.old_start_ms
    assert second.new_end_ms <= first.new_start_ms


def test_the_same_sentence_twice_keeps_its_order():
    again = ("And once more from the top.", *SENTENCES[:2])
    old, new = said(*again, *SENTENCES[2:6], *again), said(*again, *SENTENCES[2:4], *again)
    found = time_map(old, new)
    for word, twin in zip(old[-30:], new[-30:], strict=True):
        assert found.at(word.start_ms) == twin.start_ms
    assert found.at(0) == 0


def test_without_words_there_is_no_map():
    words = said(*SENTENCES)
    for old, new in (([], []), (words, []), ([], words)):
        assert time_map(old, new) == TimeMap()
    assert TimeMap().at(0) is None
    assert TimeMap().passages() == []
    assert TimeMap().reversed() == TimeMap()
