"""Letters of the coffee, parsed as mail clients parse them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from critique.accounts.jobs import send_letter
from critique.accounts.models import Membership, Person, Team
from critique.pairing.rounds import enqueue_due_rounds
from critique.pairing.skipping import skip_and_tell
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from tests.conftest import settings_for
from tests.pairing.conftest import WEEK, draw_and_tell, person_named, received, tables

HOSTILE = [
    "Eve\r\nBcc: all@example.com\r\n\r\nHello",
    "Eve\nMETHOD:CANCEL\nEND:VEVENT",
    'Eve, the "Great"; <b>bold</b> \\N',
    "<script>alert(1)</script>{{ 7*7 }}",
    "E" * 300,
    "word " * 60,
    "\u202eEve\u2028 名前",
]


@pytest.fixture
def drawn(app, clock_at, cast):
    """Monday's draw is made: Maya, Oliver and Ada at one table, Wei left out."""
    with app.app_context():
        draw_and_tell(cast.team, WEEK)
    return cast


@pytest.fixture
def pair(app, clock_at, cast):
    """Monday's draw is made: Maya meets Oliver, nobody else is in."""
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Person).values(coffee_in=Person.name.in_(["Maya", "Oliver"]))
            )
        draw_and_tell(cast.team, WEEK)
    return cast


def skip(name: str) -> None:
    with transaction():
        skip_and_tell(person_named(name), WEEK)


def well_formed(letter) -> None:
    """What every letter with a calendar owes to every mail client."""
    assert letter.message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in letter.message.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    event = letter.event
    sender = parseaddr(letter.message["From"])[1]
    assert str(event["ORGANIZER"]) == f"mailto:{sender}"
    attendees = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
    assert f"mailto:{letter.to}" in {str(attendee) for attendee in attendees}
    assert parseaddr(letter.message["To"])[1] == letter.to
    assert letter.method == ("CANCEL" if event["STATUS"] == "CANCELLED" else "REQUEST")


def words_of(text: str) -> int:
    return len(text.split())


def test_one_letter_each_with_an_invitation_that_can_be_answered(app, drawn):
    with app.app_context():
        letters = received()
        assert sorted(letter.to for letter in letters) == [
            "ada@example.com", "maya@example.com", "oliver@example.com", "wei@example.com"
        ]  # fmt: skip
        invited = [letter for letter in letters if letter.kind == "coffee-invited"]
        assert len({str(letter.event["UID"]) for letter in invited}) == 1
        for letter in invited:
            well_formed(letter)
            assert letter.method == "REQUEST"
            assert letter.event["SEQUENCE"] == 0


def test_the_letter_says_everything_in_the_readers_own_time(app, pair):
    with app.app_context():
        (meeting,) = tables().values()
        maya = next(letter for letter in received() if letter.to == "maya@example.com")
        mine = f"{meeting.starts_at - timedelta(hours=6):%A %d November, %H:%M}"
        assert maya.text.startswith(
            f"Your move: accept the invitation. Coffee with Oliver, {mine} Chicago time"
        )
        assert f"In London it is {meeting.starts_at:%H:%M} then" in maya.text
        assert "Oliver is a senior, good at checkout and typography." in maya.text
        assert "Why you: first time together" in maya.text
        assert maya.message["Subject"] == f"Coffee with Oliver, {mine}"


def test_letters_are_short_and_their_text_is_complete(app, drawn):
    with app.app_context():
        skip("Maya")
        skip("Ada")
        kinds = set()
        for letter in received():
            kinds.add(letter.kind)
            assert words_of(letter.text) <= 150
            assert "move" in letter.text.splitlines()[0]
            plain = re.sub(r"<[^>]+>", " ", letter.html.partition("<body")[2].partition(">")[2])
            said = {word for word in letter.text.split() if not word.startswith("http")}
            assert words_of(plain) <= 150
            assert len(said) > 20
            assert "{{" not in letter.text + letter.html
        assert kinds == {
            f"coffee-{kind}" for kind in ("invited", "left_out", "given_up", "changed", "cancelled")
        }


def test_who_is_left_out_learns_why_and_what_comes(app, drawn):
    with app.app_context():
        wei = next(letter for letter in received() if letter.to == "wei@example.com")
        assert wei.calendars == []
        assert "Why: no common 20 minutes with anybody" in wei.text
        assert "You come first in the next draw" in wei.text


def test_headers_end_the_list_by_one_press(app, drawn):
    with app.app_context():
        for letter in received():
            assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            # Whole and plain on one line: mail clients decode nothing in this header.
            found = re.search(rb"^List-Unsubscribe: <(\S+)>\r$", letter.raw, re.MULTILINE)
            assert found[1].decode() == letter.link("/leave")
            assert letter.message["List-Id"] == "Weekly coffee <coffee.localhost>"
            assert letter.message["Auto-Submitted"] == "auto-generated"


def test_links_are_https_from_the_configured_address(tmp_path, clock_at, database_url):
    from critique.factory import create_app
    from tests.people import seat_cast

    settings = settings_for(tmp_path, database_url, base_url="https://critique.example.org")
    made = create_app(settings)
    with made.app_context():
        with transaction():
            cast = seat_cast()
        draw_and_tell(cast.team, WEEK)
        for letter in received():
            for url in re.findall(r"https?://[^\s\"<>]+", letter.text):
                assert url.startswith("https://critique.example.org/")
            assert letter.message["Message-ID"].endswith("@critique.example.org>")
        db.session.remove()
        db.engine.dispose()


def test_one_of_two_skips_and_both_calendars_are_cleared(app, pair):
    with app.app_context():
        (meeting,) = tables().values()
        uid = meeting.uid
        skip("Maya")
        later = received()[2:]
        assert {(letter.kind, letter.to) for letter in later} == {
            ("coffee-given_up", "maya@example.com"), ("coffee-cancelled", "oliver@example.com")
        }  # fmt: skip
        for letter in later:
            well_formed(letter)
            assert letter.method == "CANCEL"
            assert (letter.event["UID"], letter.event["SEQUENCE"]) == (uid, 1)
            assert len(letter.event["ATTENDEE"]) == 2
        assert "You come first in the next draw" in later[1].text
        skip("Oliver")
        skip("Maya")
        assert len(received()) == 4


def test_one_of_three_skips_and_the_two_keep_it(app, drawn):
    with app.app_context():
        (uid,) = {meeting.uid for meeting in tables().values()}
        skip("Ada")
        later = {letter.to: letter for letter in received()[4:]}
        assert {to: letter.method for to, letter in later.items()} == {
            "ada@example.com": "CANCEL",
            "maya@example.com": "REQUEST",
            "oliver@example.com": "REQUEST",
        }
        for letter in later.values():
            well_formed(letter)
            assert (letter.event["UID"], letter.event["SEQUENCE"]) == (uid, 1)
        assert "mailto:ada@example.com" not in {
            str(a) for a in later["maya@example.com"].event["ATTENDEE"]
        }
        skip("Maya")
        last = {letter.to: letter for letter in received()[7:]}
        assert {letter.method for letter in last.values()} == {"CANCEL"}
        assert {letter.event["SEQUENCE"] for letter in last.values()} == {2}
        assert set(last) == {"maya@example.com", "oliver@example.com"}


def test_skipping_in_the_profile_is_noticed_within_a_tick(app, pair, run_jobs):
    with app.app_context():
        with transaction():
            person_named("Maya").coffee_skipped_week = WEEK
        for _ in range(2):
            with transaction():
                enqueue_due_rounds(clock.now())
            run_jobs()
        assert [letter.kind for letter in received()[2:]] == ["coffee-given_up", "coffee-cancelled"]


def test_somebody_taken_out_of_the_team_stands_nobody_up_and_gets_no_mail(app, pair, run_jobs):
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Membership)
                .where(Membership.person_id == pair.maya)
                .values(ended_at=clock.now())
            )
        with transaction():
            enqueue_due_rounds(clock.now())
        run_jobs()
        cancelled = next(letter for letter in received() if letter.kind == "coffee-cancelled")
        assert cancelled.to == "oliver@example.com"
        for letter in db.session.scalars(sa.select(Letter).where(Letter.person_id == pair.maya)):
            send_letter(letter.id)
        db.session.rollback()
        hers = db.session.scalars(sa.select(Letter).where(Letter.person_id == pair.maya)).all()
        assert all(letter.failure and letter.sent_at is None for letter in hers)


def test_nothing_is_cancelled_once_it_has_begun(app, pair, clock_at):
    with app.app_context():
        (meeting,) = tables().values()
        clock_at(meeting.starts_at + timedelta(minutes=1))
        skip("Maya")
        assert len(received()) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_say_no_more_than_a_name(app, clock_at, cast, name):
    with app.app_context():
        with transaction():
            if db.engine.dialect.name == "sqlite":
                person_named("Oliver").name = name
                db.session.get(Team, cast.team).name = name
            else:
                db.session.get(Person, cast.oliver).name = name[:120]
                db.session.get(Team, cast.team).name = name[:120]
        draw_and_tell(cast.team, WEEK)
        with transaction():
            skip_and_tell(db.session.get(Person, cast.ada), WEEK)
        letters = received()
        assert len(letters) == 7
        for letter in letters:
            assert letter.message["Bcc"] is None
            assert letter.message.defects == []
            assert words_of(letter.text) <= 150
            assert "<script" not in letter.html
            assert "<b>bold" not in letter.html
            assert not any(line.startswith("Bcc") for line in letter.text.splitlines())
            if letter.calendars:
                well_formed(letter)
                assert len(letter.event.errors) == 0
            if letter.kind != "coffee-given_up":
                assert len(letter.calendars) == (letter.kind != "coffee-left_out")


def test_each_week_says_the_time_on_the_clocks_of_that_week(app, cast, clock_at):
    """London has left summer time in W44, Chicago has not: five hours between them, not six."""
    clock_at(datetime(2026, 10, 26, 7, 5, tzinfo=UTC))
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Person).values(coffee_in=Person.name.in_(["Maya", "Oliver"]))
            )
        draw_and_tell(cast.team, "2026-W44")
        (meeting,) = tables("2026-W44").values()
        maya, oliver = (
            next(letter for letter in received() if letter.to == f"{name}@example.com")
            for name in ("maya", "oliver")
        )
        assert f"{meeting.starts_at - timedelta(hours=5):%H:%M} Chicago time" in maya.text
        assert f"{meeting.starts_at:%H:%M} London time" in oliver.text
        assert 14 <= meeting.starts_at.hour < 17
        for letter in (maya, oliver):
            assert letter.event["DTSTART"].dt == meeting.starts_at
            assert (
                f"DTSTART:{meeting.starts_at:%Y%m%dT%H%M%SZ}" in letter.calendars[0].get_content()
            )


def test_links_in_a_letter_lead_to_pages(app, drawn, client_of):
    with app.app_context():
        letters = received()
    for letter in letters:
        for url in re.findall(r"https?://\S+", letter.text):
            assert client_of(None).get(urlsplit(url).path).status_code in (200, 401)


def test_every_letter_is_enqueued_for_sending(app, drawn):
    with app.app_context():
        assert len([entry for entry in jobs.unfinished() if entry.name == "send_letter"]) == 4
