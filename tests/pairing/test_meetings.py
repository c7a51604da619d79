"""One page for a meeting: answers, another time, somebody else, one more; everybody's mail."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from critique.accounts.models import Person
from critique.accounts.operations import add_absence, end_membership
from critique.events.models import Event
from critique.pairing.groups.queries import whole_team
from critique.pairing.memory import remembered
from critique.pairing.models import LeftOut, Meeting, Seating
from critique.pairing.pool import pair_of
from critique.pairing.pooling import sittings_of
from critique.pairing.replay import replayed
from critique.pairing.rounds import enqueue_due_rounds
from critique.pairing.sessions.booking import book_and_tell
from critique.pairing.sessions.models import BusyTime
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import open_block
from critique.pairing.weeks import week_number
from critique.pairing.wishes.operations import keep_apart
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import create_review
from tests.conftest import load_person
from tests.pairing.conftest import NEXT_WEEK, WEEK, draw_and_tell, received, tables
from tests.pairing.test_sessions import BLOCK, TUESDAY
from tests.people import person


@pytest.fixture
def coffee(app, cast, clock_at):
    """Oliver and Ada, both in London, have coffee on Tuesday; Leo of London sits this one out."""
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Person).values(coffee_in=Person.name.in_(["Ada", "Oliver"]))
            )
        draw_and_tell(cast.team, WEEK)
        (meeting,) = tables().values()
        return meeting.id


@pytest.fixture
def session(app, cast, clock_at):
    """Maya has Oliver for a quarter of an hour on Tuesday, in his open block."""
    with app.app_context(), transaction():
        maya, oliver = load_person(cast.maya), load_person(cast.oliver)
        review = create_review(by=maya, team_id=cast.team, title="Checkout")
        open_block(by=oliver, block=BLOCK)
        return book_and_tell(
            by=maya, host_id=oliver.id, review=review, starts_at=TUESDAY, minutes=15
        ).id


def newcomer(app, cast, name: str = "Leo", role: str = "author") -> int:
    """Somebody in London who joined the team after the draw, and is in the coffee."""
    from critique.accounts.models import Team

    with app.app_context(), transaction():
        team = db.session.get_one(Team, cast.team)
        return person(name, team, role, zone="Europe/London").id


def since(count: int) -> dict[str, object]:
    """Letters written after the first so many, by reader; each reader got one."""
    later = received()[count:]
    found = {letter.to.partition("@")[0]: letter for letter in later}
    assert len(found) == len(later)
    for letter in later:
        mine = f"mailto:{letter.to}"
        attendees = letter.event["ATTENDEE"]
        named = attendees if isinstance(attendees, list) else [attendees]
        assert mine in [str(one) for one in named]
        assert letter.message["To"].addresses[0].addr_spec == letter.to
        sender = letter.message["From"].addresses[0].addr_spec
        assert str(letter.event["ORGANIZER"]) == f"mailto:{sender}"
        assert len(letter.text.split()) <= 150
    return found


def test_answers_stand_on_the_page_and_in_the_next_entry(app, cast, client_of, coffee):
    oliver, ada = client_of(cast.oliver), client_of(cast.ada)
    assert "No answer yet" in oliver.get(f"/meetings/{coffee}").text
    for _ in range(2):
        said = oliver.post(f"/meetings/{coffee}/answer", data={"answer": "accepted", "sequence": 0})
        assert said.status_code == 303
    page = ada.get(f"/meetings/{coffee}").text
    assert page.count("Comes</span>") == 1
    seats = ada.put(f"/api/v1/meetings/{coffee}/answer", json={"answer": "tentative"}).json["seats"]
    assert {seat["answer"] for seat in seats} == {"accepted", "tentative"}
    file = ada.get(f"/meetings/{coffee}.ics").text.replace("\r\n ", "")
    assert "PARTSTAT=ACCEPTED" in file
    assert client_of(cast.maya).get(f"/meetings/{coffee}").status_code == 404
    with app.app_context():
        assert len(received()) == 2
        verbs = db.session.scalars(sa.select(Event.verb).where(Event.verb == "meeting.answered"))
        assert len(verbs.all()) == 2


def test_a_link_in_the_mail_asks_first_and_is_told_of_a_newer_time(app, cast, client_of, coffee):
    with app.app_context():
        letter = next(one for one in received() if one.to == "ada@example.com")
    (path,) = {urlsplit(url).path for url in re.findall(r"\S+/meetings/answers/\S+", letter.text)}
    guest = client_of(None)
    assert "Do you come" in guest.get(f"{path}?say=declined").text
    with app.app_context():
        assert db.session.scalars(sa.select(Seating.answer)).all() == [None, None]
    assert "You come." in guest.post(path, data={"answer": "accepted"}).text
    times = client_of(cast.oliver).get(f"/api/v1/meetings/{coffee}").json["times"]
    moved = client_of(cast.oliver).put(
        f"/api/v1/meetings/{coffee}/time", json={"starts_at": times[1], "sequence": 0}
    )
    assert [one["answer"] for one in moved.json["seats"]].count("accepted") == 1
    old = guest.post(path, data={"answer": "accepted"})
    assert old.status_code == 409
    assert "changed since that mail" in old.text
    fresh = {"answer": "declined", "sequence": 1}
    assert "You do not come." in guest.post(path, data=fresh).text
    assert guest.get(path[:-3] + "abc").status_code == 404


def test_moving_keeps_booked_and_busy_times_free_and_is_told_once(app, cast, client_of, coffee):
    oliver = client_of(cast.oliver)
    before = oliver.get(f"/api/v1/meetings/{coffee}").json
    assert len(before["times"]) >= 3
    first, second = before["times"][:2]
    with app.app_context(), transaction():
        at = db.session.get_one(Meeting, coffee).starts_at.fromisoformat(first)
        db.session.add(
            BusyTime(
                person_id=cast.ada,
                starts_at=at - timedelta(hours=2),
                ends_at=at + timedelta(hours=1),
            )
        )
    path = f"/meetings/{coffee}/time"
    taken = oliver.post(path, data={"starts_at": first, "sequence": 0})
    assert taken.status_code == 409
    assert "does not suit everybody" in taken.text
    for _ in range(2):
        assert oliver.post(path, data={"starts_at": second, "sequence": 0}).status_code == 303
    stale = client_of(cast.ada).post(path, data={"starts_at": before["starts_at"], "sequence": 0})
    assert stale.status_code == 409
    assert "was changed while you looked" in stale.text
    with app.app_context():
        letters = since(2)
        assert {name: one.method for name, one in letters.items()} == {
            "ada": "REQUEST", "oliver": "REQUEST"}  # fmt: skip
        assert {one.event["SEQUENCE"] for one in letters.values()} == {1}
        assert letters["ada"].event["UID"] == received()[0].event["UID"]
        assert letters["ada"].text.startswith("Your move: accept the new time.")


def test_of_two_who_change_it_at_once_one_is_told(app, cast, client_of, coffee):
    times = client_of(cast.oliver).get(f"/api/v1/meetings/{coffee}").json["times"]
    clients = [client_of(cast.oliver), client_of(cast.ada)]
    ready, codes = threading.Barrier(2), []

    def change(client, at):
        ready.wait()
        sent = {"starts_at": at, "sequence": 0}
        codes.append(client.put(f"/api/v1/meetings/{coffee}/time", json=sent).status_code)

    threads = [
        threading.Thread(target=change, args=pair) for pair in zip(clients, times, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409]


def test_declining_tells_the_partner_who_meets_somebody_else(app, cast, client_of, coffee):
    leo, kim = newcomer(app, cast), newcomer(app, cast, "Kim")
    with app.app_context(), transaction():
        keep_apart(by=load_person(kim), other_id=cast.ada)
    oliver, ada = client_of(cast.oliver), client_of(cast.ada)
    for _ in range(2):
        declined = oliver.post(f"/meetings/{coffee}/answer", data={"answer": "declined"})
        assert declined.status_code == 303
    with app.app_context():
        letters = since(2)
        assert {name: one.method for name, one in letters.items()} == {
            "ada": "CANCEL", "oliver": "CANCEL"}  # fmt: skip
        assert "you could meet Leo instead" in letters["ada"].text
        assert "You come first in the next draw" in letters["ada"].text
        assert db.session.scalar(sa.select(LeftOut.person_id)) == cast.ada
    page = ada.get(f"/meetings/{coffee}").text
    assert "Oliver cannot come." in page
    assert "Meet Leo" in page
    assert "Kim" not in page
    barred = ada.post(f"/meetings/{coffee}/partner", data={"person_id": kim, "sequence": 1})
    assert barred.status_code == 409
    assert "Kim cannot be asked for that time" in barred.text
    assert (
        ada.put(f"/api/v1/meetings/{coffee}/partner", json={"person_id": cast.rival}).status_code
        == 404
    )
    for _ in range(2):
        sent = {"person_id": leo, "sequence": 1}
        assert ada.post(f"/meetings/{coffee}/partner", data=sent).status_code == 303
    with app.app_context():
        letters = since(4)
        assert {name: one.method for name, one in letters.items()} == {
            "ada": "REQUEST", "leo": "REQUEST"}  # fmt: skip
        assert {one.event["SEQUENCE"] for one in letters.values()} == {2}
        assert letters["leo"].text.startswith("Your move: accept the invitation. Ada asks you")
        assert "Oliver cannot come; Leo comes instead" in letters["ada"].text
        assert db.session.scalar(sa.select(LeftOut.person_id)) is None
        with snapshot():
            met = remembered(
                sittings_of(whole_team(cast.team).id, week_number(NEXT_WEEK)),
                week_number(NEXT_WEEK),
            )
            (drawn,) = {one.drawn_in for one in tables().values()}
            kept = replayed(drawn)
        assert kept.proven
    assert pair_of(cast.ada, leo) in met.met
    assert pair_of(cast.ada, cast.oliver) in met.proposed
    assert pair_of(leo, cast.oliver) not in {**met.proposed, **met.met}
    assert "You do not come." in oliver.get(f"/meetings/{coffee}").text


def test_who_cannot_come_sends_somebody_in_their_place_and_a_third_joins(
    app, cast, client_of, coffee
):
    leo, kim = newcomer(app, cast), newcomer(app, cast, "Kim")
    oliver, ada = client_of(cast.oliver), client_of(cast.ada)
    ada.post(f"/meetings/{coffee}/answer", data={"answer": "accepted"})
    assert ada.put(f"/api/v1/meetings/{coffee}/third", json={"person_id": kim}).status_code == 200
    with app.app_context():
        letters = since(2)
        assert {name: one.method for name, one in letters.items()} == dict.fromkeys(
            ("ada", "oliver", "kim"), "REQUEST")  # fmt: skip
        said = {str(a): a.params["PARTSTAT"] for a in letters["oliver"].event["ATTENDEE"]}
        assert said["mailto:ada@example.com"] == "ACCEPTED"
    full = ada.put(f"/api/v1/meetings/{coffee}/third", json={"person_id": leo})
    assert (full.status_code, full.json["code"]) == (409, "full")
    assert (
        oliver.post(
            f"/meetings/{coffee}/partner", data={"person_id": leo, "sequence": 1}
        ).status_code
        == 303
    )
    with app.app_context():
        letters = since(5)
        assert {name: one.method for name, one in letters.items()} == {
            "ada": "REQUEST", "kim": "REQUEST", "leo": "REQUEST", "oliver": "CANCEL"}  # fmt: skip
        assert str(letters["oliver"].event["ATTENDEE"]) == "mailto:oliver@example.com"
        assert "Leo comes in your place" in letters["oliver"].text
        with snapshot():
            memory = remembered(
                sittings_of(whole_team(cast.team).id, week_number(NEXT_WEEK)),
                week_number(NEXT_WEEK),
            )
        assert memory.trio_seats == {cast.ada: 1, leo: 1, kim: 1}


def test_nothing_is_changed_once_it_has_begun(app, cast, client_of, coffee, clock_at):
    leo = newcomer(app, cast)
    with app.app_context():
        begins = db.session.get_one(Meeting, coffee).starts_at
        db.session.rollback()
    clock_at(begins + timedelta(minutes=1))
    oliver = client_of(cast.oliver)
    for path, sent in (
        ("answer", {"answer": "declined"}),
        ("answer", {"answer": "accepted"}),
        ("time", {"starts_at": (begins + timedelta(days=1)).isoformat()}),
        ("partner", {"person_id": leo}),
        ("third", {"person_id": leo}),
    ):
        refused = oliver.put(f"/api/v1/meetings/{coffee}/{path}", json=sent)
        assert (refused.status_code, refused.json["code"]) == (409, "over")
    with app.app_context():
        assert len(received()) == 2


def test_a_session_moves_inside_the_block_and_anywhere_for_its_mentor(
    app, cast, client_of, session
):
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    guests, hosts = (who.get(f"/api/v1/meetings/{session}").json["times"] for who in (maya, oliver))
    assert guests
    assert all("2026-11-24T1" in at for at in guests)
    outside = next(at for at in hosts if at not in guests and "2026-11-24" not in at)
    sent = {"starts_at": outside, "sequence": 0}
    assert maya.post(f"/meetings/{session}/time", data=sent).status_code == 409
    assert oliver.post(f"/meetings/{session}/time", data=sent).status_code == 303
    page = maya.get(f"/meetings/{session}").text
    assert "Join the call" in page
    assert "The agenda" in page
    (told,) = [n for n in maya.get("/api/v1/notices").json if n["kind"] == "meeting"]
    assert (told["direct"], told["seen_at"]) == (True, None)
    assert told["words"] == "Oliver moved your session about it; accept the new time"
    assert told["url"].endswith(f"/meetings/{session}")
    assert f'href="/meetings/{session}"' in maya.get("/notices").text
    maya.put(f"/api/v1/meetings/{session}/answer", json={"answer": "accepted"})
    assert maya.get("/api/v1/notices?unseen=true").json == []
    with app.app_context():
        letters = since(2)
        assert "https://meet.jit.si/critique-" in letters["maya"].text


def test_a_mentor_hands_a_session_to_a_colleague_who_is_free(app, cast, client_of, session):
    ines = newcomer(app, cast, "Ines", "mentor")
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    sent = {"person_id": ines, "sequence": 0}
    assert maya.put(f"/api/v1/meetings/{session}/partner", json=sent).status_code == 403
    assert "Hand it to another mentor" in oliver.get(f"/meetings/{session}").text
    assert oliver.post(f"/meetings/{session}/partner", data=sent).status_code == 303
    with app.app_context():
        letters = since(2)
        assert {name: one.method for name, one in letters.items()} == {
            "maya": "REQUEST", "ines": "REQUEST", "oliver": "CANCEL"}  # fmt: skip
        assert db.session.get_one(Meeting, session).host_id == ines
        db.session.rollback()
    # Ines declines: Maya is told who else mentors then.
    client_of(ines).put(f"/api/v1/meetings/{session}/answer", json={"answer": "declined"})
    with app.app_context():
        assert "you could meet Ada instead" in since(5)["maya"].text
    back = maya.put(f"/api/v1/meetings/{session}/partner", json={"person_id": cast.ada})
    assert (back.status_code, back.json["cancelled"], back.json["sequence"]) == (200, False, 3)


def test_time_off_and_leaving_the_team_give_a_session_up(app, cast, client_of, session, run_jobs):
    with app.app_context(), transaction():
        oliver = load_person(cast.oliver)
        add_absence(by=oliver, person=oliver, first_day=TUESDAY.date(), last_day=TUESDAY.date())
    with app.app_context():
        letters = since(2)
        assert {name: one.kind for name, one in letters.items()} == {
            "oliver": "session-given_up", "maya": "session-cancelled"}  # fmt: skip
        with transaction():
            maya, ada = load_person(cast.maya), load_person(cast.ada)
            open_block(by=ada, block=Block(weekday=2, span=(15 * 60, 17 * 60)))
            review = create_review(by=maya, team_id=cast.team, title="Menu")
            book_and_tell(
                by=maya, host_id=ada.id, review=review, minutes=15,
                starts_at=TUESDAY + timedelta(days=1),
            )  # fmt: skip
        with transaction():
            place = next(m for m in load_person(cast.maya).memberships if m.ended_at is None)
            end_membership(by=load_person(cast.ada), team_id=cast.team, membership_id=place.id)
        with transaction():
            enqueue_due_rounds(clock.now())
    run_jobs()
    with app.app_context():
        assert [one.kind for one in received() if one.to == "ada@example.com"] == [
            "session-booked", "session-cancelled"]  # fmt: skip
