"""Who sees what became of letters that came in: the admins of the team they were about."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import must_administer
from critique.accounts.models import Person
from critique.letters.models import IncomingLetter
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound


def parked_letter_for(person: Person, letter_id: int) -> IncomingLetter:
    """A parked letter about a team that the person administers; held until the transaction ends.

    Raises NotFound, Forbidden, and Conflict when it is not parked (any more).
    """
    letter = db.session.scalar(
        sa.select(IncomingLetter)
        .where(IncomingLetter.id == letter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if letter is None or letter.team_id is None:
        raise NotFound
    must_administer(person, letter.team_id)
    if letter.state != "parked":
        raise Conflict(
            "This letter is not waiting for you: it is being read, or was dealt with. Nothing was "
            "changed; look at the list again."
        )
    return letter
