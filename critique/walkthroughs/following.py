"""How a walkthrough is coming along, in words."""

from __future__ import annotations

from dataclasses import dataclass

from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import is_under_way, upload_of

NAMES = {
    "pictures": "Read the pictures",
    "probe": "Look at the recording",
    "playable": "Make it playable",
    "poster": "Still picture",
    "sprite": "Pictures for the timeline",
    "peaks": "Waveform",
    "frames": "Pictures to find again",
    "transcript": "Transcript",
    "search": "Findable words",
}


@dataclass(frozen=True)
class Line:
    """One step as the page shows it; `failed` ones may be tried again."""

    name: str
    title: str
    state: str
    reason: str | None


@dataclass(frozen=True)
class Progress:
    """`percent` of the bytes here while it is uploading; `under_way` asks the page to come back.

    `sentence` is shown; `spoken` is the same for screen readers, without the figure that ticks.
    """

    state: str
    sentence: str
    spoken: str
    percent: int
    under_way: bool
    lines: list[Line]


def progress_of(walkthrough: Walkthrough) -> Progress:
    """How it stands now."""
    percent = 100
    if walkthrough.state == "uploading":
        upload = upload_of(walkthrough.id)
        percent = upload.received * 100 // upload.length if upload else 0
    lines = [
        Line(step.name, NAMES[step.name], step.state, step.reason) for step in walkthrough.steps
    ]
    if walkthrough.removed_at is not None:
        sentence = f"Version {walkthrough.version} was removed. What was said about it is kept."
    elif walkthrough.kind == "stills":
        sentence = _sentence_of_pictures(walkthrough, lines)
    else:
        sentence = _sentence(walkthrough, percent, lines)
    return Progress(
        walkthrough.state,
        sentence,
        sentence.partition(":")[0] if walkthrough.state == "uploading" else sentence,
        percent,
        is_under_way(walkthrough),
        lines,
    )


def _sentence(walkthrough: Walkthrough, percent: int, lines: list[Line]) -> str:
    version = f"Version {walkthrough.version}"
    match walkthrough.state:
        case "uploading":
            return f"{version} is being uploaded: {percent} % is here."
        case "processing":
            return f"{version} is here whole and safe; it is being made playable."
        case "failed":
            return f"{version} cannot be played. {walkthrough.reason or ''}".strip()
    left = [line.title.lower() for line in lines if line.state in ("waiting", "running")]
    stopped = [line.title.lower() for line in lines if line.state == "failed"]
    if left:
        return f"{version} plays. Still on its way: {', '.join(left)}."
    if stopped:
        return f"{version} plays. Stopped: {', '.join(stopped)}."
    return f"{version} is ready."


def _sentence_of_pictures(walkthrough: Walkthrough, lines: list[Line]) -> str:
    version = f"Version {walkthrough.version}"
    if walkthrough.state == "failed":
        return f"{version} cannot be shown. {walkthrough.reason or ''}".strip()
    if walkthrough.state == "processing":
        return f"{version} is here whole and safe; its pictures are being read."
    count = len(walkthrough.stills)
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    shown = sum(1 for still in walkthrough.stills if still.picture_key)
    if any(line.state in ("waiting", "running") for line in lines):
        return f"{version} is {pictures}; {shown} of them can be seen by now."
    if shown < count:
        return f"{version} is {pictures}; {shown} of them can be seen. The others stopped."
    return f"{version} is {pictures}, ready."
