"""Whose move it is, as the API says it: the explicit set, and the sentence pages and mails say."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from critique.accounts.models import Person
from critique.api.person_shape import PersonShape
from critique.mentoring.models import Turn
from critique.mentoring.words import as_sentence, why_of


class TurnShape(BaseModel):
    """Whose move it is, why and since when; one with `until` ends by the clock.

    `reason` is a word for programs, `why` a sentence to the caller; `comment_id` is the thread it
    is about, `by` who caused it (null: Critique itself).
    """

    person: PersonShape
    reason: str
    why: str
    since: datetime
    until: datetime | None
    by: PersonShape | None
    comment_id: int | None

    @classmethod
    def of(cls, turn: Turn, viewer: Person) -> TurnShape:
        """From a record with its people loaded."""
        return cls(
            person=PersonShape.of(turn.person),
            reason=turn.reason,
            why=as_sentence(why_of(turn, viewer)),
            since=turn.since,
            until=turn.until,
            by=PersonShape.of(turn.by) if turn.by else None,
            comment_id=turn.comment_id,
        )
