"""Notices in words: who did what, where it is to be read, and the words it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.activity.models import Notice
from critique.comments.models import Comment, Reply
from critique.mentoring.models import HandOff
from critique.plumbing.calendar import spoken_moment
from critique.plumbing.db import db
from critique.plumbing.wording import named
from critique.walkthroughs.models import Walkthrough

EXCERPT = 160
VERDICTS = {
    "looks_good": "it looks good",
    "another_round": "another round, please",
    "lets_talk": "let’s talk",
}
ANSWERS = {
    "done": "says your comment is done",
    "wont_do": "will not do what your comment asks, and says why",
    "unclear": "does not understand your comment yet",
    "asked": "asks you something back",
}
# Why it is somebody's turn, where nothing else was told of it; by whom, if anybody.
REASONS = {
    "requested": "{who} asks you for a review",
    "asked": "{who} asks you something",
    "handed_over": "{who} handed it over to you",
    "fell_back": "Nobody has acted for two working days, so it is your move",
}


@dataclass(frozen=True)
class Told:
    """One notice as its reader sees it.

    `words` is a sentence without its full stop that does not name the request; `excerpt` what was
    said, on one line, empty where nothing was or it was taken back. `version` and `comment_id` say
    where in the room it is.
    """

    id: int
    review_id: int
    title: str
    kind: str
    words: str
    excerpt: str
    version: int | None
    comment_id: int | None
    meeting_id: int | None
    direct: bool
    at: datetime
    seen_at: datetime | None


def told(notices: Sequence[Notice], reader: Person, now: datetime) -> list[Told]:
    """Put notices into words for their reader, in three queries however many there are."""
    comments = _comments({notice.comment_id for notice in notices if notice.comment_id})
    replies = _replies({int(n.details["reply_id"]) for n in notices if "reply_id" in n.details})
    notes = _notes({n.details["hand_off_id"] for n in notices if "hand_off_id" in n.details})
    rows = []
    for notice in notices:
        body, version = comments.get(notice.comment_id or 0, ("", None))
        if "reply_id" in notice.details:
            body = replies.get(int(notice.details["reply_id"]), "")
        if "hand_off_id" in notice.details:
            body = notes.get(notice.details["hand_off_id"], "")
        rows.append(
            Told(
                id=notice.id,
                review_id=notice.review_id,
                title=notice.review.title,
                kind=notice.kind,
                words=words_of(notice, reader, now),
                excerpt=named(body, EXCERPT) if notice.kind in SAYING else "",
                version=version or notice.details.get("version"),
                comment_id=notice.comment_id,
                meeting_id=notice.details.get("meeting_id"),
                direct=notice.direct and notice.settled_at is None,
                at=notice.at,
                seen_at=notice.seen_at,
            )
        )
    return rows


# Kinds whose notice quotes what was said.
SAYING = frozenset({"commented", "replied", "mentioned", "answered", "handed_over"})


def words_of(notice: Notice, reader: Person, now: datetime) -> str:
    """What happened, as a sentence without its full stop."""
    composed = COMPOSED.get(notice.kind)
    if composed is not None:
        return composed(notice, reader, now)
    return f"{named((notice.actor or notice.review.author).name)} {DEEDS[notice.kind]}"


DEEDS = {
    "commented": "commented",
    "replied": "replied",
    "mentioned": "mentioned you",
    "confirmed": "confirmed your answer",
    "unconfirmed": "took the yes to your answer back",
    "taken_up": "took a comment up again that you had answered",
    "closed": "closed it",
    "reopened": "opened it again",
    "handed_over": "hands it over to you",
    "taken": "took it over from you",
}


def _version(notice: Notice, _reader: Person, _now: datetime) -> str:
    who = named(notice.review.author.name)
    return f"{who} posted version {notice.details.get('version', '')}".rstrip()


def _stopped(notice: Notice, _reader: Person, _now: datetime) -> str:
    return f"Version {notice.details.get('version', '')} cannot be played; the room says why"


def _verdict(notice: Notice, _reader: Person, _now: datetime) -> str:
    who = named((notice.actor or notice.review.author).name)
    said = VERDICTS.get(str(notice.details.get("verdict")), "it is looked at")
    count = notice.details.get("comments")
    many = f", with {count} {'comment' if count == 1 else 'comments'}" if count else ""
    return f"{who} sent a review: {said}{many}"


def _answered(notice: Notice, _reader: Person, _now: datetime) -> str:
    who = named((notice.actor or notice.review.author).name)
    return f"{who} {ANSWERS.get(str(notice.details.get('how')), ANSWERS['done'])}"


def _extended(notice: Notice, reader: Person, now: datetime) -> str:
    who = named((notice.actor or notice.review.author).name)
    until = notice.review.review_by
    return f"{who} moved the deadline" + (f" to {_near(until, reader, now)}" if until else "")


def _turn(notice: Notice, _reader: Person, _now: datetime) -> str:
    said = REASONS.get(str(notice.details.get("reason")), "It is your move")
    return said.format(who=named((notice.actor or notice.review.author).name))


def _meeting(notice: Notice, _reader: Person, _now: datetime) -> str:
    said = MEETINGS.get(str(notice.details.get("how")), MEETINGS["cancelled"])
    return said.format(who=named(notice.actor.name) if notice.actor else "Somebody")


MEETINGS = {
    "moved": "{who} moved your session about it; accept the new time",
    "joined": "{who} asks you to a session about it",
    "cancelled": "{who} cannot come to your session about it",
}


def _lapsing(notice: Notice, reader: Person, now: datetime) -> str:
    until = datetime.fromisoformat(str(notice.details["until"]))
    return f"Your claim ends at {_near(until, reader, now)}, and nothing renewed it"


def _offered(_notice: Notice, _reader: Person, _now: datetime) -> str:
    return "It is offered to you, because you are there sooner than who has it"


def _reminder(notice: Notice, _reader: Person, _now: datetime) -> str:
    if notice.details.get("kind") == "lead":
        late = late_one(notice)
        return f"{late} has not answered in time" if late else "Nobody has answered in time"
    return REMINDERS.get(str(notice.details.get("kind")), "A reminder: this still waits for you")


REMINDERS = {
    "half": "Half of your time for it is gone",
    "near": "Its time is nearly over",
}


def late_one(notice: Notice) -> str:
    """Whose move it is that a lead is told of; "" where nobody in particular had it."""
    if notice.details.get("of_id") is None:
        return ""
    late = db.session.get(Person, notice.details.get("of_id"))
    return named(late.name) if late is not None else "Somebody"


COMPOSED: dict[str, Callable[[Notice, Person, datetime], str]] = {
    "version": _version,
    "stopped": _stopped,
    "verdict": _verdict,
    "answered": _answered,
    "extended": _extended,
    "turn": _turn,
    "meeting": _meeting,
    "lapsing": _lapsing,
    "offered": _offered,
    "reminder": _reminder,
}


def _near(moment: datetime, reader: Person, now: datetime) -> str:
    return spoken_moment(moment, reader.zone, now).removeprefix("today ")


def _comments(ids: set[int]) -> dict[int, tuple[str, int | None]]:
    """Bodies and versions by comment id."""
    if not ids:
        return {}
    rows = db.session.execute(
        sa.select(Comment.id, Comment.body, Walkthrough.version)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(Comment.id.in_(ids))
    )
    return {row.id: (row.body, row.version) for row in rows}


def _replies(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = db.session.execute(sa.select(Reply.id, Reply.body).where(Reply.id.in_(ids)))
    return {row.id: row.body for row in rows}


def _notes(ids: set[int]) -> dict[int, str]:
    """What was said with what was handed over."""
    if not ids:
        return {}
    rows = db.session.execute(sa.select(HandOff.id, HandOff.note).where(HandOff.id.in_(ids)))
    return {row.id: row.note for row in rows}
