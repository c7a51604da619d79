"""Words keep their ids through corrections, and quotes say exactly what stands there."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.walkthroughs.words import (
    CONTEXT_CHARS,
    PASSAGE_WORDS,
    PAUSE_MS,
    Word,
    numbered,
    passages,
    plain,
    quote_of,
    rows_from,
    words_from,
)

TEXTS = st.text(alphabet="abcé,.?’I1 ", min_size=1, max_size=8).map(
    lambda t: t.replace(" ", "") or "a"
)


@st.composite
def spoken(draw):
    """Words one after the other, with ids that are unique and in no order."""
    texts = draw(st.lists(TEXTS, max_size=60))
    ids = draw(st.permutations(range(1, len(texts) + 1)))
    at, words = 0, []
    for number, text in zip(ids, texts, strict=True):
        start = at + draw(st.integers(0, 3000))
        at = start + draw(st.integers(0, 900))
        words.append(Word(number, text, start, at, draw(st.none() | st.floats(0, 1))))
    return words


@given(spoken())
def test_what_is_stored_comes_back(words):
    assert words_from(rows_from(words)) == words


@given(spoken(), spoken())
def test_ids_stay_unique_and_new_ones_are_really_new(old, new):
    next_id = len(old) + 10
    made, after = numbered(new, old, next_id)
    ids = [word.id for word in made]
    assert len(set(ids)) == len(ids)
    assert [word.text for word in made] == [word.text for word in new]
    assert [(w.start_ms, w.end_ms) for w in made] == [(w.start_ms, w.end_ms) for w in new]
    fresh = [number for number in ids if number >= next_id]
    assert fresh == list(range(next_id, after))
    texts = {word.id: plain(word.text) for word in old}
    assert all(texts[w.id] == plain(w.text) for w in made if w.id < next_id)


@given(spoken())
def test_nothing_changed_keeps_every_id(words):
    made, after = numbered(words, words, 1000)
    assert made == words
    assert after == 1000


@given(spoken(), st.data())
def test_one_corrected_word_costs_one_id_at_most(words, data):
    if not words:
        return
    at = data.draw(st.integers(0, len(words) - 1))
    corrected = list(words)
    corrected[at] = Word(0, "zzzz", words[at].start_ms, words[at].end_ms)
    made, after = numbered(corrected, words, 1000)
    assert after == 1001
    assert [w.id for i, w in enumerate(made) if i != at] == [
        w.id for i, w in enumerate(words) if i != at
    ]


def test_case_accents_and_punctuation_do_not_cost_an_id():
    old = [Word(1, "the", 0, 1), Word(2, "cafe", 1, 2), Word(3, "i", 2, 3)]
    new = [Word(0, "The", 0, 1), Word(0, "café,", 1, 2), Word(0, "I", 2, 3)]
    assert [word.id for word in numbered(new, old, 4)[0]] == [1, 2, 3]


@given(spoken(), st.data())
def test_a_quote_is_what_stands_between_its_words(words, data):
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    quote = quote_of(words, words[first].id, words[last].id)
    whole = " ".join(word.text for word in words)
    assert quote.text == " ".join(word.text for word in words[first : last + 1])
    assert len(quote.before) <= CONTEXT_CHARS
    assert len(quote.after) <= CONTEXT_CHARS
    around = " ".join(part for part in (quote.before, quote.text, quote.after) if part)
    assert around in whole
    assert quote.start_ms == words[first].start_ms
    assert quote.end_ms >= words[last].end_ms


def test_a_quote_of_words_that_are_not_there_is_refused():
    words = [Word(1, "so", 0, 1), Word(2, "here", 1, 2)]
    with pytest.raises(ValueError, match="not in the transcript"):
        quote_of(words, 1, 9)
    with pytest.raises(ValueError, match="before the first"):
        quote_of(words, 2, 1)


@given(spoken())
def test_passages_hold_every_word_once_in_order(words):
    found = passages(words)
    assert " ".join(one.text for one in found) == " ".join(word.text for word in words)
    assert all(len(one.text.split()) <= PASSAGE_WORDS for one in found)
    assert all(one.start_ms <= one.end_ms for one in found)


def test_a_pause_begins_a_new_passage():
    words = [Word(1, "one", 0, 100), Word(2, "two", 100 + PAUSE_MS + 1, 2000)]
    assert [one.text for one in passages(words)] == ["one", "two"]


def test_thirty_minutes_with_one_word_in_seven_corrected_keep_all_the_others():
    """As frequent words are frequent in speech (Zipf), so the matching has work to do."""
    dice = random.Random(17)
    ranks = range(1, 1500)
    texts = dice.choices([f"w{rank}" for rank in ranks], [1 / rank for rank in ranks], k=4500)
    old = [Word(n, text, n, n + 1) for n, text in enumerate(texts)]
    new = [replace(w, text="zz") if w.id % 7 == 0 else w for w in old]
    made, _ = numbered(new, old, 5000)
    kept = sum(word.id == index for index, word in enumerate(made))
    assert kept >= 0.99 * sum(word.text != "zz" for word in new)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_as_many_words_as_possible_keep_their_ids(before, after):
    table = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i, one in enumerate(before):
        for j, other in enumerate(after):
            longest = max(table[i][j + 1], table[i + 1][j])
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else longest
    old = [Word(n, text, n, n) for n, text in enumerate(before)]
    made, _ = numbered([Word(0, text, n, n) for n, text in enumerate(after)], old, 100)
    kept = [word.id for word in made if word.id < 100]
    assert len(kept) == table[-1][-1]
    assert kept == sorted(kept)
