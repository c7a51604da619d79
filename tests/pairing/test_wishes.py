"""Whom somebody does not want to meet, who reports to whom, and who has not been heard of."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership, Person
from critique.accounts.operations import set_reports_to
from critique.events.models import Event
from critique.pairing.jobs import plan_week
from critique.pairing.models import LeftOut, Meeting, Seating
from critique.pairing.weeks import week_after
from critique.pairing.wishes.models import Apart, Silence
from critique.pairing.wishes.operations import break_silence, keep_apart
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Forbidden, Invalid, NotFound
from critique.plumbing.transaction import snapshot, transaction
from tests.pairing.conftest import (
    MONDAY,
    WEEK,
    draw_and_tell,
    everyone,
    person_named,
    received,
    tables,
)

SILENT = "coffee-silent"


@pytest.fixture
def two(app, cast, clock_at):
    """Only Maya and Oliver are in, who could meet."""
    with app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(coffee_in=Person.name.in_(["Maya", "Oliver"])))
    return cast


def members(cast) -> dict[str, int]:
    with snapshot():
        rows = db.session.scalars(sa.select(Membership).where(Membership.team_id == cast.team))
        return {row.person.name: row.id for row in rows}


@pytest.mark.parametrize(("who", "whom"), [("Maya", "Oliver"), ("Oliver", "Maya")])
def test_either_of_two_keeps_them_apart_and_nobody_reads_why(app, two, client_of, who, whom):
    with app.app_context():
        with transaction():
            keep_apart(by=person_named(who), other_id=person_named(whom).id)
        draw_and_tell(two.team, WEEK)
        assert tables() == {}
        reasons = set(db.session.scalars(sa.select(LeftOut.reason)))
        assert reasons == {"no table of two or three works out for you this week"}
        texts = [letter.text for letter in received()]
        log = db.session.execute(sa.select(Event.verb, Event.details, Event.after)).all()
        db.session.rollback()
        assert not [row for row in log if "apart" in row.verb or whom in str(row)]
        assert [row.details for row in log if row.verb == "coffee.changed"] == [{}]
    mine = client_of(getattr(two, who.lower()))
    assert f">{whom}<" in mine.get("/coffee/apart").text.replace("\n", "")
    for name in {"Maya", "Oliver", "Wei", "Ada"} - {who}:
        client = client_of(getattr(two, name.lower()))
        page = client.get("/coffee/apart").text
        assert "Take it back" not in page
        assert client.get("/api/v1/coffee/apart").json == []
    assert all("not want" not in text and "apart" not in text for text in texts)


def test_it_is_said_and_taken_back_on_ones_own_page(app, two, client_of):
    client = client_of(two.maya)
    page = client.get("/coffee/apart")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Nobody. Whom you name" in page.text
    assert client.post("/coffee/apart", data={"person_id": two.oliver}).status_code == 303
    assert client.post("/coffee/apart", data={"person_id": two.oliver}).status_code == 303
    assert client.post("/coffee/apart", data={"person_id": two.maya}).status_code == 422
    assert client.post("/coffee/apart", data={"person_id": ""}).status_code == 422
    assert client.post("/coffee/apart", data={"person_id": two.rival}).status_code == 404
    assert [p["name"] for p in client.get("/api/v1/coffee/apart").json] == ["Oliver"]
    client.post(f"/coffee/apart/{two.oliver}/end")
    client.delete(f"/api/v1/coffee/apart/{two.oliver}")
    with app.app_context():
        assert db.session.scalars(sa.select(Apart)).all() == []
        draw_and_tell(two.team, WEEK)
        assert list(tables()) == [frozenset({"Maya", "Oliver"})]


def test_everybody_with_everybody_leaves_everybody_with_a_reason(app, cast, clock_at):
    with app.app_context():
        with transaction():
            for name in ("Oliver", "Ada"):
                keep_apart(by=person_named("Maya"), other_id=person_named(name).id)
            keep_apart(by=person_named("Ada"), other_id=person_named("Oliver").id)
        draw_and_tell(cast.team, WEEK)
        assert tables() == {}
        assert len(received()) == 4


def test_a_line_is_never_drawn_in_either_direction(app, two, client_of):
    ids = None
    with app.app_context():
        ids = members(two)
        with transaction():
            set_reports_to(
                by=person_named("Wei"),
                team_id=two.team,
                membership_id=ids["Maya"],
                reports_to_id=two.oliver,
            )
        draw_and_tell(two.team, WEEK)
        assert tables() == {}
    assert "reports to Oliver" in client_of(two.wei).get("/team").text
    assert "reports to" not in client_of(two.maya).get("/team").text


def test_a_line_is_a_leads_matter_and_makes_sense(app, two):
    with app.app_context():
        ids = members(two)

        def line(by: str, who: str, above: int | None) -> None:
            with transaction():
                set_reports_to(
                    by=person_named(by),
                    team_id=two.team,
                    membership_id=ids[who],
                    reports_to_id=above,
                )

        with pytest.raises(Forbidden):
            line("Maya", "Maya", two.oliver)
        with pytest.raises(NotFound):
            line("Rival", "Maya", two.oliver)
        with pytest.raises(Invalid):
            line("Wei", "Maya", two.rival)
        with pytest.raises(Invalid):
            line("Wei", "Maya", two.maya)
        line("Wei", "Maya", two.oliver)
        line("Wei", "Oliver", two.ada)
        with pytest.raises(Invalid, match="circle"):
            line("Wei", "Ada", two.maya)
        line("Wei", "Maya", None)
        line("Wei", "Ada", two.maya)


def test_the_line_has_a_page(app, two, client_of):
    with app.app_context():
        maya = members(two)["Maya"]
    lead = client_of(two.wei)
    path = f"/team/members/{maya}/line"
    assert "Whom Maya reports to" in lead.get(path).text
    assert client_of(two.oliver).get(path).status_code == 403
    refused = lead.post(path, data={"reports_to_id": str(two.maya)})
    assert refused.status_code == 422
    assert "circle" in refused.text
    assert lead.post(path, data={"reports_to_id": str(two.oliver)}).status_code == 303
    assert "selected>Oliver" in lead.get(path).text
    assert lead.post(path, data={"reports_to_id": ""}).status_code == 303
    assert "selected>Nobody" in lead.get(path).text


def weeks_pass(cast, clock_at, count: int, each=lambda number: None) -> str:
    """Draw so many weeks, each on its Monday; something may happen on each Friday."""
    week = WEEK
    for number in range(count):
        clock_at(MONDAY + timedelta(weeks=number))
        draw_and_tell(cast.team, week)
        clock_at(MONDAY + timedelta(weeks=number, days=4, hours=12))
        each(number)
        week = week_after(week)
    clock_at(MONDAY + timedelta(weeks=count))
    return week


def in_pool(cast, week: str) -> set[str]:
    plan = plan_week(everyone(cast.team), week)
    return {guest.name for guest in plan.inputs.guests.values()}


def test_who_is_silent_for_three_rounds_is_asked_once_and_comes_back_by_one_click(
    app, two, clock_at, client_of
):
    with app.app_context():

        def oliver_answers(_number: int) -> None:
            with transaction():
                seat = db.session.scalars(
                    sa.select(Seating)
                    .where(Seating.person_id == two.oliver)
                    .order_by(Seating.meeting_id.desc())
                ).first()
                seat.answer, seat.answered_at = "accepted", clock.now()

        fourth = weeks_pass(two, clock_at, 3, oliver_answers)
        draw_and_tell(two.team, fourth)
        (asked,) = [letter for letter in received() if letter.kind == SILENT]
        assert asked.to == "maya@example.com"
        assert len(asked.text.split()) <= 150
        assert asked.text.startswith("Your move, if you want coffee")
        back = asked.link("/return")
    with app.app_context():
        clock_at(MONDAY + timedelta(weeks=4))
        fifth = week_after(fourth)
        draw_and_tell(two.team, fifth)
        assert [letter.kind for letter in received()].count(SILENT) == 1
    page = client_of(two.maya).get("/coffee").text
    assert "Shall we go on drawing you?" in page
    path = back.partition("localhost")[2]
    assert "Draw you again?" in client_of(None).get(path).text
    with app.app_context():
        assert "Maya" not in in_pool(two, week_after(fifth))
    assert "Good to have you back" in client_of(None).post(path).text
    assert client_of(None).post(path).status_code == 200
    with app.app_context():
        clock_at(MONDAY + timedelta(weeks=5))
        assert "Maya" in in_pool(two, week_after(fifth))
        ended = db.session.scalars(sa.select(Silence)).one().ended_at
        db.session.rollback()
        assert ended is not None


@pytest.mark.parametrize("sign", ["answer", "happened", "partner", "gave up", "worked"])
def test_any_sign_in_one_of_the_rounds_keeps_somebody_in(app, two, clock_at, sign):
    with app.app_context():

        def give(number: int) -> None:
            if number != 1:
                return
            with transaction():
                seats = db.session.scalars(
                    sa.select(Seating).order_by(Seating.meeting_id.desc(), Seating.person_id)
                ).all()[:2]
                mine, theirs = seats
                if sign == "answer":
                    mine.answered_at = clock.now()
                if sign == "happened":
                    mine.happened, mine.happened_at = True, clock.now()
                if sign == "partner":
                    theirs.happened, theirs.happened_at = True, clock.now()
                if sign == "gave up":
                    mine.left_at = clock.now()
                if sign == "worked":
                    keep_apart(by=person_named("Maya"), other_id=two.wei)

        fourth = weeks_pass(two, clock_at, 3, give)
        assert "Maya" in in_pool(two, fourth)


def test_who_works_here_but_never_comes_is_asked_too(app, two, clock_at):
    with app.app_context():

        def oliver_waits_in_vain(_number: int) -> None:
            with transaction():
                keep_apart(by=person_named("Maya"), other_id=two.wei)
                db.session.execute(sa.delete(Apart))
                db.session.execute(
                    sa.update(Seating)
                    .where(Seating.person_id == two.oliver)
                    .values(happened=False, happened_at=clock.now())
                )

        fourth = weeks_pass(two, clock_at, 3, oliver_waits_in_vain)
        assert in_pool(two, fourth) == {"Oliver"}


def test_cancelled_meetings_say_nothing_about_who_was_to_come(app, two, clock_at):
    with app.app_context():

        def cancel(number: int) -> None:
            if number == 0:
                with transaction():
                    db.session.execute(sa.update(Meeting).values(cancelled_at=clock.now()))

        fourth = weeks_pass(two, clock_at, 3, cancel)
        assert in_pool(two, fourth) == {"Maya", "Oliver"}


def test_coming_back_begins_to_count_anew(app, two, clock_at):
    with app.app_context():
        fourth = weeks_pass(two, clock_at, 3)
        draw_and_tell(two.team, fourth)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Silence)) == 2
        db.session.rollback()
        with transaction():
            for name in ("Maya", "Oliver"):
                assert break_silence(by=person_named(name))
                assert not break_silence(by=person_named(name))
        clock_at(MONDAY + timedelta(weeks=4))
        assert in_pool(two, week_after(fourth)) == {"Maya", "Oliver"}
