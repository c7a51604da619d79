"""What waits for somebody on Your move: one line for each of their turns and their claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for

from critique.comments.ledger import Awaited
from critique.mentoring.models import Turn
from critique.mentoring.queries import QueueRow
from critique.mentoring.words import Move
from critique.pages.my_work import OWED, Work
from critique.reviews.deadlines import TimeLeft
from critique.reviews.models import Review

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the person: whose move, why, where one press leads.

    `thread` is the comment they were mentioned under: opening it tells that they have looked.
    """

    review: Review
    why: str
    action: str
    href: str
    left: TimeLeft | None
    move: Move
    row: QueueRow | None = None
    thread: int | None = None


def waiting_of(
    rows: Sequence[QueueRow],
    work: Sequence[Work],
    awaited: Sequence[Awaited],
    versions: Mapping[int, int | None],
    person_id: int,
) -> list[Waiting]:
    """What waits, soonest loss first; one line a request.

    `rows` are the person's own of the queue; `versions` those of the threads the turns are about.
    """
    owed = {one.review_id: one for one in awaited}
    asked = [_of_row(row, _own(row.turns, person_id), owed, versions) for row in rows]
    own = [_of_work(item, owed, versions) for item in work if item.move is not None]
    return sorted([*asked, *own], key=_loss)


def _loss(item: Waiting) -> tuple[datetime, int]:
    timed = item.row is None or item.left is not None
    return (item.review.review_by or NEVER if timed else NEVER, item.review.id)


def _own(turns: Sequence[Turn], person_id: int) -> Turn | None:
    return next((turn for turn in turns if turn.person_id == person_id), None)


def _of_row(
    row: QueueRow,
    turn: Turn | None,
    owed: Mapping[int, Awaited],
    versions: Mapping[int, int | None],
) -> Waiting:
    counts = counted(owed.get(row.review.id))
    answers = turn is not None and turn.reason in OWED and counts
    why = counts if answers else f"{row.reason} {counts}".strip()
    room, ledger = _room(row.review), url_for("pages.ledger", review_id=row.review.id)
    action, href, thread = "Open the room", room, None
    if answers:
        action, href = "Look at the answers", ledger
    elif turn is not None and turn.comment_id is not None:
        action, href = "Open the thread", _thread(row.review, turn.comment_id, versions)
        thread = turn.comment_id if turn.reason == "mentioned" else None
    return Waiting(row.review, why, action, href, row.left, row.move, row, thread)


def _of_work(
    item: Work, owed: Mapping[int, Awaited], versions: Mapping[int, int | None]
) -> Waiting:
    why = " ".join(filter(None, (item.move, counted(owed.get(item.review.id)))))
    turn = item.turn
    if turn is not None and turn.reason == "mentioned" and turn.comment_id is not None:
        href = _thread(item.review, turn.comment_id, versions)
        return Waiting(
            item.review, why, "Open the thread", href, item.left, item.whose,
            thread=turn.comment_id,
        )  # fmt: skip
    action, in_ledger = _action(item)
    href = url_for("pages.ledger", review_id=item.review.id) if in_ledger else _room(item.review)
    return Waiting(item.review, why, action, href, item.left, item.whose)


def _action(item: Work) -> tuple[str, bool]:
    """What the button says, and whether it leads to the ledger."""
    if item.newest is None:
        return "Add the walkthrough", False
    if item.newest.state == "failed":
        return "See what happened", False
    reason = item.turn.reason if item.turn else ""
    if reason in ("fell_back", "reopened"):
        return "Open the room", False
    return ("See what was said" if reason == "approved" else "Answer"), True


def counted(one: Awaited | None) -> str:
    """What somebody owes, in one sentence; nothing for nothing."""
    if one is None:
        return ""
    parts = []
    if one.to_confirm:
        parts.append(f"{_number(one.to_confirm, 'answer')} to confirm")
    if one.to_answer:
        parts.append(f"{_number(one.to_answer, 'question')} back to you")
    return f"{', '.join(parts)}."


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _room(review: Review) -> str:
    return url_for("pages.room", review_id=review.id)


def _thread(review: Review, comment_id: int, versions: Mapping[int, int | None]) -> str:
    anchor = f"comment-{comment_id}"
    version = versions.get(comment_id)
    return url_for("pages.room", review_id=review.id, v=version, _anchor=anchor)
