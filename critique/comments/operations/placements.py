"""Where comments lie in versions other than their own: computed, or put right by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments import access
from critique.comments.anchors import BadAnchor, stretch
from critique.comments.models import Comment, Placement
from critique.comments.takes.placing import Placed
from critique.comments.threads import hold, hold_open, record
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound
from critique.walkthroughs.models import Walkthrough

BY_A_PERSON = "by hand"


@dataclass(frozen=True)
class Found:
    """Where one comment was found in a version; `still_id` where that version is stills."""

    placed: Placed
    still_id: int | None = None


def save_placements(*, walkthrough: Walkthrough, found: Mapping[int, Found]) -> int:
    """Keep where comments (by id) lie in a version; what a person put somewhere stays there.

    Gives how many changed; one event tells of all of them, none when nothing did.
    """
    hold(walkthrough.review)
    known = {
        row.comment_id: row
        for row in db.session.scalars(
            sa.select(Placement).where(Placement.walkthrough_id == walkthrough.id)
        )
    }
    changed = [
        comment_id
        for comment_id, place in found.items()
        if _keep(known.get(comment_id), comment_id, walkthrough.id, place)
    ]
    if changed:
        db.session.flush()
        _tell(walkthrough, changed)
    return len(changed)


def _keep(row: Placement | None, comment_id: int, walkthrough_id: int, place: Found) -> bool:
    values = {
        "state": place.placed.state,
        "start_ms": place.placed.start_ms,
        "end_ms": place.placed.end_ms,
        "still_id": place.still_id,
        "confidence": round(place.placed.confidence, 3),
        "how": place.placed.how,
    }
    if row is None:
        row = Placement(comment_id=comment_id, walkthrough_id=walkthrough_id, at=clock.now())
        db.session.add(row)
    elif row.by_id is not None or all(getattr(row, k) == v for k, v in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.at = clock.now()
    return True


def _tell(walkthrough: Walkthrough, changed: Sequence[int]) -> None:
    record_event(
        "placements.computed",
        by_id=None,
        subject="placement",
        subject_id=walkthrough.id,
        team_id=walkthrough.review.team_id,
        review_id=walkthrough.review_id,
        details={"version": walkthrough.version, "comments": len(changed)},
    )


def put_placement(
    *,
    by: Person,
    comment: Comment,
    walkthrough: Walkthrough,
    start_ms: int | None,
    end_ms: int | None = None,
) -> Placement:
    """Say where a comment lies in another version (ms), or, with no start, that it is gone there.

    From then on only a person moves it. Raises Forbidden, Invalid, NotFound for a version of
    another request, Conflict when the request is closed.
    """
    access.must_resolve(by, comment, comment.walkthrough.review)
    hold_open(comment)
    if walkthrough.review_id != comment.walkthrough.review_id or walkthrough.version is None:
        raise NotFound
    if walkthrough.version <= (comment.walkthrough.version or 0):
        raise Invalid(
            "A comment goes along to later versions only; on its own it stays where it was made. "
            "Nothing was moved.",
            fields={"walkthrough": "Choose a later version."},
        )
    start, end = _stretch(comment, walkthrough, start_ms, end_ms)
    row = _placement(comment.id, walkthrough.id)
    before = None if row.id is None else _state_of(row)
    row.state = "removed" if start is None else "moved"
    row.start_ms, row.end_ms, row.still_id = start, end, None
    row.confidence, row.how, row.by_id, row.at = 1.0, BY_A_PERSON, by.id, clock.now()
    db.session.add(row)
    db.session.flush()
    record(
        "comment.placed",
        by,
        comment,
        before=before,
        after=_state_of(row),
        version_id=walkthrough.id,
    )
    return row


def _placement(comment_id: int, walkthrough_id: int) -> Placement:
    found = db.session.scalar(
        sa.select(Placement).where(
            Placement.comment_id == comment_id, Placement.walkthrough_id == walkthrough_id
        )
    )
    return found or Placement(comment_id=comment_id, walkthrough_id=walkthrough_id)


def _stretch(
    comment: Comment, walkthrough: Walkthrough, start_ms: int | None, end_ms: int | None
) -> tuple[int | None, int | None]:
    if start_ms is None:
        return None, None
    length = comment.end_ms - comment.start_ms
    wanted = start_ms + length if end_ms is None else end_ms
    duration = walkthrough.duration_ms
    if end_ms is None and duration is not None:
        wanted = max(start_ms, min(wanted, duration))
    try:
        return stretch(start_ms, wanted, duration)
    except BadAnchor as wrong:
        sentence = "Nothing was moved. Look at the marked fields."
        raise Invalid(sentence, fields={wrong.field: str(wrong)}) from None


def _state_of(row: Placement) -> dict[str, int | str | None]:
    return {"state": row.state, "start_ms": row.start_ms, "end_ms": row.end_ms}
