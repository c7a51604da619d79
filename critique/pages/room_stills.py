"""The work of a room that is pictures: which one is shown, and what is said about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from critique.comments.talk import Thread
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import still_path


@dataclass(frozen=True)
class Picture:
    """One picture as the strip shows it, sizes in pixels; without `url` it cannot be shown."""

    id: int
    number: int
    filename: str
    url: str | None
    small: str | None
    original: str
    width: int
    height: int
    comments: int


@dataclass(frozen=True)
class Pictures:
    """The pictures of a version and the one that is shown; none of a recording."""

    all: list[Picture]
    shown: Picture | None = None

    @property
    def before(self) -> Picture | None:
        """The one before the shown one that can be seen."""
        return self._beside([one for one in self._seen if one.number < self._number][-1:])

    @property
    def after(self) -> Picture | None:
        """The next one that can be seen."""
        return self._beside([one for one in self._seen if one.number > self._number][:1])

    @property
    def _seen(self) -> list[Picture]:
        return [one for one in self.all if one.url]

    @property
    def _number(self) -> int:
        return self.shown.number if self.shown else 0

    def _beside(self, found: list[Picture]) -> Picture | None:
        return found[0] if found and self.shown else None


def pictures_of(shown: Walkthrough | None, threads: Sequence[Thread]) -> Pictures:
    """The pictures of the version that is shown; `?still=` picks one by its id, else the first."""
    if shown is None or shown.kind != "stills":
        return Pictures([])
    said = Counter(thread.here_still[0] for thread in threads)
    found = [
        Picture(
            id=still.id,
            number=still.position,
            filename=still.filename,
            url=still_path(still, "picture") if still.picture_key else None,
            small=still_path(still, "small") if still.small_key else None,
            original=still_path(still, "original"),
            width=still.width or 0,
            height=still.height or 0,
            comments=said[still.id],
        )
        for still in shown.stills
    ]
    wanted = request.args.get("still", type=int)
    seen = [one for one in found if one.url]
    chosen = next((one for one in seen if one.id == wanted), seen[0] if seen else None)
    return Pictures(found, chosen)
