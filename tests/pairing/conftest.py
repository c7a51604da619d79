"""What the tests of this slice share: a Monday morning, rounds, letters as clients read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
import time_machine
from icalendar import Calendar, Event

from critique.accounts.models import Person
from critique.pairing.groups.queries import whole_team
from critique.pairing.jobs import draw_week, tell_round
from critique.pairing.models import Meeting, Round
from critique.pairing.queries import round_of
from critique.plumbing.db import db
from critique.plumbing.delivery import as_message
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import snapshot
from critique.web.app import settings as app_settings

WEEK, NEXT_WEEK = "2026-W48", "2026-W49"
# Monday 07:05 in London, the zone of the team.
MONDAY = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


@pytest.fixture
def clock_at():
    """The clock stands at Monday morning; call it to set it elsewhere."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller.move_to


@dataclass(frozen=True)
class Received:
    """One letter as a mail client reads it, parsed from its bytes."""

    kind: str
    to: str
    raw: bytes
    message: EmailMessage

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()

    @property
    def html(self) -> str:
        return self.message.get_body(("html",)).get_content()

    @property
    def calendars(self) -> list[EmailMessage]:
        return [part for part in self.message.walk() if part.get_content_type() == "text/calendar"]

    @property
    def method(self) -> str:
        (part,) = self.calendars
        calendar = Calendar.from_ical(part.get_content())
        assert part.get_param("method") == calendar["METHOD"]
        return str(calendar["METHOD"])

    @property
    def event(self) -> Event:
        (part,) = self.calendars
        (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
        return event

    def link(self, ending: str) -> str:
        (url,) = [word for word in self.text.split() if word.endswith(ending)]
        return url


def received() -> list[Received]:
    """Every letter in the outbox, in the order written; call it inside an app context."""
    letters = db.session.scalars(sa.select(Letter).order_by(Letter.id)).all()
    found = []
    for letter in letters:
        raw = as_message(letter, app_settings().mail_from).as_bytes()
        parsed = message_from_bytes(raw, policy=policy.default)
        found.append(Received(letter.kind, letter.to_address, raw, parsed))
    db.session.rollback()
    return found


def tables(week: str = WEEK) -> dict[frozenset[str], Meeting]:
    """Who meets whom in a week: names who come, and their meeting."""
    meetings = db.session.scalars(
        sa.select(Meeting).join(Meeting.round).where(Round.week == week)
    ).all()
    return {frozenset(person.name for person in found.people): found for found in meetings}


def person_named(name: str) -> Person:
    """One of the cast."""
    return db.session.scalars(sa.select(Person).where(Person.name == name)).one()


def everyone(team_id: int) -> int:
    """The id of the team's group of everyone."""
    with snapshot():
        return whole_team(team_id).id


def draw_and_tell(team_id: int, week: str) -> None:
    """Draw a week and write its letters, as the worker's two jobs do one after the other."""
    draw_group_and_tell(everyone(team_id), week)


def draw_group_and_tell(group_id: int, week: str) -> None:
    """The same for one coffee group."""
    draw_week(group_id, week)
    with snapshot():
        drawn = round_of(group_id, week)
        round_id = drawn.id if drawn else None
    if round_id is not None:
        tell_round(round_id)
