"""Links that work once: the first admin's, invitations, forgotten passwords."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.accounts import operations, queries
from critique.accounts.access import role_in
from critique.accounts.models import ApiToken, Membership, OneTimeLink, Person, Team
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from tests.accounts.conftest import PASSWORD, csrf_token_of, send_form


def letters(app):
    with app.app_context():
        return [
            (letter.to_address, letter.text)
            for letter in db.session.scalars(sa.select(Letter).order_by(Letter.id))
        ]


def link_in(text):
    """The path of the link in a mail; it must begin with the configured address."""
    return re.search(r"http://localhost(/\S+)", text)[1]


def ask_reset(client, email="maya@example.com", **more):
    token = csrf_token_of(client.get("/reset").text)
    return client.post("/reset", data={"csrf_token": token, "email": email}, **more)


# --- the first admin -------------------------------------------------------------------------


def setup_path(app):
    with app.app_context(), transaction():
        link = operations.setup_link()
    return link and link.removeprefix("http://localhost")


FIRST = {
    "team": "Juniper",
    "zone": "Asia/Singapore",
    "name": "Ada",
    "email": "ada@example.com",
    "password": PASSWORD,
}


def test_the_first_start_makes_the_admin_by_a_link_that_works_once(app, client_of):
    path = setup_path(app)
    client = client_of(None)
    assert send_form(client, path, **FIRST).location == "/team"
    assert "Ada" in client.get("/team").text
    with app.app_context():
        ada = queries.person_by_email("ada@example.com")
        assert ada.memberships[0].role == "admin"
        assert ada.memberships[0].team.zone == "Asia/Singapore"
    other = client_of(None)
    token = csrf_token_of(other.get("/sign-in").text)
    again = other.post(path, data={**FIRST, "email": "eve@example.com", "csrf_token": token})
    assert again.status_code == 404
    assert other.get(path).status_code == 404
    assert setup_path(app) is None


def test_a_new_start_replaces_the_link(app, client_of):
    first, second = setup_path(app), setup_path(app)
    assert client_of(None).get(first).status_code == 404
    assert client_of(None).get(second).status_code == 200


def test_there_is_no_setup_once_somebody_is_admin(app, client_of):
    path = setup_path(app)
    with app.app_context(), transaction():
        operations.add_person(
            by=None, email="first@example.com", name="First", team="T", role="admin"
        )
    assert send_form(client_of(None), path, **FIRST).status_code == 404


def test_a_refused_setup_keeps_what_was_typed_and_the_link(app, client_of):
    path = setup_path(app)
    client = client_of(None)
    answer = send_form(
        client, path, **{**FIRST, "password": "short", "name": "<b>Ada</b>", "zone": "Mars/Base"}
    )
    assert answer.status_code == 422
    assert "&lt;b&gt;Ada&lt;/b&gt;" in answer.text
    assert "<b>Ada" not in answer.text
    assert "This is too short." in answer.text
    assert "There is no time zone" in answer.text
    assert client.get(path).status_code == 200


# --- forgotten passwords ---------------------------------------------------------------------


def test_a_forgotten_password_is_set_by_mail(app, client_of, cast, set_password, run_jobs):
    set_password(cast.maya)
    signed_in = client_of(cast.maya)
    with app.app_context(), transaction():
        operations.issue_token(by=None, person=db.session.get_one(Person, cast.maya))
    client = client_of(None)
    assert ask_reset(client).status_code == 303
    run_jobs()
    [(address, text)] = letters(app)
    assert address == "maya@example.com"
    path = link_in(text)
    answer = send_form(client, path, password="a brand new one")
    assert answer.status_code == 303
    assert client.get("/profile").status_code == 200
    assert signed_in.get("/profile").status_code == 401
    assert client_of(None).get(path).status_code == 404
    with app.app_context():
        assert db.session.scalar(sa.select(ApiToken.revoked_at)) is not None


def test_asking_does_the_same_work_for_every_address(app, client_of, cast, run_jobs):
    statements, answers, work = [], [], []
    with app.app_context():
        sa.event.listen(
            db.engine, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
    for email in ("maya@example.com", "nobody@example.com"):
        client = client_of(None)
        statements.clear()
        answer = ask_reset(client, email)
        work.append(list(statements))
        shown = client.get("/reset").text
        answers.append((answer.status_code, answer.location, "If this address has" in shown))
    assert answers[0] == answers[1] == (303, "/reset", True)
    assert work[0] == work[1]
    run_jobs()
    assert [address for address, _ in letters(app)] == ["maya@example.com"]


def test_the_link_never_comes_from_the_host_header(app, client_of, cast, run_jobs):
    client, evil = client_of(None), {"base_url": "http://evil.example"}
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "evil.example"}
    token = csrf_token_of(client.get("/reset", **evil).text)
    client.post(
        "/reset", data={"csrf_token": token, "email": "maya@example.com"}, headers=forwarded, **evil
    )
    run_jobs()
    [(_, text)] = letters(app)
    assert "evil" not in text
    assert link_in(text).startswith("/reset/")


@pytest.mark.parametrize(
    "fields",
    [
        [("email", "maya@example.com"), ("email", "eve@example.com")],
        [("email", "maya@example.com"), ("email[]", "eve@example.com")],
        [("email", "maya@example.com,eve@example.com")],
        [("email", "maya@example.com\r\nBcc: eve@example.com")],
        [("email", "maya@example.com%0d%0acc:eve@example.com")],
    ],
)
def test_no_second_address_gets_the_link(app, client_of, cast, run_jobs, fields):
    client = client_of(None)
    token = csrf_token_of(client.get("/reset").text)
    from werkzeug.datastructures import MultiDict

    client.post("/reset", data=MultiDict([("csrf_token", token), *fields]))
    run_jobs()
    assert {address for address, _ in letters(app)} <= {"maya@example.com"}


def test_a_mailbox_is_not_flooded(app, client_of, cast, run_jobs):
    for _ in range(6):
        assert ask_reset(client_of(None)).status_code == 303
        run_jobs()
    assert len(letters(app)) == 3


def test_using_one_reset_voids_the_others(app, client_of, cast, run_jobs):
    for _ in range(2):
        ask_reset(client_of(None))
        run_jobs()
    first, second = (link_in(text) for _, text in letters(app))
    assert send_form(client_of(None), second, password="a brand new one").status_code == 303
    assert client_of(None).get(first).status_code == 404


@pytest.mark.parametrize("minutes", [59, 61])
def test_a_reset_lasts_an_hour(app, client_of, cast, run_jobs, minutes):
    ask_reset(client_of(None))
    run_jobs()
    path = link_in(letters(app)[0][1])
    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        assert client_of(None).get(path).status_code == (200 if minutes < 60 else 404)


def test_a_link_opens_no_other_door(app, client_of, cast, run_jobs):
    ask_reset(client_of(None))
    run_jobs()
    secret = link_in(letters(app)[0][1]).rsplit("/", 1)[1]
    for door in ("setup", "invitations"):
        assert client_of(None).get(f"/{door}/{secret}").status_code == 404
    with app.app_context():
        assert secret not in db.session.scalars(sa.select(OneTimeLink.digest)).all()


def test_opening_a_link_does_not_use_it(app, client_of, cast, run_jobs):
    ask_reset(client_of(None))
    run_jobs()
    path = link_in(letters(app)[0][1])
    for _ in range(3):
        assert client_of(None).get(path).status_code == 200


# --- invitations -----------------------------------------------------------------------------


def invited(app, client, run_jobs, email="new@example.com", role="author"):
    """The path of an invitation sent by whoever `client` is."""
    answer = client.post("/team/invitations", data={"email": email, "role": role})
    assert answer.status_code == 303, answer.text
    run_jobs()
    address, text = letters(app)[-1]
    assert address == email
    return link_in(text)


JOIN = {"name": "Nova", "zone": "Europe/London", "password": PASSWORD}


def test_somebody_new_joins_by_mail(app, client_of, cast, run_jobs):
    path = invited(app, client_of(cast.wei), run_jobs, role="mentor")
    client = client_of(None)
    assert send_form(client, path, **JOIN).status_code == 303
    assert "Nova" in client.get("/team").text
    with app.app_context():
        nova = queries.person_by_email("new@example.com")
        assert role_in(nova, cast.team) == "mentor"
    assert client_of(None).get(path).status_code == 404


def test_the_answer_to_an_invitation_does_not_tell_who_has_an_account(
    app, client_of, cast, run_jobs
):
    pages = []
    for email in ("nia@example.com", "xyz@example.com"):
        client = client_of(cast.wei)
        assert client.post("/team/invitations", data={"email": email}).status_code == 303
        pages.append([line.replace(email, "EMAIL") for line in client.get("/team").text.splitlines()
                      if email in line])  # fmt: skip
        client.post(f"/team/invitations/{len(pages)}/withdraw")
    assert pages[0] == pages[1]


def test_somebody_with_an_account_joins_by_signing_in(app, client_of, cast, run_jobs, set_password):
    set_password(cast.rival)
    path = invited(app, client_of(cast.ada), run_jobs, "rival@example.com", "lead")
    guest = client_of(None)
    page = guest.get(path)
    assert "has an account" in page.text
    assert 'name="password"' not in page.text
    token = csrf_token_of(guest.get("/sign-in").text)
    refused = guest.post(path, data={"csrf_token": token, **JOIN})
    assert refused.status_code == 403
    rival = client_of(cast.rival)
    assert send_form(rival, path).status_code == 303
    with app.app_context():
        assert role_in(db.session.get_one(Person, cast.rival), cast.team) == "lead"
        assert role_in(db.session.get_one(Person, cast.rival), cast.other_team) == "admin"


def test_an_invitation_is_not_for_whoever_else_is_signed_in(
    app, client_of, cast, run_jobs, set_password
):
    set_password(cast.rival)
    path = invited(app, client_of(cast.ada), run_jobs, "rival@example.com")
    nia = client_of(cast.nia)
    assert "This invitation is for another address" in nia.get(path).text
    assert nia.post(path).status_code == 403
    with app.app_context():
        assert role_in(db.session.get_one(Person, cast.nia), cast.team) is None


def test_whoever_is_in_the_team_is_not_invited(client_of, cast):
    answer = client_of(cast.wei).post("/team/invitations", data={"email": "Oliver@example.com"})
    assert answer.status_code == 409
    assert "is in the team already" in answer.text


def test_joining_meanwhile_by_another_way_keeps_the_role(
    app, client_of, cast, run_jobs, set_password
):
    set_password(cast.nia)
    path = invited(app, client_of(cast.wei), run_jobs, "nia@example.com", "author")
    with app.app_context(), transaction():
        operations.start_membership(
            by=None,
            person=db.session.get_one(Person, cast.nia),
            team=db.session.get_one(Team, cast.team),
            role="mentor",
        )
    assert send_form(client_of(cast.nia), path).status_code == 303
    with app.app_context():
        assert role_in(db.session.get_one(Person, cast.nia), cast.team) == "mentor"
        assert len(db.session.scalars(sa.select(Membership).where(
            Membership.person_id == cast.nia)).all()) == 1  # fmt: skip


def test_sending_again_voids_the_link_before_and_taking_back_voids_all(
    app, client_of, cast, run_jobs
):
    wei = client_of(cast.wei)
    first = invited(app, wei, run_jobs)
    assert wei.post("/team/invitations/1/resend").status_code == 303
    run_jobs()
    second = link_in(letters(app)[-1][1])
    assert first != second
    assert client_of(None).get(first).status_code == 404
    assert client_of(None).get(second).status_code == 200
    assert wei.post("/team/invitations/2/withdraw").status_code == 303
    assert client_of(None).get(second).status_code == 404
    assert wei.post("/team/invitations/2/resend").status_code == 404


def test_an_invitation_taken_back_before_it_was_mailed_is_not_mailed(
    app, client_of, cast, run_jobs
):
    wei = client_of(cast.wei)
    wei.post("/team/invitations", data={"email": "new@example.com"})
    wei.post("/team/invitations/1/withdraw")
    run_jobs()
    assert letters(app) == []


def test_an_invitation_lasts_a_week(app, client_of, cast, run_jobs):
    path = invited(app, client_of(cast.wei), run_jobs)
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert client_of(None).get(path).status_code == 404


def test_only_one_of_two_at_the_same_instant_uses_a_link(app, client_of, cast, run_jobs):
    path = invited(app, client_of(cast.wei), run_jobs)
    from critique.accounts.operations.links import take
    from critique.plumbing.errors import NotFound

    with app.app_context(), transaction():
        link = queries.usable_link("invitation", path.rsplit("/", 1)[1])
        take(link)
        with pytest.raises(NotFound):
            take(link)


def test_hostile_names_stay_text_in_pages_and_mails(app, client_of, cast, run_jobs):
    hostile = "<img src=x onerror=alert(1)> & Söhne"
    with app.app_context(), transaction():
        db.session.get_one(Person, cast.wei).name = hostile
        db.session.get_one(Team, cast.team).name = "A\r\nBcc: eve@example.com\r\n\r\nB"
    path = invited(app, client_of(cast.wei), run_jobs)
    page = client_of(None).get(path).text
    assert "<img src=x" not in page
    with app.app_context():
        letter = db.session.scalars(sa.select(Letter)).one()
        assert "\n" not in letter.subject
        assert "\r" not in letter.subject
        assert hostile in letter.text


def test_names_that_would_break_a_header_are_refused(app, client_of, cast, run_jobs):
    path = invited(app, client_of(cast.wei), run_jobs)
    for name in ("A\r\nBcc: e@example.com", "A\u202eB", "A\x07B", " ", "x" * 121):
        answer = send_form(client_of(None), path, **{**JOIN, "name": name})
        assert answer.status_code == 422, name
