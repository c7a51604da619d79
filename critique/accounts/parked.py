"""Letters that the mail server will not take: who sees them, and letters whose job got lost.

An admin sees to whom, why and since when, and never what a letter says: some sign people in, and
some tell of another team.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from critique.accounts.models import Membership, Person
from critique.plumbing import jobs
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.mailer import GIVE_UP_AFTER, WAITING, Letter
from critique.plumbing.repeat import enqueue_until_done

# What each kind of letter is called; one of a kind that begins like it is called the same.
KINDS = {
    "asks": "Direct ask",
    "coffee": "Coffee",
    "digest": "Morning digest",
    "invitation": "Invitation",
    "reset": "New password",
}
# A letter that should have been tried so long ago has lost its job.
LOST_AFTER = timedelta(minutes=10)
AT_ONCE = 100


def kind_words(letter: Letter) -> str:
    """What a letter is, in words."""
    beginning = letter.kind.partition("-")[0]
    return KINDS.get(letter.kind) or KINDS.get(beginning) or letter.kind.replace("-", " ").title()


def parked_letters(person: Person, team_id: int | None = None) -> sa.Select[Letter]:
    """Select the parked letters that a person sees as an admin, perhaps in one team only.

    Those of the team, and those of no team to people who are in it now.
    """
    led = sa.select(Membership.team_id).where(
        Membership.person_id == person.id,
        Membership.role == "admin",
        Membership.ended_at.is_(None),
    )
    if team_id is not None:
        led = led.where(Membership.team_id == team_id)
    members = sa.select(Membership.person_id).where(
        Membership.team_id.in_(led), Membership.ended_at.is_(None)
    )
    theirs = Letter.team_id.is_(None) & Letter.person_id.in_(members)
    return (
        sa.select(Letter)
        .where(Letter.parked_at.is_not(None), sa.or_(Letter.team_id.in_(led), theirs))
        .order_by(Letter.parked_at.desc(), Letter.id.desc())
    )


def parked_letter_for(person: Person, letter_id: int) -> Letter:
    """One parked letter that the person sees, held until the transaction ends. Raises NotFound."""
    chosen = parked_letters(person).where(Letter.id == letter_id).with_for_update(of=Letter)
    found = db.session.scalar(chosen.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(
            "This letter is not parked (any more): it was sent, dropped or is being tried again. "
            "Nothing was changed; look at the list again."
        )
    return found


def parked_count(person: Person, team_id: int) -> int:
    """How many parked letters an admin of the team has to look at."""
    chosen = parked_letters(person, team_id).order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(chosen)) or 0


def enqueue_stranded_letters(now: datetime) -> None:
    """Enqueue letters that should have been tried by now and have no job that will.

    A job that failed unforeseen must not be a letter that is never sent. Nothing where no mail
    server is configured: letters are kept then.
    """
    if current_app.extensions["critique_settings"].smtp_url is None:
        return
    due = sa.func.coalesce(Letter.next_try_at, Letter.revived_at, Letter.written_at)
    chosen = sa.select(Letter.id).where(
        sa.text(WAITING),
        due < now - LOST_AFTER,
        due > now - GIVE_UP_AFTER - LOST_AFTER,
    )
    lost = db.session.scalars(chosen.order_by(Letter.id).limit(AT_ONCE)).all()
    if not lost:
        return
    at_hand = {entry.ids[0] for entry in jobs.unfinished() if entry.name == "send_letter"}
    for letter_id in lost:
        if letter_id not in at_hand:
            key = f"letter-{letter_id}-lost"
            enqueue_until_done("send_letter", letter_id, key=key, now=now, pause=LOST_AFTER)
