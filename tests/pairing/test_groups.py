"""Coffee groups: a guild, who is new, threes, and every fourth week, each with its own history."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership, Person, PersonSkill
from critique.accounts.operations import add_team
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.operations import (
    add_group,
    end_group,
    put_in_group,
    take_out_of_group,
)
from critique.pairing.groups.queries import is_drawn_in, members_in, whole_team
from critique.pairing.jobs import plan_week
from critique.pairing.models import Meeting, Round
from critique.pairing.rounds import enqueue_due_rounds
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from tests.pairing.conftest import (
    MONDAY,
    NEXT_WEEK,
    WEEK,
    draw_and_tell,
    draw_group_and_tell,
    everyone,
    person_named,
    received,
)
from tests.people import person, team


@pytest.fixture
def made(app, cast, clock_at):
    """Make a group of Juniper by Wei, who leads; gives its id."""

    def make(**values) -> int:
        with app.app_context(), transaction():
            return add_group(by=person_named("Wei"), team_id=cast.team, **values).id

    return make


def names_in(group_id: int, week: str = WEEK) -> set[str]:
    with snapshot():
        group = db.session.get_one(CoffeeGroup, group_id)
        return {found.name for found in db.session.scalars(members_in(group, week))}


def test_a_team_has_its_group_of_everyone_from_the_first_moment(app, clock_at):
    with app.app_context():
        with transaction():
            found = add_team(by=None, name="Sage", zone="UTC")
        with snapshot():
            assert whole_team(found.id).every_weeks == 1


def test_a_guild_is_who_shares_the_skill(app, cast, made):
    guild = made(kind="skill", skill="Typography")
    with app.app_context():
        assert names_in(guild) == {"Oliver"}
        with transaction():
            db.session.add(PersonSkill(person_id=cast.ada, skill="typography"))
        assert names_in(guild) == {"Oliver", "Ada"}
        draw_group_and_tell(guild, WEEK)
        meeting = db.session.scalars(sa.select(Meeting)).one()
        assert {p.name for p in meeting.people} == {"Oliver", "Ada"}
        db.session.rollback()
        assert {letter.to for letter in received()} == {"ada@example.com", "oliver@example.com"}
        assert all("Typography of Juniper" in letter.text for letter in received())


def test_who_is_new_is_in_for_four_weeks(app, cast, made):
    fresh = made(kind="newcomers")
    with app.app_context():
        with transaction():
            db.session.execute(sa.update(Membership).values(joined_at=MONDAY - timedelta(days=400)))
            db.session.execute(
                sa.update(Membership)
                .where(Membership.person_id.in_([cast.maya, cast.oliver]))
                .values(joined_at=MONDAY - timedelta(days=10))
            )
        assert names_in(fresh) == {"Maya", "Oliver"}
        assert names_in(fresh, "2026-W50") == {"Maya", "Oliver"}
        assert names_in(fresh, "2026-W51") == set()


def test_named_people_are_put_in_by_leads_and_leave_by_themselves(app, cast, made, client_of):
    named = made(kind="named", name="Book club")
    lead, maya, oliver = (client_of(who) for who in (cast.wei, cast.maya, cast.oliver))
    path = f"/coffee/groups/{named}/people"
    assert maya.post(path, data={"person_id": cast.maya, "is_in": "1"}).status_code == 403
    for who in (cast.maya, cast.oliver):
        assert lead.post(path, data={"person_id": who, "is_in": "1"}).status_code == 303
    assert lead.post(path, data={"person_id": cast.rival, "is_in": "1"}).status_code == 404
    assert oliver.post(path, data={"person_id": cast.maya, "is_in": ""}).status_code == 403
    with app.app_context():
        assert names_in(named) == {"Maya", "Oliver"}
    assert maya.post(path, data={"person_id": cast.maya, "is_in": ""}).status_code == 303
    again = lead.post(path, data={"person_id": cast.maya, "is_in": "1"})
    assert again.status_code == 403
    assert "left this group themselves" in again.text
    assert maya.post(path, data={"person_id": cast.maya, "is_in": "1"}).status_code == 303
    with app.app_context():
        assert names_in(named) == {"Maya", "Oliver"}


def test_leaving_the_group_of_everyone_leaves_the_others(app, cast, made):
    named = made(kind="named", name="Book club")
    with app.app_context():
        with transaction():
            put_in_group(by=person_named("Wei"), group_id=named, person_id=cast.maya)
        whole = everyone(cast.team)
        with transaction():
            take_out_of_group(by=person_named("Maya"), group_id=whole, person_id=cast.maya)
        assert "Maya" not in names_in(whole)
        assert "Maya" in names_in(named)


@pytest.mark.parametrize(
    ("every", "due"), [(1, [48, 49, 50, 51, 52]), (2, [48, 50, 52]), (4, [48, 52])]
)
def test_a_group_is_drawn_in_its_weeks_only(app, cast, made, every, due):
    group_id = made(kind="named", name="Book club", every_weeks=every)
    with app.app_context(), snapshot():
        group = db.session.get_one(CoffeeGroup, group_id)
        weeks = range(46, 54)
        assert [w for w in weeks if is_drawn_in(group, f"2026-W{w}") and w < 53] == due


def test_the_scheduler_asks_for_each_group_in_its_week_once(app, cast, made):
    weekly = made(kind="named", name="Weekly")
    monthly = made(kind="named", name="Monthly", every_weeks=4)
    ended = made(kind="named", name="Ended")
    with app.app_context():
        with transaction():
            end_group(by=person_named("Wei"), group_id=ended)
            for group in db.session.scalars(sa.select(CoffeeGroup)):
                group.made_at = MONDAY - timedelta(days=30)
        ours = {everyone(cast.team), everyone(cast.other_team), weekly}
        for now in (MONDAY, MONDAY, MONDAY + timedelta(weeks=1)):
            with transaction():
                enqueue_due_rounds(now)
        asked = [entry.ids[:2] for entry in jobs.unfinished()]
        assert sorted(asked) == sorted(
            [(one, w) for one in ours for w in (WEEK, NEXT_WEEK)] + [(monthly, WEEK)]
        )


def test_tables_of_three_where_a_group_wants_them(app, cast, made):
    with app.app_context():
        with transaction():
            london = team("Big", "Europe/London")
            for number in range(10):
                person(f"P{number}", london, "lead", zone="Europe/London")
        with transaction():
            group = whole_team(london.id)
            group.size = 3
            group_id = group.id
        draw_group_and_tell(group_id, WEEK)
        sizes = sorted(len(meeting.people) for meeting in db.session.scalars(sa.select(Meeting)))
        assert sizes == [2, 2, 3, 3]


def test_two_groups_have_histories_of_their_own_and_do_not_double_book(app, cast, made):
    with app.app_context():
        with transaction():
            person_named("Maya").coffee_in = False
        draw_and_tell(cast.team, WEEK)
    named = made(kind="named", name="Book club")
    with app.app_context():
        with transaction():
            for who in (cast.oliver, cast.ada):
                put_in_group(by=person_named("Wei"), group_id=named, person_id=who)
        plan = plan_week(named, WEEK)
        assert plan.inputs.history == {}
        assert set(plan.inputs.proposed) == {(cast.oliver, cast.ada)}
        draw_group_and_tell(named, WEEK)
        first, second = db.session.scalars(sa.select(Meeting).order_by(Meeting.id)).all()
        assert {p.name for p in first.people} == {p.name for p in second.people}
        assert first.ends_at <= second.starts_at or second.ends_at <= first.starts_at
        assert len({letter.raw for letter in received()}) == len(received())


def test_leads_make_and_change_groups_on_their_page(app, cast, clock_at, client_of):
    lead = client_of(cast.wei)
    assert "Another group" in lead.get("/coffee/groups").text
    assert "Another group" not in client_of(cast.maya).get("/coffee/groups").text
    assert client_of(cast.maya).post(
        "/coffee/groups", data={"kind": "newcomers"}
    ).status_code == 403  # fmt: skip
    for wrong, field in (
        ({"kind": "named"}, "Give it a name"),
        ({"kind": "skill"}, "Name one skill"),
        ({"kind": "skill", "skill": "type, grids"}, "Name one skill"),
        ({"kind": "newcomers", "size": "4"}, "Choose one of"),
    ):
        answer = lead.post("/coffee/groups", data=wrong)
        assert (answer.status_code, field in answer.text) == (422, True)
    made = lead.post(
        "/coffee/groups", data={"kind": "skill", "skill": "typography", "every_weeks": "2"}
    )
    page = lead.get(made.location).text
    assert "Typography" in page
    assert "every second week" in page
    lead.post(made.location, data={"name": "Letters", "size": "3", "every_weeks": "4"})
    page = lead.get(made.location).text
    assert "Letters" in page
    assert "Tables of 3, every fourth week" in page
    assert lead.post(f"{made.location}/end").status_code == 303
    assert lead.get(made.location).status_code == 404
    with app.app_context():
        team_group = everyone(cast.team)
    refused = lead.post(f"/coffee/groups/{team_group}/end")
    assert refused.status_code == 409
    assert "stays" in refused.text


def test_programs_do_what_the_pages_do(app, cast, clock_at, client_of, run_jobs):
    lead, maya = client_of(cast.wei), client_of(cast.maya)
    made = lead.post(
        "/api/v1/coffee/groups", json={"kind": "named", "name": "Book club", "size": 3}
    )
    assert made.status_code == 201
    group = f"/api/v1/coffee/groups/{made.json['id']}"
    for who in (cast.maya, cast.oliver, cast.ada):
        found = lead.put(f"{group}/people/{who}").json
    assert [p["name"] for p in found["people"]] == ["Ada", "Maya", "Oliver"]
    assert lead.patch(group, json={"every_weeks": 4}).json["every_weeks"] == 4
    ahead = lead.get(f"{group}/forecast").json
    assert (ahead["lasts_rounds"], len(ahead["rounds"])) == (2, 4)
    assert ahead["rounds"][0] | {"week": WEEK, "threes": 1, "first_times": 3} == ahead["rounds"][0]
    assert maya.get(f"{group}/forecast").status_code == 403
    assert lead.post(f"{group}/rounds").status_code == 202
    run_jobs()
    drawn = maya.get(f"{group}/rounds/{WEEK}").json
    (table,) = drawn["tables"]
    assert {p["name"] for p in table["people"]} == {"Ada", "Maya", "Oliver"}
    mine = maya.get("/api/v1/coffee").json
    assert [m["id"] for m in mine["meetings"]] == [table["id"]]
    assert maya.put(f"/api/v1/coffee/skips/{WEEK}").json["meetings"] == []
    assert maya.delete(f"/api/v1/coffee/skips/{WEEK}").json["skipped_week"] is None
    assert maya.delete(f"{group}/people/{cast.maya}").status_code == 200
    wishes = maya.put("/api/v1/coffee/wishes", json={"coffee_in": False}).json
    assert wishes["coffee_in"] is False
    assert lead.delete(group).status_code == 200
    assert lead.get(f"{group}/forecast").status_code == 404
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Round)) == 1


def test_the_forecast_page_says_how_long_the_roster_lasts(app, cast, clock_at, client_of):
    with app.app_context():
        path = f"/coffee/groups/{everyone(cast.team)}/forecast"
    page = client_of(cast.wei).get(path).text
    assert "Your roster lasts 2 rounds without a repeat." in page
    assert "Wei would have no table: no common 20 minutes" in page
    assert "3 of 3 pairs meet for the first time" in page
    assert client_of(cast.maya).get(path).status_code == 403
    assert "The roster lasts 2 rounds" in client_of(cast.wei).get("/coffee").text
    with app.app_context():
        with transaction():
            db.session.execute(sa.update(Person).values(coffee_in=False))
        assert clock.now() == MONDAY
    assert "Nobody here can meet anybody." in client_of(cast.wei).get(path).text
