"""The steps of a walkthrough that is pictures. Slow, outside transactions, safe to repeat."""

from __future__ import annotations

from typing import Any

from critique.media import stills
from critique.media.errors import MediaError
from critique.plumbing.storage import StorageFailed
from critique.walkthroughs.bench import Bench
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.steps import Outcome, Pictured, Task


def make_pictures(task: Task, bench: Bench) -> Outcome:
    """Step `pictures`: read each one that was not read yet, and write it anew.

    One that cannot be read leaves the others be: they are shown, and the step says which.
    """
    made: dict[int, dict[str, Any]] = {}
    failed: list[tuple[Pictured, MediaError | StorageFailed]] = []
    for still in task.stills:
        if still.picture_key is not None:
            continue
        try:
            made[still.id] = _read(still, task, bench)
        except (MediaError, StorageFailed) as failure:
            failed.append((still, failure))

    def apply(walkthrough: Walkthrough) -> None:
        for one in walkthrough.stills:
            for name, value in made.get(one.id, {}).items():
                setattr(one, name, value)
        first = next((one for one in walkthrough.stills if one.picture_key), None)
        if first is not None:
            walkthrough.width, walkthrough.height = first.width, first.height

    if not failed:
        return Outcome("done", apply=apply)
    alone = len(task.stills) == 1
    reason = " ".join(
        failure.sentence if alone else f"Picture {still.position}: {failure.sentence}"
        for still, failure in failed
    )
    transient = any(not failure.permanent for _, failure in failed)
    return Outcome("failed", reason, transient=transient, apply=apply)


def make_poster(task: Task, bench: Bench) -> Outcome:
    """Step `poster` of pictures: the first one, small."""
    key = next(still.picture_key for still in task.stills if still.picture_key)
    made = stills.poster(bench.file(key), bench.folder / "poster.jpg")
    poster_key = bench.keep(task, made, "image/jpeg")

    def apply(walkthrough: Walkthrough) -> None:
        walkthrough.poster_key = poster_key

    return Outcome("done", apply=apply)


def _read(still: Pictured, task: Task, bench: Bench) -> dict[str, Any]:
    name = f"still-{still.position}"
    found = stills.picture(bench.file(still.original_key), bench.folder, name)
    return {
        "picture_key": bench.keep(task, found.path, found.type),
        "picture_type": found.type,
        "small_key": bench.keep(task, found.small, "image/jpeg"),
        "width": found.width,
        "height": found.height,
        "hash": found.hash,
    }
