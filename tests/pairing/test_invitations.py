"""Invitations as clients need them: every mail parsed back, and what calendars answer to them.

The table of `docs/invitations.md` names these tests.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from critique.accounts.models import Person
from critique.letters.jobs import read_letter
from critique.letters.mailbox import known_address
from critique.letters.models import IncomingLetter
from critique.letters.operations import keep_letter
from critique.letters.rehearsal import calendar_reply
from critique.pairing.meetings.deeds import add_and_tell, answer_and_tell, move_and_tell
from critique.pairing.meetings.replies import CalendarReply, NoReply, reply_in
from critique.pairing.meetings.times import other_times
from critique.pairing.models import Meeting, Seating
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from tests.conftest import load_person
from tests.pairing.conftest import WEEK, Received, draw_and_tell, person_named, received
from tests.pairing.test_meetings import newcomer

RTL = '\u202eעדה\u202c, "הבוסית"; בת\r\nATTENDEE:mailto:evil@example.org'
LONG = "Ångström-Łukasiewicz " * 5


@pytest.fixture
def answerable(app, cast, clock_at, monkeypatch):
    """Oliver and Ada have coffee, and their calendars can answer."""
    known = app.extensions["critique_settings"]
    changed = replace(known, reply_domain="reply.example.com")
    monkeypatch.setitem(app.extensions, "critique_settings", changed)
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Person).values(coffee_in=Person.name.in_(["Ada", "Oliver"]))
            )
        draw_and_tell(cast.team, WEEK)
    return cast


def invited(name: str) -> Received:
    """The newest entry in somebody's mail."""
    return [one for one in received() if one.to.startswith(name) and one.calendars][-1]


def organizer(letter: Received) -> str:
    return str(letter.event["ORGANIZER"]).removeprefix("mailto:")


def answer_of(letter: Received, said: str, *, method: str = "REPLY", **changes: str) -> str:
    """What a calendar program makes of an invitation to answer it."""
    event = letter.event
    lines = {
        "UID": str(event["UID"]), "SEQUENCE": str(event["SEQUENCE"]),
        "DTSTART": event["DTSTART"].dt.strftime("%Y%m%dT%H%M%SZ"),
        "ORGANIZER": str(event["ORGANIZER"]),
        f"ATTENDEE;CN=Me;PARTSTAT={said}": f"mailto:{letter.to.upper()}", **changes,
    }  # fmt: skip
    body = "\r\n".join(f"{name}:{value}" for name, value in lines.items())
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n{body}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def send(letter: Received, calendar: str | None, **headers: str) -> str:
    """Let it come in at the invitation's address, from its reader; what became of it."""
    message = EmailMessage()
    message["From"], message["To"] = headers.pop("writer", letter.to), organizer(letter)
    message["Subject"] = "Accepted: Coffee"
    for name, value in headers.items():
        message[name] = value
    message.set_content("Accepted.")
    if calendar is not None:
        message.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
    from critique.web.app import settings

    with transaction():
        address = known_address(organizer(letter), settings())
        kept = keep_letter(
            address=address, recipient=organizer(letter), mail_from=letter.to,
            raw=message.as_bytes(),
        )  # fmt: skip
        kept_id = kept.id
    read_letter(kept_id)
    state = db.session.get_one(IncomingLetter, kept_id).state
    db.session.rollback()
    return state


def answers() -> dict[str, str | None]:
    found = {seat.person.name: seat.answer for seat in db.session.scalars(sa.select(Seating))}
    db.session.rollback()
    return found


def the_meeting() -> Meeting:
    return db.session.scalars(sa.select(Meeting)).one()


def test_organizer_is_from_and_each_reader_has_an_address_of_their_own(app, answerable):
    with app.app_context():
        ada, oliver = invited("ada"), invited("oliver")
        for letter in (ada, oliver):
            (sender,) = letter.message["From"].addresses
            assert sender.addr_spec == organizer(letter)
            assert sender.display_name == "Critique"
            assert organizer(letter).startswith("meeting+")
            assert organizer(letter).endswith("@reply.example.com")
            assert len(organizer(letter).partition("@")[0]) <= 64
            assert letter.message["Reply-To"] is None
        assert organizer(ada) not in oliver.raw.decode()
        assert organizer(ada) != organizer(oliver)


def test_calendars_answer_as_the_page_does(app, answerable):
    with app.app_context():
        ada = invited("ada")
        for said in ("ACCEPTED", "ACCEPTED", "TENTATIVE"):
            automatic = {"Auto-Submitted": "auto-replied"}
            assert send(ada, answer_of(ada, said), **automatic) == "taken"
        assert answers() == {"Ada": "tentative", "Oliver": None}
        assert len(received()) == 2
        assert send(ada, answer_of(ada, "DECLINED")) == "taken"
        assert [one.kind for one in received()[2:]] == ["coffee-given_up", "coffee-cancelled"]
        assert answers()["Ada"] == "declined"


def test_what_the_outbox_sends_for_a_calendar_is_such_an_answer(app, answerable):
    with app.app_context():
        ada = invited("ada")
        (part,) = ada.calendars
        reply = calendar_reply(part.get_content(), ada.to, "DECLINED")
        found = reply_in(reply, uid=str(ada.event["UID"]), address=ada.to)
        assert found == CalendarReply("declined", 0)
        assert send(ada, reply) == "taken"
        assert answers()["Ada"] == "declined"


def test_an_answer_about_an_old_time_is_told_and_left_alone(app, answerable):
    with app.app_context():
        ada = invited("ada")
        with transaction():
            oliver, meeting = person_named("Oliver"), the_meeting()
            at = other_times(meeting, oliver, clock.now())[-1]
            move_and_tell(by=oliver, meeting_id=meeting.id, starts_at=at, sequence=0)
        before = len(received())
        assert send(ada, answer_of(ada, "ACCEPTED")) == "refused"
        assert answers()["Ada"] is None
        (told,) = received()[before:]
        assert told.to == "ada@example.com"
        assert "was about the meeting as it was before it changed" in told.text
        assert "/meetings/" in told.text
        fresh = invited("ada")
        assert fresh.event["SEQUENCE"] == 1
        assert organizer(fresh) == organizer(ada)
        assert send(fresh, answer_of(fresh, "ACCEPTED")) == "taken"
        assert answers()["Ada"] == "accepted"


def test_another_time_proposed_words_and_strangers_change_nothing(app, answerable):
    with app.app_context():
        ada = invited("ada")
        assert send(ada, answer_of(ada, "NEEDS-ACTION", method="COUNTER")) == "refused"
        assert "proposed another time" in received()[-1].text
        assert send(ada, None) == "refused"
        assert "Nobody reads what is written" in received()[-1].text
        count = len(received())
        assert send(ada, None, **{"Auto-Submitted": "auto-replied"}) == "taken"
        assert len(received()) == count
        assert send(ada, answer_of(ada, "ACCEPTED"), writer="oliver@example.com") == "refused"
        forged = answer_of(ada, "ACCEPTED").replace("ADA@EXAMPLE.COM", "oliver@example.com")
        assert send(ada, forged) == "refused"
        assert answers() == {"Ada": None, "Oliver": None}


def _reply(said: str = "ACCEPTED", extra: str = "", *, uid: str = "u@x", times: int = 1) -> str:
    event = (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:2\r\n{extra}"
        f"ATTENDEE;PARTSTAT={said}:mailto:ada@example.com\r\nEND:VEVENT\r\n"
    )
    return f"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n{event * times}END:VCALENDAR\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCALENDAR",
        _reply(uid="another@x"),
        _reply(times=2),
        _reply("DELEGATED"),
        _reply(extra="X:" + "y" * 100_000 + "\r\n"),
        _reply(extra="BEGIN:VALARM\r\nEND:VALARM\r\n" * 5000),
        _reply(extra="RECURRENCE-ID:20261124T100000Z\r\n"),
        _reply().replace("SEQUENCE:2", "SEQUENCE:99999999999999"),
        _reply().replace("SEQUENCE:2", "SEQUENCE:-1"),
        _reply().replace("METHOD:REPLY", "METHOD:CANCEL"),
        _reply().replace("ada@", "eve@"),
    ],
)
def test_what_is_no_answer_of_ones_own_to_this_meeting_is_none(text):
    with pytest.raises(NoReply):
        reply_in(text, uid="u@x", address="ada@example.com")


def test_one_answer_is_read_whatever_else_stands_there():
    endless = (
        "RRULE:FREQ=SECONDLY;COUNT=999999999;BYSECOND=" + ",".join(map(str, range(60))) + "\r\n"
    )
    others = "ATTENDEE;PARTSTAT=DECLINED:mailto:oliver@example.com\r\nDTSTART:20261124T100000Z\r\n"
    for extra in (endless, others):
        found = reply_in(_reply(extra=extra), uid="u@x", address="Ada@Example.com")
        assert found == CalendarReply("accepted", 2)
    without = _reply().replace("SEQUENCE:2\r\n", "")
    assert reply_in(without, uid="u@x", address="ada@example.com").sequence == 0


@pytest.mark.parametrize("name", [RTL, LONG, 'Lee, Ana; "the" \\ boss'])
def test_every_letter_of_a_meeting_parses_back_whatever_a_name_says(app, answerable, name):
    leo = newcomer(app, answerable)
    with app.app_context():
        with transaction():
            load_person(answerable.ada).name = name[:120]
        with transaction():
            oliver, meeting = person_named("Oliver"), the_meeting()
            add_and_tell(by=oliver, meeting_id=meeting.id, person_id=leo)
            at = other_times(meeting, oliver, clock.now())[-1]
            move_and_tell(by=oliver, meeting_id=meeting.id, starts_at=at)
            answer_and_tell(by=oliver, meeting_id=meeting.id, answer="declined")
            answer_and_tell(by=load_person(leo), meeting_id=meeting.id, answer="declined")
        later = received()[2:]
        assert {one.kind.removeprefix("coffee-") for one in later} == {
            "changed", "joined", "moved", "given_up", "cancelled"}  # fmt: skip
        for letter in later:
            assert letter.message.defects == []
            assert letter.message["Bcc"] is None
            kinds = [part.get_content_type() for part in letter.message.iter_parts()]
            assert kinds == ["text/plain", "text/html", "text/calendar"]
            (part,) = letter.calendars
            assert part.get_content_disposition() is None
            written = part.get_payload(decode=True)
            assert all(len(line) <= 75 for line in written.split(b"\r\n"))
            calendar = Calendar.from_ical(written)
            assert [one.name for one in calendar.subcomponents] == ["VEVENT"]
            event = letter.event
            assert len(event.errors) == 0
            assert str(event["UID"]) == meeting.uid
            assert event["DTSTART"].dt.utcoffset() == timedelta(0)
            assert b"TZID" not in written
            to = [str(one) for one in letter.message["To"].addresses]
            assert len(to) == 1
            assert letter.to in to[0]
            attendees = event["ATTENDEE"]
            named = [str(a) for a in (attendees if isinstance(attendees, list) else [attendees])]
            assert f"mailto:{letter.to}" in named
            assert "mailto:evil@example.org" not in named
            assert event["STATUS"] == ("CANCELLED" if letter.method == "CANCEL" else "CONFIRMED")
        by_reader = {one.to: [] for one in later}
        for letter in later:
            by_reader[letter.to].append(int(letter.event["SEQUENCE"]))
        assert all(numbers == sorted(set(numbers)) for numbers in by_reader.values())


def test_an_answer_stands_when_a_third_came_in_since(app, answerable, client_of):
    kim = newcomer(app, answerable, "Kim")
    with app.app_context():
        ada, oliver = invited("ada"), invited("oliver")
        with transaction():
            add_and_tell(by=person_named("Oliver"), meeting_id=the_meeting().id, person_id=kim)
        assert the_meeting().sequence == 1
        # Both invitations are from before Kim; the time is the one they were about.
        assert send(ada, answer_of(ada, "ACCEPTED")) == "taken"
        (path,) = {urlsplit(word).path for word in oliver.text.split() if "/answers/" in word}
    assert "You come." in client_of(None).post(path, data={"answer": "accepted"}).text
    with app.app_context():
        assert answers() == {"Ada": "accepted", "Oliver": "accepted", "Kim": None}
        assert send(ada, answer_of(ada, "DECLINED")) == "taken"
        assert answers()["Ada"] == "declined"
        assert the_meeting().cancelled_at is None
