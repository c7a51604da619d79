"""Transcripts people bring: there at once, placed by the voice, ids kept, hostile text harmless."""

from __future__ import annotations

import io

import pytest

from critique.media.errors import Broken
from critique.media.speech import words as media_words
from critique.plumbing.db import db
from critique.plumbing.search import found_entries
from critique.walkthroughs.preparing import WORK
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.words import words_from

VTT = b"""WEBVTT

00:00.000 --> 00:01.500
So here is the checkout

00:02.000 --> 00:03.500
and I removed the second step
"""
CORRECTED = b"""1
00:00:00,000 --> 00:00:01,500
So here is our <b>checkout</b>

2
00:00:02,000 --> 00:00:03,500
and I removed the second step
"""
HOSTILE = b"""WEBVTT

00:00.000 --> 00:01.000
<script>alert(1)</script> & <c.red>&lt;img src=x&gt;</c>
"""


@pytest.fixture
def ready(maya, plain, run_jobs):
    made = maya.send_file(plain)
    run_jobs()
    return made


@pytest.fixture
def current(app):
    def look(made):
        with app.app_context():
            found = transcript_of(made)
            db.session.expunge_all()
            return found, words_from(found.words)

    return look


def bring(uploading, made, data, name="words.vtt"):
    return uploading.client.post(
        f"/walkthroughs/{made}/transcript", data={"file": (io.BytesIO(data), name)}
    )


def test_cues_are_there_at_once_and_then_placed_by_the_voice(
    maya, ready, current, run_jobs, walkthrough, app, cast
):
    assert bring(maya, ready, VTT).status_code == 303
    first, words = current(ready)
    assert (first.engine, first.draft, first.made_by_id) == ("uploaded", False, cast.maya)
    assert " ".join(word.text for word in words).startswith("So here is the checkout and I")
    assert walkthrough(ready).by_name["transcript"].state == "waiting"
    run_jobs()
    second, placed = current(ready)
    assert second.revision == first.revision + 1
    assert [word.id for word in placed] == [word.id for word in words]
    steps = walkthrough(ready).by_name
    assert (steps["transcript"].state, steps["search"].state) == ("done", "done")
    with app.app_context():
        found = found_entries("second step", team_ids=[cast.team])
        assert [(entry.source, entry.walkthrough_id) for entry in found] == [("transcript", ready)]
    text = maya.client.get(f"/walkthroughs/{ready}/transcript.txt").text
    assert "I removed the second step" in text
    assert maya.client.get(f"/walkthroughs/{ready}/transcript.vtt").text.startswith("WEBVTT")


def test_a_correction_costs_only_the_words_it_changes(maya, ready, current):
    bring(maya, ready, VTT)
    _, before = current(ready)
    bring(maya, ready, CORRECTED, "words.srt")
    _, after = current(ready)
    assert [w.text for w in after][:5] == ["So", "here", "is", "our", "checkout"]
    kept = [w.id for w in before]
    assert [w.id for w in after] == [*kept[:3], max(kept) + 1, *kept[4:]]


def test_plain_text_is_a_draft_until_the_voice_has_placed_it(maya, ready, current):
    maya.client.post(f"/walkthroughs/{ready}/transcript", data={"text": "So here it is"})
    found, words = current(ready)
    assert found.draft
    assert words[0].start_ms == 0
    assert words[-1].end_ms == 4000


def test_a_machine_never_writes_over_a_person(maya, ready, current, run_jobs, monkeypatch):
    bring(maya, ready, VTT)
    real = WORK["transcript"]

    def break_(_task, _bench):
        raise Broken("Not heard.")

    monkeypatch.setitem(WORK, "transcript", break_)
    run_jobs()
    monkeypatch.setitem(WORK, "transcript", real)
    assert maya.client.post(f"/walkthroughs/{ready}/steps/transcript/retry").status_code == 303
    run_jobs()
    assert " ".join(w.text for w in current(ready)[1]).startswith("So here is the checkout")


def test_a_result_that_comes_too_late_is_thrown_away(
    maya, ready, current, run_jobs, monkeypatch, app
):
    """Words are brought while an engine is still at work on the old ones."""
    real = WORK["transcript"]
    brought = []

    def slow(task, bench):
        outcome = real(task, bench)
        if not brought:
            brought.append(bring(maya, ready, CORRECTED, "later.srt").status_code)
        return outcome

    bring(maya, ready, VTT)
    monkeypatch.setitem(WORK, "transcript", slow)
    run_jobs()
    assert brought == [303]
    assert " ".join(w.text for w in current(ready)[1]).startswith("So here is our checkout")


def test_markup_in_captions_stays_text(maya, ready):
    bring(maya, ready, HOSTILE)
    vtt = maya.client.get(f"/walkthroughs/{ready}/transcript.vtt")
    assert vtt.content_type == "text/vtt; charset=utf-8"
    assert "<script" not in vtt.text
    assert "<img" not in vtt.text
    txt = maya.client.get(f"/walkthroughs/{ready}/transcript.txt")
    assert txt.content_type == "text/plain; charset=utf-8"
    assert txt.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"\x00\x01\x02",
        b"WEBVTT\n\n",
        b"WEBVTT\n\nno --> times\nx",
        b"a " * 100_001,
    ],
    ids=["empty", "blank", "bytes", "no cues", "no times", "too many"],
)
def test_what_is_no_transcript_is_refused_with_the_field_named(maya, ready, current, data):
    before = current(ready)[0].revision
    answer = maya.client.post(
        f"/walkthroughs/{ready}/transcript",
        data={"file": (io.BytesIO(data), "x.vtt")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json["fields"]["file"]
    assert current(ready)[0].revision == before


def test_only_the_author_and_those_who_lead_bring_transcripts(maya, ready, client_of, cast):
    url = f"/walkthroughs/{ready}/transcript"
    status = {
        name: client_of(person).post(url, data={"text": "Words"}).status_code
        for name, person in {
            "nia": cast.nia, "rival": cast.rival, "oliver": cast.oliver, "wei": cast.wei,
        }.items()
    }  # fmt: skip
    assert status == {"nia": 404, "rival": 404, "oliver": 403, "wei": 303}


def test_before_the_recording_is_read_there_is_no_place_for_words(maya, plain):
    made = maya.send_file(plain)
    answer = maya.client.post(f"/walkthroughs/{made}/transcript", data={"text": "Words"})
    assert answer.status_code == 409


def test_heard_words_get_ids_and_are_marked_as_the_engine_says(
    maya, silent, plain, run_jobs, current, monkeypatch
):
    heard = media_words.Transcript(
        "pocketsphinx", True, "en", [media_words.Word("hello", 10, 400, 0.5)]
    )
    monkeypatch.setattr("critique.walkthroughs.preparing.transcribe", lambda *_: heard)
    made = maya.send_file(plain)
    run_jobs()
    found, words = current(made)
    assert (found.engine, found.draft, found.language) == ("pocketsphinx", True, "en")
    assert [(w.id, w.text, w.confidence) for w in words] == [(1, "hello", 0.5)]
