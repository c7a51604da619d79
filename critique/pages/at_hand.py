"""What is at hand for somebody: what waits for them, their work with others, what is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.accounts.models import Person
from critique.comments.ledger import awaited_from
from critique.mentoring.queries import QueueRow, queue_for
from critique.mentoring.turns import versions_of_threads
from critique.pages.my_work import Work, work_of
from critique.pages.waiting import Waiting, waiting_of

QUEUE_SHOWN = 12


@dataclass(frozen=True)
class AtHand:
    """`waiting` soonest loss first; `work` all one's open requests, `free` what one may take."""

    waiting: Sequence[Waiting]
    work: Sequence[Work]
    free: Sequence[QueueRow]


def at_hand(person: Person, now: datetime) -> AtHand:
    """Read what is at hand for the person at `now` (UTC)."""
    work = work_of(person, now)
    rows = queue_for(person, now, size=QUEUE_SHOWN)
    mine = [row for row in rows if row.section == "mine"]
    turns = [turn for row in mine for turn in row.turns] + [i.turn for i in work if i.turn]
    versions = versions_of_threads(turns)
    return AtHand(
        waiting=waiting_of(mine, work, awaited_from(person), versions, person.id),
        work=work,
        free=[row for row in rows if row.section in ("fits", "others")],
    )
