"""What happens behind an upload: bad recordings, broken parts, kills, and trying again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from critique.events.models import Event
from critique.media import render
from critique.media.errors import Broken, Exhausted
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.storage import StorageFailed
from critique.plumbing.transaction import must_be_closed, transaction
from critique.walkthroughs import preparing, steps
from critique.walkthroughs.preparing import SILENT, WORK
from critique.walkthroughs.steps import HEARING, PREPARING

CANARY = "canary-in-a-file"


class Killed(BaseException):
    """kill -9, as far as Python can play it."""


def states(found):
    return {name: step.state for name, step in found.by_name.items()}


def run_both(walkthrough_id):
    jobs.registry["prepare_walkthrough"].run(walkthrough_id)
    jobs.registry["hear_walkthrough"].run(walkthrough_id)


@pytest.fixture
def broken_once(monkeypatch):
    """Let a step raise, `times` times, then work as it does."""

    def break_(name, error, times=1):
        real, left = WORK[name], [times]

        def work(task, bench):
            if left[0]:
                left[0] -= 1
                raise error
            return real(task, bench)

        monkeypatch.setitem(WORK, name, work)

    return break_


@pytest.fixture
def hostile(tmp_path: Path) -> dict[str, bytes]:
    canary = tmp_path / "canary.txt"
    canary.write_text(CANARY)
    playlist = f"#EXTM3U\n#EXTINF:1,\nfile://{canary}\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n"
    return {
        "text.mp4": b"Dear all, this is not a video.\n" * 40,
        "playlist.mp4": playlist.encode(),
        "concat.mp4": f"ffconcat version 1.0\nfile '{canary}'\n".encode(),
        "page.mp4": b"<!doctype html><script>alert(1)</script>",
        "animation.mp4": b"GIF89a" + bytes(200),
        "playlist-inside.avi": b"RIFF\x00\x10\x00\x00AVI LIST" + playlist.encode(),
        "nothing-but-a-head.mp4": b"\x00\x00\x00\x20ftypisom" + bytes(500),
    }


@pytest.mark.parametrize(
    "name",
    [
        "text.mp4", "playlist.mp4", "concat.mp4", "page.mp4", "animation.mp4",
        "playlist-inside.avi", "nothing-but-a-head.mp4",
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused_in_words_and_kept(
    maya, run_jobs, walkthrough, hostile, name
):
    made = maya.send(hostile[name], filename=name)
    run_jobs()
    after = walkthrough(made)
    assert after.state == "failed"
    assert "kept" in after.reason
    assert CANARY not in after.reason
    assert states(after) == {
        "probe": "failed", **dict.fromkeys((*PREPARING[1:], *HEARING), "skipped")
    }  # fmt: skip
    with maya.client.get(f"/walkthroughs/{made}/media/original") as kept:
        assert kept.data == hostile[name]
    assert maya.client.get(f"/walkthroughs/{made}/media/playable").status_code == 404


def test_a_truncated_recording_is_told_apart(maya, run_jobs, walkthrough, plain):
    data = plain.read_bytes()
    made = maya.send(data[: len(data) // 3], filename="cut.mp4")
    run_jobs()
    after = walkthrough(made)
    assert after.state == "failed"
    assert "cut off or damaged" in after.reason


def test_too_long_is_refused_with_the_limit(maya, run_jobs, walkthrough, endless):
    made = maya.send_file(endless)
    run_jobs()
    assert "10.0 hours" in walkthrough(made).reason


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("recorded_vp8", "video/webm", (320, 180)),
        ("recorded_vp9", "video/webm", (320, 180)),
        ("odd", "video/mp4", (320, 180)),
        ("deep", "video/mp4", (320, 180)),
        ("variable", "video/mp4", (320, 180)),
        ("rotated", "video/mp4", (180, 320)),
        ("sound_only", "audio/mp4", (None, None)),
    ],
)
def test_what_phones_and_browsers_record_becomes_playable(
    maya, run_jobs, walkthrough, request, name, kind, size
):
    made = maya.send_file(request.getfixturevalue(name))
    run_jobs()
    after = walkthrough(made)
    assert (after.state, after.playable_type) == ("ready", kind)
    assert (after.width, after.height) == size
    assert "failed" not in states(after).values()


def test_a_silent_recording_is_fine(maya, run_jobs, walkthrough, silent):
    made = maya.send_file(silent)
    run_jobs()
    after = walkthrough(made)
    assert after.state == "ready"
    assert (after.by_name["transcript"].state, after.by_name["transcript"].reason) == (
        "skipped", SILENT,
    )  # fmt: skip
    assert after.by_name["search"].state == "skipped"


def test_sound_alone_has_no_pictures(maya, run_jobs, walkthrough, sound_only):
    after = walkthrough_after(maya, run_jobs, walkthrough, sound_only)
    assert (after.by_name["poster"].state, after.by_name["sprite"].state) == ("skipped", "skipped")
    assert after.by_name["peaks"].state == "done"


def walkthrough_after(maya, run_jobs, walkthrough, path):
    made = maya.send_file(path)
    run_jobs()
    return walkthrough(made)


def test_a_step_that_may_succeed_later_is_tried_three_times(
    maya, run_jobs, walkthrough, silent, broken_once
):
    broken_once("poster", Exhausted("Out of time."), times=2)
    made = maya.send_file(silent)
    keys = run_jobs()
    after = walkthrough(made)
    assert (after.by_name["poster"].state, after.by_name["poster"].tries) == ("done", 3)
    assert after.by_name["poster"].reason is None
    assert [key for key in keys if "poster" in key] == [
        f"prepare-{made}-poster-1-2", f"prepare-{made}-poster-1-3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (Exhausted("Out of time."), 3),
        (StorageFailed("Not reachable."), 3),
        (StorageFailed("Refused.", permanent=True), 1),
        (Broken("Damaged."), 1),
    ],
)
def test_what_keeps_failing_stops_with_its_sentence_and_plays_on(
    maya, run_jobs, walkthrough, silent, broken_once, error, tries
):
    broken_once("sprite", error, times=99)
    after = walkthrough_after(maya, run_jobs, walkthrough, silent)
    step = after.by_name["sprite"]
    assert (step.state, step.tries, step.reason) == ("failed", tries, error.sentence)
    assert after.state == "ready"
    assert after.by_name["peaks"].state == "done"


def test_whatever_else_breaks_is_a_plain_sentence(
    maya, run_jobs, walkthrough, silent, broken_once, caplog
):
    broken_once("playable", ZeroDivisionError("secret detail"), times=99)
    after = walkthrough_after(maya, run_jobs, walkthrough, silent)
    assert after.state == "failed"
    assert "secret" not in after.reason
    assert "original is kept" in after.reason
    assert "secret detail" in caplog.text


def test_a_person_may_try_a_failed_step_again(maya, run_jobs, walkthrough, plain, broken_once, app):
    broken_once("playable", Broken("Damaged."))
    made = maya.send_file(plain)
    run_jobs()
    assert walkthrough(made).state == "failed"
    answer = maya.client.post(f"/walkthroughs/{made}/steps/playable/retry")
    assert answer.status_code == 303
    assert walkthrough(made).state == "processing"
    keys = run_jobs()
    assert f"prepare-{made}-playable-2-1" in keys
    after = walkthrough(made)
    assert after.state == "ready"
    assert states(after)["transcript"] == "done"
    assert after.playable_key == f"walkthroughs/{made}/playable-2-1.mp4"
    with app.app_context():
        chosen = sa.select(Event.verb).where(Event.subject != "turn").order_by(Event.id)
        verbs = db.session.scalars(chosen).all()
        assert verbs[-4:] == [
            "walkthrough.posted", "walkthrough.failed", "step.retried", "walkthrough.prepared",
        ]  # fmt: skip


def test_only_a_stopped_step_is_tried_again_and_only_by_those_who_may(
    maya, run_jobs, walkthrough, silent, broken_once, client_of, cast
):
    broken_once("poster", Broken("Damaged."))
    made = maya.send_file(silent)
    run_jobs()
    url = f"/walkthroughs/{made}/steps/poster/retry"
    assert client_of(cast.oliver).post(url).status_code == 403
    assert client_of(cast.rival).post(url).status_code == 404
    assert client_of(None).post(url).status_code in (400, 401)
    assert maya.client.post(f"/walkthroughs/{made}/steps/peaks/retry").status_code == 409
    assert maya.client.post(f"/walkthroughs/{made}/steps/none/retry").status_code == 404
    assert client_of(cast.wei).post(url).status_code == 303
    run_jobs()
    assert walkthrough(made).by_name["poster"].state == "done"


@pytest.mark.parametrize("name", [*PREPARING, *HEARING])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_step_converges(maya, walkthrough, plain, app, monkeypatch, name, when):
    """The job is begun again from its start, as the job engine does it after a kill."""
    made = maya.send_file(plain)
    real = WORK[name]

    def die(task, bench):
        if when == "after":
            real(task, bench)
        raise Killed

    with app.app_context():
        with monkeypatch.context() as patched:
            patched.setitem(WORK, name, die)
            with pytest.raises(Killed):
                run_both(made)
        assert walkthrough(made).by_name[name].state == "running"
        run_both(made)
        run_both(made)
        assert not list((app.extensions["critique_settings"].spool / "work").iterdir())
    after = walkthrough(made)
    assert after.state == "ready"
    assert set(states(after).values()) <= {"done", "skipped"}


def test_a_job_that_runs_twice_changes_nothing(maya, run_jobs, walkthrough, silent, app):
    made = maya.send_file(silent)
    run_jobs()
    before = walkthrough(made)
    with app.app_context():
        run_both(made)
        run_both(999)
    assert walkthrough(made).playable_key == before.playable_key


def test_what_is_under_way_without_a_job_is_enqueued_again(
    maya, run_jobs, walkthrough, silent, app
):
    made = maya.send_file(silent)
    with app.app_context():
        with transaction():
            steps.resume_stranded(clock.now())
        assert len(jobs.unfinished()) == 1, "its own job is behind it"
        jobs.client().cancel_workflow(f"prepare-{made}-1")
        db.session.rollback()
        for _ in range(2):
            with transaction():
                steps.resume_stranded(clock.now())
        assert [entry.key for entry in jobs.unfinished()] == [f"prepare-{made}-probe-2-1"]
    run_jobs()
    assert walkthrough(made).state == "ready"


def test_no_transaction_is_open_during_slow_work(maya, run_jobs, silent, monkeypatch, walkthrough):
    seen = []

    def watched(real):
        def run(*args, **kwargs):
            must_be_closed()
            seen.append(real)
            return real(*args, **kwargs)

        return run

    for owner, name in [
        (preparing, "probe"), (render, "playable"), (render, "poster"), (render, "sprite"),
        (render, "peaks"), (render, "voice"), (subprocess, "Popen"),
    ]:  # fmt: skip
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    made = maya.send_file(silent)
    run_jobs()
    assert walkthrough(made).state == "ready"
    assert len(seen) > 6
