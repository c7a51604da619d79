"""The line of steps behind a walkthrough: begun, settled, tried again; all inside transactions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from critique.media.speech.captions import Captions, Cue
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.walkthroughs.log import is_told, record
from critique.walkthroughs.models import Caption, Step, Walkthrough
from critique.walkthroughs.queries import UNDER_WAY, transcript_of
from critique.walkthroughs.words import Word, words_from

PREPARING = ("probe", "playable", "poster", "sprite", "peaks", "frames")
PICTURING = ("pictures",)
HEARING = ("transcript", "search")
# Without these nothing can be watched; the rest only makes watching nicer.
NEEDED = ("probe", "playable", "pictures")
# New words or pictures change where the comments of other versions lie.
CARRYING = ("frames", "transcript")
# What a thread shows of a recorded reply beside its being playable.
TOLD = ("poster", "transcript")
MOST_TRIES = 3

NOT_PLAYABLE = "This begins once the recording can be played."
NOT_SHOWABLE = "This begins once a picture can be shown."
NO_WORDS = "There are no words to be found."


@dataclass(frozen=True)
class Pictured:
    """One picture of a walkthrough, as a step finds it."""

    id: int
    position: int
    original_key: str
    picture_key: str | None


@dataclass(frozen=True)
class Task:
    """One try of one step: which, and the facts its work needs, read before the work begins."""

    walkthrough_id: int
    name: str
    attempt: int
    tries: int
    original_key: str
    probe: dict[str, object] | None
    words: list[Word] = field(default_factory=list)
    revision: int = 0
    next_word_id: int = 1
    caption: Captions | None = None
    caption_by_id: int | None = None
    stills: list[Pictured] = field(default_factory=list)
    is_reply: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a try ended. `apply` writes its results, inside the transaction that settles the step."""

    state: str
    reason: str | None = None
    transient: bool = False
    apply: Callable[[Walkthrough], None] | None = None


def begin_step(walkthrough_id: int, name: str) -> Task | None:
    """Mark a step as running and read what it needs; None when it is not its turn.

    A step that is `running` already was left by a killed worker, so it begins again; as another
    try, so that a worker that was only taken for dead cannot settle it any more.
    """
    walkthrough = db.session.get(Walkthrough, walkthrough_id)
    if walkthrough is None or walkthrough.original_key is None:
        return None
    step = next((one for one in walkthrough.steps if one.name == name), None)
    if step is None or step.state not in UNDER_WAY or walkthrough.removed_at is not None:
        return None
    if step.state == "running":
        step.tries += 1
    step.state, step.started_at, step.finished_at = "running", clock.now(), None
    transcript = transcript_of(walkthrough_id) if name in HEARING else None
    caption = newest_caption(walkthrough_id) if name == "transcript" else None
    return Task(
        walkthrough_id=walkthrough_id,
        name=name,
        attempt=step.attempt,
        tries=step.tries,
        original_key=walkthrough.original_key,
        probe=walkthrough.probe,
        words=words_from(transcript.words) if transcript else [],
        revision=transcript.revision if transcript else 0,
        next_word_id=transcript.next_word_id if transcript else 1,
        caption=_captions_of(caption) if caption else None,
        caption_by_id=caption.by_id if caption else None,
        stills=[
            Pictured(still.id, still.position, still.original_key, still.picture_key)
            for still in walkthrough.stills
        ],
        is_reply=walkthrough.is_reply,
    )


def settle_step(task: Task, outcome: Outcome) -> bool:
    """Write how a try ended; False when the steps after it cannot go on.

    A result that comes after the step was begun anew, or its version removed, is thrown away.
    """
    walkthrough = hold_version(task.walkthrough_id)
    if walkthrough is None or walkthrough.removed_at is not None:
        return False
    step = _step(walkthrough, task.name)
    if (step.attempt, step.tries) != (task.attempt, task.tries):
        return False
    if outcome.apply is not None:
        outcome.apply(walkthrough)
    if outcome.state == "failed" and outcome.transient and step.tries < MOST_TRIES:
        return _try_again(walkthrough, step, outcome)
    step.state, step.reason, step.finished_at = outcome.state, outcome.reason, clock.now()
    if task.name in TOLD and is_told(walkthrough):
        _record(f"{task.name}.settled", walkthrough, step)
    if task.name in CARRYING and not walkthrough.is_reply:
        # Comments lie above this slice, which therefore names their job instead of importing it.
        key = f"place-{walkthrough.id}-{step.name}-{step.attempt}-{step.tries}"
        jobs.enqueue("place_comments", walkthrough.id, key=key)
    if task.name in PICTURING:
        return _pictures_settled(task, walkthrough, step)
    if outcome.state == "failed":
        return _stopped(walkthrough, step)
    if task.name == "playable":
        _playable_now(walkthrough)
    return True


def hold_version(walkthrough_id: int | None) -> Walkthrough | None:
    """Read a walkthrough anew and lock its row until the transaction ends (SQLite locks all)."""
    if walkthrough_id is None:
        return None
    return db.session.get(Walkthrough, walkthrough_id, with_for_update={"key_share": True})


def take_in_picture(walkthrough: Walkthrough) -> None:
    """See to it that a picture which joined is read. The walkthrough's row must be held.

    A try that runs at the moment settles later and sees the newcomer then.
    """
    step = _step(walkthrough, "pictures")
    if step.state not in UNDER_WAY:
        step.attempt, step.tries, step.state, step.reason = step.attempt + 1, 1, "waiting", None
        enqueue_step(walkthrough.id, step)
    if walkthrough.state == "failed":
        walkthrough.state, walkthrough.reason = "processing", None


def restart(walkthrough: Walkthrough, step: Step) -> None:
    """Put a step, and what was skipped for its sake, back into the line as a new attempt."""
    step.attempt += 1
    step.tries = 1
    for one in walkthrough.steps:
        if one is step or _follows(one, step):
            one.state, one.reason = "waiting", None
            one.started_at = one.finished_at = None
    if step.name in NEEDED and walkthrough.state != "ready":
        walkthrough.state, walkthrough.reason = "processing", None
    enqueue_step(walkthrough.id, step)


def enqueue_step(walkthrough_id: int, step: Step) -> None:
    """Enqueue the job that runs this step and those after it on its queue."""
    verb = "hear" if step.name in HEARING else "prepare"
    key = f"{verb}-{walkthrough_id}-{step.name}-{step.attempt}-{step.tries}"
    jobs.enqueue(f"{verb}_walkthrough", walkthrough_id, key=key)


def newest_caption(walkthrough_id: int) -> Caption | None:
    """The transcript a person brought last."""
    return db.session.scalar(
        sa.select(Caption)
        .where(Caption.walkthrough_id == walkthrough_id)
        .order_by(Caption.id.desc())
        .limit(1)
    )


def resume_stranded(now: datetime) -> None:
    """Enqueue again what is under way with no job behind it (its worker met a broken database)."""
    stranded = db.session.scalars(
        sa.select(Step)
        .where(Step.state.in_(UNDER_WAY), Walkthrough.state.in_(("processing", "ready")))
        .join(Walkthrough, Walkthrough.id == Step.walkthrough_id)
        .order_by(Step.walkthrough_id, Step.position)
    ).all()
    if not stranded:
        return
    working = {(entry.name, entry.ids[0]) for entry in jobs.unfinished() if len(entry.ids) == 1}
    for step in stranded:
        name = "hear_walkthrough" if step.name in HEARING else "prepare_walkthrough"
        waits_for_playable = step.name in HEARING and any(
            other.walkthrough_id == step.walkthrough_id and other.name in NEEDED
            for other in stranded
        )
        if (name, step.walkthrough_id) in working or waits_for_playable:
            continue
        working.add((name, step.walkthrough_id))
        step.attempt, step.tries, step.started_at = step.attempt + 1, 1, now
        enqueue_step(step.walkthrough_id, step)


def _follows(one: Step, step: Step) -> bool:
    """Whether `one` must be done again once `step` is."""
    if step.name in NEEDED:
        return one.position > step.position and one.state == "skipped"
    return step.name == "transcript" and one.name == "search"


def _captions_of(row: Caption) -> Captions:
    return Captions([Cue(**cue) for cue in row.cues], row.text)


def _step(walkthrough: Walkthrough, name: str) -> Step:
    return next(step for step in walkthrough.steps if step.name == name)


def _try_again(walkthrough: Walkthrough, step: Step, outcome: Outcome) -> bool:
    step.tries += 1
    step.state, step.finished_at = "waiting", clock.now()
    step.reason = f"{outcome.reason} Trying again by itself ({step.tries} of {MOST_TRIES})."
    enqueue_step(walkthrough.id, step)
    return step.name not in (*NEEDED, "transcript")


def _pictures_settled(task: Task, walkthrough: Walkthrough, step: Step) -> bool:
    """Show what can be shown; go round again when pictures joined while these were read."""
    shown = any(still.picture_key for still in walkthrough.stills)
    if shown and walkthrough.state != "ready":
        walkthrough.state, walkthrough.reason = "ready", None
        for later in walkthrough.steps:
            if later.state == "skipped":
                later.state, later.reason = "waiting", None
        _record("walkthrough.prepared", walkthrough, step)
    known = {still.id for still in task.stills}
    if any(still.id not in known for still in walkthrough.stills):
        take_in_picture(walkthrough)
    elif not shown:
        return _stopped(walkthrough, step)
    return shown


def _stopped(walkthrough: Walkthrough, step: Step) -> bool:
    if step.name in NEEDED:
        walkthrough.state, walkthrough.reason = "failed", step.reason
        _skip_after(walkthrough, step, NOT_SHOWABLE if step.name in PICTURING else NOT_PLAYABLE)
        _record("walkthrough.failed", walkthrough, step)
        return False
    if step.name == "transcript":
        _skip_after(walkthrough, step, NO_WORDS)
        return False
    return True


def _skip_after(walkthrough: Walkthrough, step: Step, reason: str) -> None:
    for later in walkthrough.steps:
        if later.position > step.position and later.state in UNDER_WAY:
            later.state, later.reason, later.finished_at = "skipped", reason, clock.now()


def _playable_now(walkthrough: Walkthrough) -> None:
    walkthrough.state, walkthrough.reason = "ready", None
    step = _step(walkthrough, "transcript")
    _record("walkthrough.prepared", walkthrough, _step(walkthrough, "playable"))
    if step.state == "waiting":
        enqueue_step(walkthrough.id, step)


def _record(verb: str, walkthrough: Walkthrough, step: Step) -> None:
    record(verb, None, walkthrough, details={"step": step.name, "attempt": step.attempt})
