"""One's own calendar: a secret address, read only, and nothing in it that is not one's own."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from icalendar import Calendar

from critique.accounts.models import Membership
from critique.pairing.models import Meeting
from critique.pairing.skipping import skip_and_tell
from critique.pairing.week.models import CalendarAddress
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.web.app import limiter
from tests.conftest import load_person
from tests.pairing.conftest import MONDAY, WEEK, draw_and_tell, tables


def entries(answer) -> list:
    calendar = Calendar.from_ical(answer.data)
    assert calendar["METHOD"] == "PUBLISH"
    return calendar.walk("VEVENT")


def test_a_program_reads_ones_meetings_at_a_secret_address(app, cast, clock_at, client_of):
    maya, guest = client_of(cast.maya), client_of(None)
    assert maya.get("/api/v1/me/calendar").json["url"] is None
    made = maya.post("/api/v1/me/calendar")
    assert made.status_code == 201
    url, webcal = made.json["url"], made.json["webcal"]
    assert urlsplit(webcal)[1:] == urlsplit(url)[1:]
    assert webcal.startswith("webcal://")
    page = maya.get("/week").text
    assert url in page
    assert webcal in page
    path = urlsplit(url).path
    assert entries(guest.get(path)) == []
    with app.app_context():
        draw_and_tell(cast.team, WEEK)
        (meeting,) = tables().values()
        meeting_id, uid, starts_at = meeting.id, meeting.uid, meeting.starts_at
        db.session.rollback()
        kept = db.session.scalars(sa.select(CalendarAddress)).one()
        secret = path.removeprefix("/calendar/").removesuffix(".ics")
        assert secret not in (kept.seed, kept.digest)
        db.session.rollback()
    read = guest.get(path)
    assert read.mimetype == "text/calendar"
    [event] = entries(read)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (uid, 0, "CONFIRMED")
    assert event["DTSTART"].to_ical() == starts_at.strftime("%Y%m%dT%H%M%SZ").encode()
    assert event["SUMMARY"] == "Coffee: Oliver and Ada"
    # Nobody's address, and no way into a call.
    assert b"@example.com" not in read.data
    assert b"meet.jit.si" not in read.data
    assert "no-store" not in read.headers["Cache-Control"]
    clock_at(MONDAY + timedelta(hours=2))
    again = guest.get(path, headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context(), transaction():
        skip_and_tell(load_person(cast.maya), WEEK)
    gone = guest.get(path, headers={"If-None-Match": read.headers["ETag"]})
    [event] = entries(gone)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (uid, 1, "CANCELLED")
    clock_at(MONDAY + timedelta(days=70))
    assert entries(guest.get(path)) == []
    with app.app_context():
        assert db.session.get(Meeting, meeting_id) is not None
        db.session.rollback()


def test_an_address_is_revoked_replaced_and_dies_with_the_membership(
    app, cast, clock_at, client_of
):
    maya, guest = client_of(cast.maya), client_of(None)
    assert maya.post("/week/calendar").status_code == 303
    first = urlsplit(maya.get("/api/v1/me/calendar").json["url"]).path
    maya.post("/week/calendar")
    second = urlsplit(maya.get("/api/v1/me/calendar").json["url"]).path
    assert (guest.get(first).status_code, guest.get(second).status_code) == (404, 200)
    assert maya.post(second).status_code == 405
    app.secret_key = "another-secret"
    # It goes on working, and nobody can be shown it any more.
    assert guest.get(second).status_code == 200
    with app.app_context():
        address = db.session.scalars(
            sa.select(CalendarAddress).where(CalendarAddress.revoked_at.is_(None))
        ).one()
        from critique.pairing.week.calendar import addresses_of

        assert addresses_of(address) is None
        db.session.rollback()
    app.secret_key = "test-secret"
    with app.app_context(), transaction():
        db.session.execute(
            sa.update(Membership)
            .where(Membership.person_id == cast.maya)
            .values(ended_at=clock.now())
        )
    assert guest.get(second).status_code == 404
    with app.app_context(), transaction():
        db.session.execute(sa.update(Membership).values(ended_at=None))
    assert guest.get(second).status_code == 200
    assert maya.delete("/api/v1/me/calendar").status_code == 204
    assert maya.delete("/api/v1/me/calendar").status_code == 204
    assert guest.get(second).status_code == 404
    assert "Make an address" in maya.get("/week").text


def test_an_address_is_read_so_often_and_no_more(app, cast, clock_at, client_of, monkeypatch):
    url = client_of(cast.maya).post("/api/v1/me/calendar").json["url"]
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    guest = client_of(None)
    codes = [guest.get(urlsplit(url).path).status_code for _ in range(121)]
    assert codes == [200] * 120 + [429]
    limiter.reset()
