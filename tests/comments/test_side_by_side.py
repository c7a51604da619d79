"""Two takes played and read side by side: what runs along, which sentences belong together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.comments.takes.parallel import Takes, by_the_clock, sentences_of, straightened
from critique.comments.takes.sentences import rows_of
from critique.comments.takes.timemap import TimeMap, time_map
from critique.walkthroughs.words import Word

EACH = 400
INTRO = "Hello, this is the second round of our checkout page."
TOTAL = "The total stands above the green button from now on."
RULE = "I made every rule lighter than it was before today."
PHONE = "On a phone the order becomes a bar that you pull up."
QUESTION = "Is the delivery day clear without the small note?"


def take(*sentences: str, each: int = EACH, pause: int = 600, start: int = 0) -> list[Word]:
    """Words of a take at one speed, a pause after each sentence; times in ms."""
    words: list[Word] = []
    at = start
    for sentence in sentences:
        for text in sentence.split():
            words.append(Word(len(words) + 1, text, at, at + each - 40, 0.9))
            at += each
        at += pause
    return words


def side_by_side(old: list[Word], new: list[Word], known: TimeMap | None = None) -> Takes:
    ends = [words[-1].end_ms + 1000 if words else 5000 for words in (old, new)]
    return Takes(old, new, known or time_map(old, new), *ends)


def told(takes: Takes) -> list[tuple[str, bool, str, str]]:
    def said(side) -> str:
        if side is None:
            return "-"
        return " ".join(f"[{part.text}]" if part.changed else part.text for part in side.parts)

    return [(row.kind, row.moved, said(row.old), said(row.new)) for row in rows_of(takes)]


def test_the_same_sentences_at_another_speed_stand_beside_each_other():
    takes = side_by_side(take(INTRO, TOTAL), take(INTRO, TOTAL, each=300))
    assert told(takes) == [("same", False, INTRO, INTRO), ("same", False, TOTAL, TOTAL)]
    assert len(takes.along.runs) == 1


def test_other_words_in_a_sentence_are_marked_on_both_sides_and_run_along():
    changed = TOTAL.replace("green button", "red price")
    takes = side_by_side(take(INTRO, TOTAL, RULE), take(INTRO, changed, RULE))
    assert told(takes)[1] == (
        "reworded", False,
        "The total stands above the [green button] from now on.",
        "The total stands above the [red price] from now on.",
    )  # fmt: skip
    assert len(takes.along.runs) == 1, "nothing stands still while other words are said"


def test_what_was_taken_out_stands_behind_what_it_followed_and_runs_along_with_nothing():
    old, new = take(INTRO, TOTAL, RULE, PHONE), take(INTRO, RULE, PHONE, QUESTION)
    takes = side_by_side(old, new)
    assert [row[0] for row in told(takes)] == ["same", "removed", "same", "same", "added"]
    middle_of_total = old[len(INTRO.split()) + 5].start_ms
    assert takes.along.at(middle_of_total) is None
    assert takes.along.reversed().at(new[-3].start_ms) is None


def test_sections_that_changed_places_are_told_and_jump():
    old, new = take(INTRO, TOTAL, RULE, PHONE), take(INTRO, PHONE, TOTAL, RULE)
    begin = {s: [len(" ".join(o).split()) for o in orders] for s, orders in {
        PHONE: ([INTRO, TOTAL, RULE], [INTRO]),
        TOTAL: ([INTRO], [INTRO, PHONE]),
    }.items()}  # fmt: skip

    def run(sentences: str, at_old: int, at_new: int) -> tuple[tuple[int, int], ...]:
        last = len(sentences.split()) - 1
        return (
            (old[at_old].start_ms, new[at_new].start_ms),
            (old[at_old + last].end_ms, new[at_new + last].end_ms),
        )

    known = TimeMap(
        (run(INTRO, 0, 0), run(f"{TOTAL} {RULE}", *begin[TOTAL]), run(PHONE, *begin[PHONE]))
    )
    takes = side_by_side(old, new, known)
    assert [(row[2], row[1]) for row in told(takes)] == [
        (INTRO, False), (PHONE, True), (TOTAL, False), (RULE, False),
    ]  # fmt: skip
    for at_old, at_new in begin.values():
        assert takes.along.at(old[at_old].start_ms) == new[at_new].start_ms


def test_silence_before_the_first_word_and_after_the_last_runs_along():
    old, new = take(INTRO, start=900), take(INTRO, start=500)
    takes = side_by_side(old, new)
    assert takes.along.at(old[0].start_ms - 200) == new[0].start_ms - 200
    assert takes.along.at(old[-1].end_ms + 500) == new[-1].end_ms + 500
    assert takes.known.at(old[0].start_ms - 200) is None


def test_a_short_word_alone_among_changed_ones_is_not_called_kept():
    takes = side_by_side(
        take(INTRO, "We tried it in three colours at first sight.", RULE),
        take(INTRO, "After much thought it became a plain gray surface.", RULE),
    )
    for row in rows_of(takes):
        for side in (row.old, row.new):
            assert all(part.changed or len(part.text) > 3 for part in side.parts if side)


def test_without_full_stops_a_breath_ends_the_sentence():
    words = take("so this is the page", "here is the total", pause=450)
    assert sentences_of(words) == [(0, 5), (5, 9)]
    assert sentences_of([]) == []


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 9), (4000, 9000)])
def test_without_words_both_run_by_the_clock(old, new):
    known = by_the_clock(old, new)
    shorter = min(old, new)
    assert known.at(shorter // 2) == (shorter // 2 if shorter else None)
    assert known.at(shorter + 1) is None


knots = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=60).map(
    lambda steps: [
        (sum(a for a, _ in steps[:n]), sum(b for _, b in steps[:n])) for n in range(len(steps) + 1)
    ]
)


@settings(deadline=None, max_examples=60)
@given(knots)
def test_a_straightened_run_stays_within_its_slack(run):
    drawn = straightened(run, 10)
    assert (drawn[0], drawn[-1]) == (run[0], run[-1])
    assert set(drawn) <= set(run)
    known = TimeMap((tuple(drawn),))
    for old, _ in run:
        found = known.at(old)
        assert found is not None
        # Where one take jumps, several moments are right.
        assert min(abs(found - new) for at, new in run if at == old) <= 11


words_of_a_take = st.lists(
    st.tuples(
        st.sampled_from(["the", "total", "rule.", "a", "price?", "—", "stands"]),
        st.integers(0, 1500),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=60)
@given(words_of_a_take, words_of_a_take)
def test_every_sentence_stands_in_exactly_one_row_whatever_is_said(one, other):
    def spoken(steps) -> list[Word]:
        at, made = 0, []
        for text, wait in steps:
            made.append(Word(len(made) + 1, text, at + wait, at + wait + 200))
            at += wait + 200
        return made

    old, new = spoken(one), spoken(other)
    takes = side_by_side(old, new)
    rows = rows_of(takes)
    for side, words in (("old", old), ("new", new)):
        said = [getattr(row, side) for row in rows if getattr(row, side)]
        texts = sorted(" ".join(part.text for side_ in said for part in side_.parts).split())
        assert texts == sorted(" ".join(word.text for word in words).split())
    starts = [row.new.start_ms for row in rows if row.new]
    assert starts == sorted(starts)
    ends = [end for run in takes.along.runs for end in (run[0], run[-1])]
    assert ends == sorted(ends), "runs overlap nowhere in the old take"
    for run in takes.along.runs:
        drawn = straightened(run)
        assert (drawn[0], drawn[-1]) == (run[0], run[-1])


def test_a_word_put_in_without_a_pause_is_no_trouble():
    old = [Word(1, "total", 0, 400), Word(2, "above", 400, 800), Word(3, "button", 800, 1200)]
    new = [
        Word(1, "total", 0, 400), Word(2, "now", 400, 900), Word(3, "above", 900, 1300),
        Word(4, "button", 1300, 1700),
    ]  # fmt: skip
    runs = (((0, 0), (400, 400)), ((400, 900), (1200, 1700)))
    takes = side_by_side(old, new, TimeMap(runs))
    (run,) = takes.along.runs
    known = TimeMap((tuple(straightened(run)),))
    assert (known.at(200), known.at(600)) == (200, 1100)
