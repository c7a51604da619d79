"""Who hears of which event, and how directly: one table, a row for each verb.

A person is told once of an event, by the first row that names them; never of what they did
themselves, and only while they may see the request (`operations` sees to both).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.activity.mornings import next_morning
from critique.activity.queries import wishes_of
from critique.activity.reach import calendar_of
from critique.comments.models import Comment, Mention, Reply, Resolution, Verdict
from critique.events.models import Event
from critique.mentoring.models import Claim
from critique.plumbing.db import db
from critique.reviews.models import Review, Reviewer
from critique.walkthroughs.models import Walkthrough

# Reasons of a turn that are told: somebody asks this person for something, or nobody acted. For the
# others the event that gave the turn has a row of its own; so have mentions.
ASKING_REASONS = frozenset({"requested", "asked", "handed_over"})
TOLD_REASONS = ASKING_REASONS | {"fell_back"}


def never(_event: Event) -> bool:
    """News: it waits for the morning."""
    return False


def always(_event: Event) -> bool:
    """Somebody asks this person for something."""
    return True


def by_reason(event: Event) -> bool:
    """A turn is a direct ask or not by its reason."""
    return event.details.get("reason") in ASKING_REASONS


def by_answer(event: Event) -> bool:
    """An answer to a comment that is a question back asks whoever wrote the comment."""
    return event.details.get("how") == "asked"


def before_next_morning(event: Event) -> bool:
    """A reminder waits for the digest, unless the deadline falls before their next morning."""
    person = db.session.get(Person, event.details.get("person_id"))
    chosen = sa.select(Review.review_by).where(Review.id == event.review_id)
    deadline = db.session.scalar(chosen)
    if person is None or deadline is None:
        return False
    coming = next_morning(calendar_of(person, wishes_of(person.id)), event.at)
    return coming is None or deadline <= coming


@dataclass(frozen=True)
class Rule:
    """One row: who hears of it (ids), as which kind of notice, and whether they are asked."""

    kind: str
    who: Callable[[Event], Iterable[int | None]]
    direct: Callable[[Event], bool] = never
    # The same occasion is told once, however many events speak of it.
    occasion: Callable[[Event], str] = lambda event: f"event-{event.id}"


def author(event: Event) -> Iterable[int | None]:
    """Who asked for the review."""
    return [db.session.scalar(sa.select(Review.author_id).where(Review.id == event.review_id))]


def asked(event: Event) -> Iterable[int]:
    """Who was asked by name."""
    return _ids(sa.select(Reviewer.person_id).where(Reviewer.review_id == event.review_id))


def looking(event: Event) -> Iterable[int]:
    """Who was asked, claimed it, commented on any of its versions or gave a verdict."""
    said = sa.select(Comment.author_id).join(Walkthrough).where(
        Walkthrough.review_id == event.review_id, Comment.removed_at.is_(None)
    )  # fmt: skip
    holds = sa.select(Claim.person_id).where(
        Claim.review_id == event.review_id, Claim.until > event.at
    )
    judged = sa.select(Verdict.by_id).where(Verdict.review_id == event.review_id)
    return {*asked(event), *_ids(said), *_ids(holds), *_ids(judged)}


def involved(event: Event) -> Iterable[int | None]:
    """Who asked, and everybody who looks at it."""
    return {*author(event), *looking(event)}


def looking_again(event: Event) -> Iterable[int]:
    """Who looks at it, from the second version on."""
    return looking(event) if (version_of(event) or 0) > 1 else ()


def uploader(event: Event) -> Iterable[int | None]:
    """Who posted the version; nobody for a recorded reply."""
    row = db.session.get(Walkthrough, event.subject_id)
    return [row.uploaded_by_id] if row is not None and row.version is not None else ()


def mentioned(event: Event) -> Iterable[int]:
    """Who is named in the comment or in the reply."""
    if event.subject == "reply":
        return _ids(sa.select(Mention.person_id).where(Mention.reply_id == event.subject_id))
    return _ids(
        sa.select(Mention.person_id).where(
            Mention.comment_id == event.subject_id, Mention.reply_id.is_(None)
        )
    )


def author_unless_sent_together(event: Event) -> Iterable[int | None]:
    """The author; comments that came with a verdict are told by the verdict."""
    sent = sa.select(Comment.verdict_id).where(Comment.id == event.subject_id)
    return author(event) if db.session.scalar(sent) is None else ()


def commenter(event: Event) -> Iterable[int | None]:
    """Who wrote the comment that the event is about."""
    chosen = sa.select(Comment.author_id).where(Comment.id == event.details.get("comment_id"))
    return [db.session.scalar(chosen)]


def in_thread(event: Event) -> Iterable[int | None]:
    """Who spoke in the thread before, and who asked for the review."""
    replied = sa.select(Reply.author_id).where(
        Reply.comment_id == event.details.get("comment_id"), Reply.removed_at.is_(None)
    )
    return {*commenter(event), *_ids(replied), *author(event)}


def answerer(event: Event) -> Iterable[int | None]:
    """Who said what was done about the comment."""
    chosen = sa.select(Resolution.by_id).where(Resolution.id == event.details.get("resolution_id"))
    return [db.session.scalar(chosen)]


def named_person(event: Event) -> Iterable[int | None]:
    """The person the event itself names."""
    return [event.details.get("person_id")]


def others_who_come(event: Event) -> Iterable[int]:
    """Who comes to the meeting that the event is about."""
    return list(event.details.get("people", ()))


def taker(event: Event) -> Iterable[int | None]:
    """Whose turn it is, where the turn is told."""
    return named_person(event) if event.details.get("reason") in TOLD_REASONS else ()


def _mention(event: Event) -> str:
    return f"mention-{event.subject}-{event.subject_id}"


def _meeting(event: Event) -> str:
    return f"meeting-{event.subject_id}-{event.details.get('sequence')}"


_MENTIONED = Rule("mentioned", mentioned, always, _mention)

RULES: dict[str, tuple[Rule, ...]] = {
    "walkthrough.posted": (Rule("version", looking_again),),
    "walkthrough.failed": (Rule("stopped", uploader),),
    "comment.added": (_MENTIONED, Rule("commented", author_unless_sent_together)),
    "comment.edited": (_MENTIONED,),
    "reply.added": (_MENTIONED, Rule("replied", in_thread)),
    "reply.edited": (_MENTIONED,),
    "comment.resolved": (Rule("answered", commenter, by_answer),),
    "comment.confirmed": (Rule("confirmed", answerer),),
    "comment.confirmation_withdrawn": (Rule("unconfirmed", answerer),),
    "comment.reopened": (Rule("taken_up", answerer),),
    "verdict.given": (Rule("verdict", author),),
    "review.extended": (Rule("extended", looking),),
    "review.closed": (Rule("closed", involved),),
    "review.reopened": (Rule("reopened", involved),),
    "turn.given": (Rule("turn", taker, by_reason),),
    "turn.changed": (Rule("turn", taker, by_reason),),
    "handoff.offered": (Rule("offered", named_person, always),),
    "handoff.taken": (Rule("taken", named_person),),
    "claim.handed_over": (Rule("handed_over", named_person, always),),
    # Of a session about a request; each has had its own mail, with the entry for the calendar.
    "meeting.moved": (Rule("meeting", others_who_come, always, _meeting),),
    "meeting.cancelled": (Rule("meeting", others_who_come, always, _meeting),),
    "meeting.person_added": (Rule("meeting", named_person, always, _meeting),),
    "meeting.partner_swapped": (Rule("meeting", named_person, always, _meeting),),
    "reminder.given": (Rule("reminder", named_person, before_next_morning),),
}


def version_of(event: Event) -> int | None:
    """The number of the version that an event is about; None for a recorded reply."""
    row = db.session.get(Walkthrough, event.subject_id)
    return row.version if row is not None else None


def _ids(chosen: sa.Select[Any]) -> set[int]:
    return set(db.session.scalars(chosen))
