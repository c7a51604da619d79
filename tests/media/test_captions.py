"""Transcripts people upload, and the captions players get."""

from __future__ import annotations

import io
import itertools

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from critique.media.errors import Refused
from critique.media.speech.align import align, untimed
from critique.media.speech.captions import Cue, cues_of, parse, to_text, to_vtt
from critique.media.speech.words import Transcript, Word, ordered, spread

VTT = """WEBVTT - made by hand

NOTE nothing to see

intro
00:00:01.000 --> 00:00:03.500 align:start
<v Maya>Hello &amp; <b>welcome</b>

00:03.500 --> 00:05.000
to <i>checkout</i>
"""
SRT = (
    "1\r\n00:00:01,000 --> 00:00:03,500\r\n<i>Hello</i>\r\nthere\r\n\r\n"
    "2\r\n00:00:04,000 --> 00:00:05,000\r\nagain\r\n"
)


def test_vtt():
    captions = parse(VTT.encode())
    assert captions.cues == [Cue(1000, 3500, "Hello & welcome"), Cue(3500, 5000, "to checkout")]
    assert captions.text == "Hello & welcome to checkout"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_srt_in_whatever_encoding(encoding):
    captions = parse(SRT.replace("again", "déjà vu").encode(encoding))
    assert captions.cues == [Cue(1000, 3500, "Hello there"), Cue(4000, 5000, "déjà vu")]


def test_plain_text_has_no_times():
    captions = parse(b"Hello there.\n\nHow are you?")
    assert captions.cues == []
    assert captions.text.split() == ["Hello", "there.", "How", "are", "you?"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n\t ",
        b"WEBVTT\n\n",
        b"\x00\x01\x02 binary",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"x " * 2_100_000,
        b"a " * 100_001,
        b"short " + b"x" * 2_001,
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<b></b>\n",
    ],
    ids=["empty", "blank", "no cue", "binary", "png", "large", "wordy", "endless", "only tags"],
)
def test_refused_with_what_is_kept(data):
    with pytest.raises(Refused) as caught:
        parse(data)
    assert "kept" in caught.value.sentence


@given(st.binary(max_size=300))
def test_hostile_bytes_are_read_or_refused(data):
    for head in (
        b"",
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n",
        b"1\n00:00:01,000 --> 00:00:02,000\n",
    ):
        try:
            captions = parse(head + data)
        except Refused:
            continue
        assert captions.text.split()
        assert all(cue.start_ms <= cue.end_ms for cue in captions.cues)


def test_markup_in_captions_is_text_at_most():
    captions = parse(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script> &lt;b&gt;\n")
    assert "<script" not in captions.text
    written = to_vtt([Word("<script>", 0, 10), Word("-->", 10, 20)])
    assert "<script" not in written
    assert written.count("-->") == 1


WORDS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z", "Cs"]), min_size=1),
        st.integers(0, 1500),
        st.integers(0, 900),
    ),
    max_size=60,
)


def spoken(rows: list[tuple[str, int, int]]) -> list[Word]:
    words, now = [], 0
    for text, pause, length in rows:
        words.append(Word(text, now + pause, now + pause + length))
        now += pause + length
    return ordered(words)


@given(WORDS)
def test_captions_lose_no_word_and_fit_a_screen(rows):
    words = spoken(rows)
    cues = list(cues_of(words))
    assert [part for cue in cues for part in cue.text.split(" ")] == [word.text for word in words]
    assert all(a.start_ms <= b.start_ms for a, b in itertools.pairwise(cues))
    for cue in cues:
        assert cue.start_ms < cue.end_ms
        assert len(cue.text) <= 84 or " " not in cue.text


@given(WORDS)
def test_written_vtt_is_read_back(rows):
    words = spoken(rows)
    kept = webvtt.from_buffer(io.StringIO(to_vtt(words)))
    assert len(kept.captions) == len(list(cues_of(words)))


def test_lines_are_short_and_cues_end_with_sentences_and_pauses():
    text = "This is the first sentence of it. And the second one follows right behind, long enough"
    words = spread(text.split(), 0, 5000)
    words.append(Word("later", 9000, 9300))
    written = [cue.text for cue in cues_of(words)]
    assert written[0] == "This is the first sentence of it."
    assert written[-1] == "later"
    assert max(len(line) for line in to_vtt(words).splitlines()) <= 42


def test_plain_text_breaks_at_long_pauses():
    words = [Word("one", 0, 100), Word("two", 200, 300), Word("three", 3000, 3100)]
    assert to_text(words) == "one two\n\nthree\n"
    assert to_text([]) == ""


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(-50, 500), st.integers(-50, 500))))
def test_time_never_runs_backwards(rows):
    words = ordered((Word(*row) for row in rows), until_ms=300)
    assert all(0 <= word.start_ms <= word.end_ms <= 300 for word in words)
    assert all(a.start_ms <= b.start_ms for a, b in itertools.pairwise(words))
    assert [word.text for word in words] == [row[0].strip() for row in rows if row[0].strip()]


def test_without_a_voice_cues_keep_their_times_and_text_is_spread():
    told = align(None, parse(VTT.encode()), 9000)
    assert [(word.text, word.start_ms >= 1000, word.end_ms <= 5000) for word in told.words] == [
        (text, True, True) for text in ["Hello", "&", "welcome", "to", "checkout"]
    ]
    assert told == untimed(parse(VTT.encode()).cues)
    spread_out = align(None, parse(b"one two three"), 9000)
    assert (spread_out.words[0].start_ms, spread_out.words[-1].end_ms) == (0, 9000)
    assert not spread_out.draft


def test_transcript_survives_json():
    told = Transcript("whisper-small", draft=False, language="en", words=[Word("a", 1, 2, 0.5)])
    assert Transcript.from_dict(told.to_dict()) == told
