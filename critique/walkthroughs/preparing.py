"""What each step does to a recording. Slow, outside every transaction, safe to do twice.

Results are stored under keys that carry the attempt, so a try never overwrites what another one
made, and what is served is always whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from critique.media import render
from critique.media.pictures import frame_hashes
from critique.media.probe import MAX_DURATION_MS, Probe, probe
from critique.media.speech.align import align
from critique.media.speech.engines import engine_for, transcribe
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.search import Passage
from critique.walkthroughs import picturing
from critique.walkthroughs.bench import Bench
from critique.walkthroughs.finding import make_findable
from critique.walkthroughs.limits import hold_reply
from critique.walkthroughs.log import is_told
from critique.walkthroughs.models import Transcript, Walkthrough
from critique.walkthroughs.steps import NO_WORDS, Outcome, Task
from critique.walkthroughs.words import numbered, passages, rows_from

SILENT = (
    "The video has no sound; the transcript stays empty. You can still pin comments to moments."
)
NO_VOICE = (
    "No voice was heard; the transcript stays empty. You can still pin comments to moments, or "
    "upload a transcript of your own."
)
NO_PICTURE = "There is sound alone, so there are no pictures to make."


def look(task: Task, bench: Bench) -> Outcome:
    """Step `probe`: find out what the recording is."""
    longest = bench.settings.max_duration_minutes * 60_000
    found = probe(bench.source(task), max_duration_ms=longest)
    if task.is_reply:
        hold_reply(found.duration_ms)
    return _done(
        container=found.container[:60],
        duration_ms=found.duration_ms,
        width=found.shown_width or None,
        height=found.shown_height or None,
        has_video=found.has_video,
        has_audio=found.has_audio,
        **_pictures(found),
    )


def make_playable(task: Task, bench: Bench) -> Outcome:
    """Step `playable`: a file every browser plays, copied where that is enough."""
    found = _probe_of(task)
    made = render.playable(bench.source(task), found, bench.folder)
    # The original's length was looked at before; what came of it may be a little longer.
    played = found if made.copied else probe(made.path, max_duration_ms=2 * MAX_DURATION_MS)
    return _done(
        playable_key=bench.keep(task, made.path, made.type),
        playable_type=made.type,
        width=made.width or None,
        height=made.height or None,
        **_pictures(_timed_as(played, found)),
    )


def _timed_as(played: Probe, found: Probe) -> Probe:
    """Take the clock of the pictures from the file that is played: encoding rounds their times."""
    names = ("frame_rate", "variable_rate", "pictures", "first_picture_ms")
    return replace(found, **{name: getattr(played, name) for name in names})


def _pictures(found: Probe) -> dict[str, object]:
    rate = found.frame_rate or (None, None)
    return {"probe": asdict(found), "rate_numerator": rate[0], "rate_denominator": rate[1]}


def make_poster(task: Task, bench: Bench) -> Outcome:
    """Step `poster`: one still picture."""
    if task.stills:
        return picturing.make_poster(task, bench)
    made = render.poster(bench.source(task), _probe_of(task), bench.folder / "poster.jpg")
    if made is None:
        return Outcome("skipped", NO_PICTURE)
    return _done(poster_key=bench.keep(task, made, "image/jpeg"))


def make_sprite(task: Task, bench: Bench) -> Outcome:
    """Step `sprite`: the sheet of small pictures and the track that points into it."""
    made = render.sprite(bench.source(task), _probe_of(task), bench.folder)
    if made is None:
        return Outcome("skipped", NO_PICTURE)
    # The track is served beside the sheet, whose address ends in `sprite`.
    text = made.vtt.read_text(encoding="utf-8").replace(made.image.name, "sprite")
    made.vtt.write_text(text, encoding="utf-8")
    return _done(
        sprite_key=bench.keep(task, made.image, "image/jpeg"),
        sprite_track_key=bench.keep(task, made.vtt, "text/vtt"),
    )


def hash_frames(task: Task, bench: Bench) -> Outcome:
    """Step `frames`: what the picture looks like twice a second, to find it in a later version."""
    hashes = frame_hashes(bench.source(task), _probe_of(task), bench.folder)
    if not hashes:
        return Outcome("skipped", NO_PICTURE)
    made = bench.folder / "frames.json"
    made.write_text(json.dumps(hashes), encoding="utf-8")
    return _done(frames_key=bench.keep(task, made, "application/json"))


def make_peaks(task: Task, bench: Bench) -> Outcome:
    """Step `peaks`: the waveform."""
    made = render.peaks(bench.source(task), _probe_of(task), bench.folder / "peaks.json")
    return _done(peaks_key=bench.keep(task, made, "application/json"))


def hear(task: Task, bench: Bench) -> Outcome:
    """Step `transcript`: words with times, heard by an engine or brought by a person."""
    found = _probe_of(task)
    wav = render.voice(bench.source(task), bench.folder / "voice.wav", found)
    if task.caption is not None:
        heard = align(wav, task.caption, found.duration_ms)
    elif wav is None:
        return Outcome("skipped", SILENT)
    else:
        heard = transcribe(wav, engine_for(bench.settings.models, bench.settings.whisper_model))
    words, next_id = numbered(heard.words, task.words, task.next_word_id)
    transcript = Transcript(
        walkthrough_id=task.walkthrough_id,
        revision=task.revision + 1,
        engine=heard.engine[:60],
        draft=heard.draft,
        language=heard.language,
        words=rows_from(words),
        next_word_id=next_id,
        made_by_id=task.caption_by_id,
        created_at=clock.now(),
    )
    return Outcome("done", None if words else NO_VOICE, apply=lambda _: db.session.add(transcript))


def index(task: Task, bench: Bench) -> Outcome:
    """Step `search`: the words can be found, passage by passage."""
    del bench
    found = [Passage(one.text, one.start_ms, one.end_ms) for one in passages(task.words)]

    def apply(walkthrough: Walkthrough) -> None:
        # What somebody recorded and has not sent yet is found by nobody.
        if not walkthrough.is_reply or is_told(walkthrough):
            make_findable(walkthrough, found)

    return Outcome("done" if found else "skipped", None if found else NO_WORDS, apply=apply)


WORK: dict[str, Callable[[Task, Bench], Outcome]] = {
    "probe": look,
    "playable": make_playable,
    "pictures": picturing.make_pictures,
    "poster": make_poster,
    "sprite": make_sprite,
    "frames": hash_frames,
    "peaks": make_peaks,
    "transcript": hear,
    "search": index,
}


def _done(**values: object) -> Outcome:
    def apply(walkthrough: Walkthrough) -> None:
        for name, value in values.items():
            setattr(walkthrough, name, value)

    return Outcome("done", apply=apply)


def _probe_of(task: Task) -> Probe:
    told: dict[str, Any] = dict(task.probe or {})
    if told.get("frame_rate") is not None:
        told["frame_rate"] = tuple(told["frame_rate"])
    return Probe(**told)
