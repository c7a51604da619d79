"""The team page: who sees it, who may change what, and what somebody removed still has."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.accounts import operations
from critique.accounts.access import role_in
from critique.accounts.models import Membership, OneTimeLink, Person, Team
from critique.accounts.operations.calls import _fault_of
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction


def membership_id(app, person_id, team_id):
    with app.app_context():
        return db.session.scalar(
            sa.select(Membership.id).where(
                Membership.person_id == person_id, Membership.team_id == team_id
            )
        )


def role_of(app, person_id, team_id):
    with app.app_context():
        return role_in(db.session.get_one(Person, person_id), team_id)


def test_a_member_sees_the_others_with_role_level_skills_and_local_time(client_of, cast):
    page = client_of(cast.maya).get("/team").text
    for words in (
        "Oliver",
        "Mentor",
        "Senior",
        "checkout, typography",
        "in London",
        "in Singapore",
    ):
        assert words in page
    assert "Rival" not in page
    assert 'name="role"' not in page


def test_somebody_in_no_team_is_told_what_to_do(client_of, cast):
    page = client_of(cast.nia).get("/team")
    assert page.status_code == 200
    assert "invite nia@example.com" in page.text


def test_a_guest_is_asked_to_sign_in(client_of, cast):
    assert client_of(None).get("/team").status_code == 401


@pytest.mark.parametrize("who", ["maya", "oliver"])
def test_only_those_who_lead_change_the_team(app, client_of, cast, who):
    client = client_of(getattr(cast, who))
    row = membership_id(app, cast.wei, cast.team)
    assert client.post("/team/invitations", data={"email": "x@example.com"}).status_code == 403
    assert client.post(f"/team/members/{row}/role", data={"role": "admin"}).status_code == 403
    assert client.post(f"/team/members/{row}/end").status_code == 403
    assert role_of(app, cast.wei, cast.team) == "lead"


@pytest.mark.parametrize("who", ["rival", "nia"])
def test_strangers_find_nothing_to_change(app, client_of, cast, who):
    client = client_of(getattr(cast, who))
    with app.app_context(), transaction():
        operations.invite_person(
            by=db.session.get_one(Person, cast.wei),
            team_id=cast.team, email="x@example.com", role="author",
        )  # fmt: skip
    row = membership_id(app, cast.maya, cast.team)
    for path in (
        f"/team/members/{row}/role", f"/team/members/{row}/end",
        "/team/invitations/1/resend", "/team/invitations/1/withdraw",
    ):  # fmt: skip
        assert client.post(path, data={"role": "mentor"}).status_code == 404, path
    assert client.post("/team/choice", data={"team_id": cast.team}).status_code == 404
    assert role_of(app, cast.maya, cast.team) == "author"


def test_a_lead_changes_roles_but_makes_no_admin(app, client_of, cast):
    wei = client_of(cast.wei)
    maya = membership_id(app, cast.maya, cast.team)
    ada = membership_id(app, cast.ada, cast.team)
    assert wei.post(f"/team/members/{maya}/role", data={"role": "mentor"}).status_code == 303
    assert role_of(app, cast.maya, cast.team) == "mentor"
    assert wei.post(f"/team/members/{maya}/role", data={"role": "admin"}).status_code == 403
    assert wei.post(f"/team/members/{ada}/role", data={"role": "author"}).status_code == 403
    assert wei.post(f"/team/members/{ada}/end").status_code == 403
    invited = wei.post("/team/invitations", data={"email": "x@example.com", "role": "admin"})
    assert invited.status_code == 403
    assert wei.post(f"/team/members/{maya}/role", data={"role": "king"}).status_code == 422


def test_the_last_admin_stays(app, client_of, cast):
    ada = client_of(cast.ada)
    row = membership_id(app, cast.ada, cast.team)
    for path, data in (
        (f"/team/members/{row}/end", {}),
        (f"/team/members/{row}/role", {"role": "lead"}),
    ):
        answer = ada.post(path, data=data)
        assert answer.status_code == 409
        assert "last admin" in answer.text
    assert role_of(app, cast.ada, cast.team) == "admin"
    wei = membership_id(app, cast.wei, cast.team)
    assert ada.post(f"/team/members/{wei}/role", data={"role": "admin"}).status_code == 303
    assert ada.post(f"/team/members/{row}/end").status_code == 303
    assert role_of(app, cast.ada, cast.team) is None


def test_somebody_removed_loses_the_team_with_the_next_request(app, client_of, cast):
    maya = client_of(cast.maya)
    assert "Oliver" in maya.get("/team").text
    row = membership_id(app, cast.maya, cast.team)
    assert client_of(cast.wei).post(f"/team/members/{row}/end").status_code == 303
    assert "Oliver" not in maya.get("/team").text
    with app.app_context():
        ended = db.session.get_one(Membership, row)
        assert ended.ended_at is not None
        assert ended.ended_by_id == cast.wei
        [event] = db.session.scalars(sa.select(Event).where(Event.verb == "membership.ended"))
        assert (event.actor_id, event.details) == (cast.wei, {"person": cast.maya})


def test_whoever_leaves_may_come_back_as_something_else(app, client_of, cast):
    row = membership_id(app, cast.maya, cast.team)
    assert client_of(cast.maya).post(f"/team/members/{row}/end").status_code == 303
    with app.app_context(), transaction():
        operations.start_membership(
            by=None, person=db.session.get_one(Person, cast.maya),
            team=db.session.get_one(Team, cast.team), role="mentor",
        )  # fmt: skip
    assert role_of(app, cast.maya, cast.team) == "mentor"
    assert membership_id(app, cast.maya, cast.team) == row


def test_removal_voids_the_invitation_somebody_still_holds(app, client_of, cast):
    with app.app_context(), transaction():
        wei = db.session.get_one(Person, cast.wei)
        operations.invite_person(by=wei, team_id=cast.team, email="nia@example.com", role="lead")
        operations.start_membership(
            by=wei, person=db.session.get_one(Person, cast.nia),
            team=db.session.get_one(Team, cast.team), role="author",
        )  # fmt: skip
    row = membership_id(app, cast.nia, cast.team)
    assert client_of(cast.wei).post(f"/team/members/{row}/end").status_code == 303
    with app.app_context():
        assert db.session.scalar(sa.select(OneTimeLink.withdrawn_by_id)) == cast.wei


def test_one_works_in_the_team_one_chose(app, client_of, cast):
    with app.app_context(), transaction():
        operations.start_membership(
            by=None, person=db.session.get_one(Person, cast.maya),
            team=db.session.get_one(Team, cast.other_team), role="mentor",
        )  # fmt: skip
    maya = client_of(cast.maya)
    assert '<h1 class="statement">Juniper</h1>' in maya.get("/team").text
    assert maya.post("/team/choice", data={"team_id": cast.other_team}).status_code == 303
    assert '<h1 class="statement">Rivals</h1>' in maya.get("/team").text
    row = membership_id(app, cast.maya, cast.other_team)
    assert maya.post(f"/team/members/{row}/end").status_code == 303
    assert '<h1 class="statement">Juniper</h1>' in maya.get("/team").text


def test_a_member_of_another_team_is_out_of_a_leads_reach(app, client_of, cast):
    row = membership_id(app, cast.rival, cast.other_team)
    wei = client_of(cast.wei)
    assert wei.post(f"/team/members/{row}/end").status_code == 404
    assert wei.post(f"/team/members/{row}/role", data={"role": "author"}).status_code == 404


def test_a_refused_invitation_keeps_what_was_typed(client_of, cast):
    answer = client_of(cast.wei).post(
        "/team/invitations", data={"email": '"><script>x', "role": "lead"}
    )
    assert answer.status_code == 422
    assert "Write a mail address" in answer.text
    assert "<script>x" not in answer.text
    assert "&gt;&lt;script&gt;x" in answer.text


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://meet.example.com/{room}", "Begin with https"),
        ("javascript:alert('{room}')", "no spaces, quotes"),
        ("ftp:{room}", "Begin with https"),
        ("https://meet.example.com/", "Write {room} once"),
        ("https://meet.example.com/{room}/{room}", "Write {room} once"),
        ("https://meet.example.com/{room}?u={name}", "Write {room} once"),
        ("https://{room}.example.com/", "belongs behind"),
        ("https://me:secret@meet.example.com/{room}", "Leave the name and password out"),
        ("https://meet.example.com:x/{room}", "no web address"),
        ("https://[meet/{room}", "no web address"),
        ("https://meet.example.com/\u202e{room}", "no spaces, quotes"),
        (f"https://meet.example.com/{'x' * 300}{{room}}", "At most 300"),
    ],
)
def test_an_address_of_calls_that_is_none_is_refused_with_the_reason(address, fault):
    assert fault in str(_fault_of(address))


def test_leads_say_where_calls_are(app, cast, client_of):
    lead = client_of(cast.wei)
    assert "Where live calls are" in lead.get("/team").text
    assert "Where live calls are" not in client_of(cast.maya).get("/team").text
    wrong = lead.post("/team/calls", data={"call_address": "http://meet.example.com/{room}"})
    assert wrong.status_code == 422
    assert "Begin with https" in wrong.text
    assert 'value="http://meet.example.com/{room}"' in wrong.text
    address = " https://meet.example.com/{room} "
    for _ in range(2):
        assert lead.post("/team/calls", data={"call_address": address}).status_code == 303
    assert 'value="https://meet.example.com/{room}"' in lead.get("/team").text
    lead.post("/team/calls", data={"call_address": ""})
    with app.app_context():
        verb = Event.verb == "team.call_address_changed"
        assert len(db.session.scalars(sa.select(Event).where(verb)).all()) == 2
        assert db.session.get_one(Team, cast.team).call_address == ""
        db.session.rollback()
