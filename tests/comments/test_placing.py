"""Where a comment lies in the next take: found, honestly doubted, or honestly gone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.placement_cases import Case, case, reworded, set_talk, swapped, trimmed
from critique.comments.anchors import Anchor, FrameHashes, Placed, place
from critique.walkthroughs.words import Word
from tests.comments.takes import PACE_MS, SENTENCES, on, said, start_of

OTHER = (
    "Nothing of the first round is left in this one.",
    "We went for a printed leaflet and a brass bell instead.",
)


def placed(quote: str, old: list[Word], new: list[Word], **more: object) -> Placed:
    return place([on(old, quote)], old, new, **more)[0]


def test_the_same_media_is_exact_whatever_was_heard_in_it():
    old = said(*SENTENCES)
    anchors = [on(old, "orange badge"), Anchor(5, 7)]
    found = place(anchors, old, [], same_media=True)
    assert found == [Placed("exact", a.start_ms, a.end_ms, 1.0, "same media") for a in anchors]


def test_the_very_same_time_is_exact_and_another_one_moved():
    old = said(*SENTENCES)
    same = placed("orange badge", old, said(*SENTENCES))
    anchor = on(old, "orange badge")
    assert (same.state, same.start_ms, same.end_ms) == ("exact", anchor.start_ms, anchor.end_ms)
    later = placed("orange badge", old, said(*SENTENCES, start_ms=4_000))
    assert (later.state, later.how) == ("moved", "words")
    assert (later.start_ms, later.end_ms) == (anchor.start_ms + 4_000, anchor.end_ms + 4_000)
    assert min(same.confidence, later.confidence) > 0.95


@pytest.mark.parametrize("cut", [1, 4, 6, 9])
def test_of_a_sentence_that_was_cut_the_comment_is_gone_and_the_others_stay(cut):
    old = said(*SENTENCES)
    new = said(*SENTENCES[:cut], *SENTENCES[cut + 1 :], pace_ms=400)
    quotes = [q for s in SENTENCES for q in (s, " ".join(s.split()[2:6]))]
    found = place([on(old, quote) for quote in quotes], old, new)
    for number, (quote, one) in enumerate(zip(quotes, found, strict=True)):
        if number // 2 == cut:
            assert (one.state, one.start_ms, one.end_ms) == ("removed", None, None), quote
            assert one.confidence > 0.5
        else:
            assert one.state in ("exact", "moved"), quote
            assert abs(one.start_ms - start_of(new, quote)) < PACE_MS


def test_of_a_few_words_that_were_cut_the_comment_is_gone():
    old = said(*SENTENCES)
    shorter = SENTENCES[3].replace(" beside it was louder", "")
    new = said(*SENTENCES[:3], shorter, *SENTENCES[4:])
    assert placed("beside it was louder", old, new).state == "removed"
    assert placed("orange badge", old, new).start_ms == start_of(new, "orange badge")


def test_where_one_word_was_lost_the_comment_stays_beside_its_neighbours():
    old = said(*SENTENCES)
    new = said(*SENTENCES[:3], SENTENCES[3].replace(" orange", ""), *SENTENCES[4:])
    found = placed("orange", old, new)
    assert abs(found.start_ms - start_of(new, "badge beside")) <= 1_500


def test_in_other_words_it_keeps_its_place():
    old = said(*SENTENCES)
    turned = "What I liked least was the orange sticker by the sum, shrill where nobody asked."
    new = said(*SENTENCES[:3], turned, *SENTENCES[4:])
    found = placed("louder than the", old, new)
    begin = start_of(new, "What I liked least")
    assert found.state in ("moved", "uncertain")
    assert begin <= found.start_ms <= begin + len(turned.split()) * PACE_MS


def test_with_its_section_it_goes_where_the_section_goes():
    old, new = said(*SENTENCES), said(*SENTENCES[5:], *SENTENCES[:5], pace_ms=280)
    for quote in (
        "voucher field at",
        "Delivery times",
        "orange badge",
        "pickup code in big",
    ):
        found = placed(quote, old, new)
        assert (found.state, found.start_ms) == ("moved", start_of(new, quote))


def test_a_sentence_that_was_cut_does_not_land_on_its_near_twin():
    frame = "My wish for the {} is that it {} on every page of the shop."
    parts = [("header", "shrinks"), ("basket", "glows"), ("footer", "waits"), ("menu", "folds")]
    twins = [frame.format(*part) for part in parts]
    old, new = said(*twins), said(*twins[:1], *twins[2:])
    assert placed(twins[1], old, new).state == "removed"
    assert placed("basket is that it glows", old, new).state == "removed"
    for twin in (twins[0], *twins[2:]):
        assert placed(twin, old, new).start_ms == start_of(new, twin)


def test_of_an_anchor_half_cut_the_rest_is_shown():
    old = said(*SENTENCES)
    new = said(*SENTENCES[:4], *SENTENCES[5:])
    quote = " ".join(SENTENCES[3].split()[-5:] + SENTENCES[4].split()[:4])
    found = placed(quote, old, new)
    assert found.start_ms == start_of(new, "the price, which nobody")
    assert found.end_ms <= start_of(new, "Delivery times")


def test_in_a_pause_it_stays_in_the_pause():
    old = said(*SENTENCES)
    pause = start_of(old, "So it moved") - 400
    new = said(SENTENCES[7], *SENTENCES)
    found = place([Anchor(pause, pause)], old, new)[0]
    assert (found.state, found.start_ms) == ("moved", start_of(new, "So it moved") - 400)
    assert found.end_ms == found.start_ms


def test_a_range_of_time_is_placed_by_what_was_said_in_it():
    old, new = said(*SENTENCES), said(*SENTENCES[2:])
    anchor = on(old, "Delivery times were another worry,")
    found = place([Anchor(anchor.start_ms + 10, anchor.end_ms)], old, new)[0]
    assert found.start_ms == start_of(new, "Delivery times") + 10
    assert found.end_ms == on(new, "Delivery times were another worry,").end_ms


def test_words_the_transcript_no_longer_has_are_found_by_their_time():
    old, new = said(*SENTENCES), said(*SENTENCES[2:])
    known = on(old, "Delivery times")
    corrected = [Word(w.id + 900, w.text, w.start_ms, w.end_ms) for w in old]
    found = place([known], corrected, new)[0]
    assert found.start_ms == start_of(new, "Delivery times")


def test_of_a_lost_transcript_the_quote_is_searched():
    old, new = said(*SENTENCES), said(*SENTENCES[2:])
    known = on(old, "Delivery times were another worry,")
    found = place([known], [], new)[0]
    assert (found.how, found.start_ms) == ("quote", start_of(new, "Delivery times"))
    assert 0.4 < found.confidence < 0.95
    unlike = Anchor(0, 900, quote="brass bells for every single village church")
    assert place([unlike], [], new)[0].state == "removed"


def test_where_the_quote_stands_twice_what_is_around_it_decides():
    new = said("We start with a thin outline here.", *SENTENCES[6:], SENTENCES[4])
    around = {"quote_before": "took its colour and kept only ", "quote_after": "around the number."}
    known = Anchor(0, 900, quote="a thin outline", **around)
    found = place([known], [], new)[0]
    assert found.start_ms == start_of(new, "a thin outline around")


def test_where_nobody_speaks_the_moment_is_kept_and_doubted():
    found = place([Anchor(3_000, 4_000)], [], [], new_length_ms=10_000)[0]
    assert (found.state, found.start_ms, found.end_ms) == ("uncertain", 3_000, 4_000)
    assert found.confidence < 0.3
    short = place([Anchor(3_000, 4_000)], [], [], new_length_ms=2_500)[0]
    assert (short.start_ms, short.end_ms) == (2_500, 2_500)


def test_where_nobody_speaks_any_more_the_words_are_gone():
    assert placed("orange badge", said(*SENTENCES), []).state == "removed"


def film(order: list[int], seed: int = 5, seconds: int = 6) -> list[tuple[int, int]]:
    """Screens of six seconds, two hashes a second, each a few bits off."""
    chance, screens = Random(1), Random(7)
    looks = [screens.getrandbits(64) for _ in range(12)]
    shown = [looks[number] for number in order for _ in range(2 * seconds)]
    return [(500 * at, bits ^ 1 << chance.randrange(64)) for at, bits in enumerate(shown)]


def test_without_words_the_picture_decides():
    frames = FrameHashes(old=film([0, 1, 2, 3, 4]), new=film([3, 4, 0, 2]))
    anchors = [Anchor(2_000, 3_000), Anchor(8_000, 8_000), Anchor(26_000, 26_000)]
    first, gone, last = place(anchors, [], [], frames=frames, new_length_ms=24_000)
    assert (first.state, first.how) == ("moved", "picture")
    assert abs(first.start_ms - 14_000) <= 1_000
    assert first.end_ms - first.start_ms == 1_000
    assert (gone.state, gone.start_ms) == ("removed", None)
    assert abs(last.start_ms - 8_000) <= 1_000


def test_in_a_long_silence_the_picture_decides_between_the_words_around_it():
    silence = 24_000
    old = said(*SENTENCES[:2])
    begin = old[-1].end_ms
    new = said(*SENTENCES[:2])
    for words, wait in ((old, silence), (new, silence + 12_000)):
        rest = said(*SENTENCES[2:4], start_ms=begin + wait)
        words += [Word(w.id + 500, w.text, w.start_ms, w.end_ms) for w in rest]
    lead = begin // 500
    still = [(500 * at, 0) for at in range(lead)]

    def then(order: list[int]) -> list[tuple[int, int]]:
        return still + [(500 * lead + ms, bits) for ms, bits in film(order)]

    frames = FrameHashes(old=then([0, 1, 2, 3]), new=then([4, 5, 0, 1, 2, 3]))
    moment = 500 * lead + 14_000
    found = place([Anchor(moment, moment)], old, new, frames=frames)[0]
    assert found.how == "picture"
    assert abs(found.start_ms - (moment + 12_000)) <= 1_000


def test_another_language_or_another_talk_is_not_the_same_one():
    old = said(*SENTENCES)
    found = [place([on(old, s)], old, said(*OTHER))[0] for s in SENTENCES]
    assert {one.state for one in found} == {"removed"}


texts = st.sampled_from(
    ["the", "a", "is", "logo", "blue", "margin", "größe", "余白", "—", "", "ok."]
)
rows = st.lists(st.tuples(texts, st.integers(0, 900), st.integers(0, 700)), max_size=40)
hashes = st.lists(st.integers(0, 2**64 - 1), max_size=12).map(
    lambda bits: [(500 * at, one) for at, one in enumerate(bits)]
)


def words_of(made: list[tuple[str, int, int]]) -> list[Word]:
    words, clock = [], 0
    for at, (text, pause, length) in enumerate(made):
        clock += pause
        words.append(Word(at, text, clock, clock + length))
        clock += length
    return words


lengths = st.none() | st.integers(0, 60_000)
asking = st.lists(
    st.tuples(st.integers(0, 50_000), st.integers(0, 9_000), st.none() | st.integers(0, 45)),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(first=rows, second=rows, shown=hashes, again=hashes, length=lengths, asked=asking)
def test_any_answer_is_a_place_inside_the_new_take_or_none(
    first, second, shown, again, length, asked
):
    old, new = words_of(first), words_of(second)
    anchors = [Anchor(at, at + long, 1, word, word, "blue margin logo") for at, long, word in asked]
    frames = FrameHashes(old=shown, new=again)
    found = place(anchors, old, new, frames=frames, new_length_ms=length)
    assert len(found) == len(anchors)
    assert found == place(anchors, old, new, frames=frames, new_length_ms=length)
    end = length if length is not None else max((w.end_ms for w in new), default=None)
    for anchor, one in zip(anchors, found, strict=True):
        assert 0 <= one.confidence <= 1
        assert (one.state == "removed") == (one.start_ms is None) == (one.end_ms is None)
        if one.start_ms is not None:
            assert 0 <= one.start_ms <= one.end_ms
            assert end is None or one.end_ms <= end
        if one.state == "exact":
            assert (one.start_ms, one.end_ms) == (anchor.start_ms, anchor.end_ms)


def share_right(cases: list[Case]) -> tuple[float, float, float, float]:
    """Of comments whose words are there: placed right, claimed wrong; of the others: called gone;
    and how far confidence is from the share that is right."""
    pairs = [
        (comment, one)
        for made in cases
        for comment, one in zip(
            made.comments,
            place([comment.anchor for comment in made.comments], made.old, made.new),
            strict=True,
        )
    ]
    there = [(c, p) for c, p in pairs if c.start_ms is not None]
    gone = [p for c, p in pairs if c.start_ms is None]
    right = sum(c.right(p.start_ms) for c, p in there)
    claimed = sum(p.state in ("exact", "moved") and not c.right(p.start_ms) for c, p in there)
    told = sum(p.state == "removed" for p in gone)
    sure = sum(p.confidence for _, p in pairs) - sum(c.right(p.start_ms) for c, p in pairs)
    return (
        right / len(there),
        claimed / len(there),
        told / len(gone) if gone else 1.0,
        abs(sure) / len(pairs),
    )


@pytest.mark.parametrize(
    ("edit", "more", "least", "most_wrong"),
    [
        (trimmed, {}, 0.99, 0.01),
        (reworded(0.26), {}, 0.98, 0.01),
        (reworded(0.60), {}, 0.91, 0.04),
        (swapped, {}, 0.92, 0.02),
        (swapped, {"talk": set_talk, "errors": (0.25, 0.40)}, 0.85, 0.05),
    ],
    ids=["trims", "26 %", "60 %", "swapped", "near twins, a third misheard"],
)
def test_the_figures_that_are_promised(edit, more, least, most_wrong):
    cases = [case(seed, edit, length=1_000, **more) for seed in range(70, 74)]
    right, wrong, gone, apart = share_right(cases)
    assert right >= least
    assert wrong <= most_wrong
    assert gone >= 0.8
    assert apart < 0.06, "confidence is the share that is right"
