"""The arithmetic of anchors: always inside the recording, always the words that were meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.comments.anchors import LONGEST_MS, SLACK_MS, BadAnchor, anchor_on_words, stretch
from critique.walkthroughs.words import Word

ms = st.integers(-2_000, 2 * LONGEST_MS)
spoken = st.lists(
    st.tuples(st.text("abcö’", min_size=1, max_size=12), st.integers(0, 900), st.integers(0, 900)),
    min_size=1,
    max_size=60,
)


def words_of(rows: list[tuple[str, int, int]]) -> list[Word]:
    made, clock = [], 0
    for at, (text, pause, length) in enumerate(rows):
        clock += pause
        made.append(Word(at * 3 + 7, text, clock, clock + length))
        clock += length
    return made


@given(start=st.none() | ms, end=st.none() | ms, duration=st.none() | st.integers(0, LONGEST_MS))
def test_a_stretch_lies_inside_the_recording_or_names_the_wrong_field(start, end, duration):
    limit = LONGEST_MS if duration is None else duration
    slack = 0 if duration is None else SLACK_MS
    asked_end = start if end is None else end
    if start is None or start < 0 or not start <= asked_end <= limit + slack:
        with pytest.raises(BadAnchor) as wrong:
            stretch(start, end, duration)
        assert wrong.value.field in {"start_ms", "end_ms"}
        return
    begin, finish = stretch(start, end, duration)
    assert 0 <= begin <= finish <= limit
    assert begin == min(start, limit)
    assert finish == min(asked_end, limit)


@given(rows=spoken, data=st.data())
def test_an_anchor_quotes_exactly_the_words_between(rows, data):
    words = words_of(rows)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    anchor = anchor_on_words(words, words[first].id, words[last].id, transcript_id=1)
    texts = [word.text for word in words]
    assert anchor.quote == " ".join(texts[first : last + 1])
    assert anchor.quote_before == " ".join(texts[:first])[-32:]
    assert anchor.quote_after == " ".join(texts[last + 1 :])[:32]
    assert anchor.start_ms == words[first].start_ms
    assert anchor.end_ms >= words[last].end_ms
    assert stretch(anchor.start_ms, anchor.end_ms, None) == (anchor.start_ms, anchor.end_ms)


@given(rows=spoken, first=st.integers(0, 200), last=st.integers(0, 200))
def test_ids_that_are_not_there_or_stand_the_wrong_way_round_are_named(rows, first, last):
    words = words_of(rows)
    ids = [word.id for word in words]
    if first in ids and last in ids and ids.index(first) <= ids.index(last):
        return
    with pytest.raises(BadAnchor) as wrong:
        anchor_on_words(words, first, last, transcript_id=1)
    expected = "first_word" if first not in ids else "last_word"
    assert wrong.value.field == expected
