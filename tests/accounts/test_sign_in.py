"""Signing in and out: who gets in, what it tells, and how sessions end."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from critique.accounts import passwords
from critique.accounts.login import COOKIE_KEY, browser_name, safe_path
from critique.accounts.models import Person, SignIn
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.transaction import OpenTransaction, transaction
from critique.web.app import limiter
from tests.accounts.conftest import PASSWORD, send_form


def sign_in(client, email="maya@example.com", password=PASSWORD, **more):
    return send_form(client, "/sign-in", email=email, password=password, **more)


@pytest.fixture
def maya(client_of, cast, set_password):
    """Maya's browser, signed in by the page."""
    set_password(cast.maya)
    client = client_of(None)
    assert sign_in(client).status_code == 303
    return client


def test_a_person_signs_in_however_the_address_is_written_and_out(client_of, cast, set_password):
    set_password(cast.maya)
    client = client_of(None)
    answer = sign_in(client, email=" Maya@Example.COM ")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Maya" in client.get("/profile").text
    assert send_form(client, "/profile", "/sign-out").status_code == 303
    assert client.get("/profile").status_code == 401


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(client_of, cast, set_password):
    set_password(cast.maya)
    cookie = sign_in(client_of(None)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_wrong_password_and_unknown_address_look_the_same(client_of, cast, set_password):
    set_password(cast.maya)
    pages = []
    for email in ("maya@example.com", "nobody@example.com", "oliver@example.com"):
        answer = sign_in(client_of(None), email=email, password="not the one")
        assert answer.status_code == 422
        pages.append(answer.text.replace(email, "EMAIL"))
    strip = [[line for line in page.splitlines() if "csrf" not in line and "nonce" not in line]
             for page in pages]  # fmt: skip
    assert strip[0] == strip[1] == strip[2]


def test_an_unknown_address_costs_a_hash_too(client_of, cast, set_password, monkeypatch):
    set_password(cast.maya)
    worked = []

    class Counting:
        def hash(self, password):
            worked.append("hash")
            return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)

        def verify(self, stored, password):
            worked.append("verify")
            return PasswordHasher().verify(stored, password)

        def check_needs_rehash(self, _stored):
            return False

    monkeypatch.setattr(passwords, "hasher", Counting())
    for email in ("maya@example.com", "nobody@example.com", "oliver@example.com"):
        assert sign_in(client_of(None), email=email, password="not the one").status_code == 422
    # Oliver has no password yet; hashing and verifying are the same argon2 computation.
    assert worked == ["verify", "hash", "hash"]


def test_no_transaction_is_open_while_hashing(app, cast):
    with app.app_context():
        db.session.get(Person, cast.maya)
        with pytest.raises(OpenTransaction):
            passwords.hash_password(PASSWORD)
        with pytest.raises(OpenTransaction):
            passwords.matches(PASSWORD, None)


def test_signing_in_brings_an_old_hash_up_to_date(app, client_of, cast, set_password, monkeypatch):
    set_password(cast.maya)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", stronger)
    assert sign_in(client_of(None)).status_code == 303
    with app.app_context():
        stored = db.session.get_one(Person, cast.maya).password_hash
    assert not stronger.check_needs_rehash(stored)
    assert sign_in(client_of(None)).status_code == 303


def test_a_planted_session_is_worth_nothing_after_sign_in(client_of, cast, set_password):
    set_password(cast.maya)
    client = client_of(None)
    with client.session_transaction() as session:
        session[COOKIE_KEY] = "planted by somebody"
    planted = client.get_cookie("critique").value
    assert sign_in(client).status_code == 303
    with client.session_transaction() as session:
        assert session[COOKIE_KEY] != "planted by somebody"
    thief = client_of(None)
    thief.set_cookie("critique", planted)
    assert thief.get("/profile").status_code == 401


def test_signing_in_again_ends_the_session_before(app, maya, cast):
    with maya.session_transaction() as session:
        first = session[COOKIE_KEY]
    token = maya.get("/profile").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = maya.post(
        "/sign-in", data={"csrf_token": token, "email": "maya@example.com", "password": PASSWORD}
    )
    assert answer.status_code == 303
    with maya.session_transaction() as session:
        assert session[COOKIE_KEY] != first
    with app.app_context():
        rows = db.session.scalars(sa.select(SignIn).order_by(SignIn.id)).all()
        assert [row.ended_at is None for row in rows] == [False, True]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "", "team", "/a\\b",
    ],
)  # fmt: skip
def test_after_sign_in_nobody_is_sent_elsewhere(client_of, cast, set_password, target):
    set_password(cast.maya)
    assert sign_in(client_of(None), next=target).location == "/"
    assert safe_path(target) == "/"


def test_after_sign_in_one_comes_back(client_of, cast, set_password):
    set_password(cast.maya)
    client = client_of(None)
    asked = client.get("/team?view=all")
    assert asked.status_code == 401
    assert 'name="next" value="/team?view=all"' in asked.text
    assert sign_in(client, next="/team?view=all").location == "/team?view=all"


def test_a_form_without_its_token_is_refused(client_of, cast, set_password):
    set_password(cast.maya)
    answer = client_of(None).post(
        "/sign-in", data={"email": "maya@example.com", "password": PASSWORD}
    )
    assert answer.status_code == 400


def test_the_password_never_comes_back_in_the_page(client_of, cast):
    answer = sign_in(client_of(None), password="a secret slip")
    assert answer.status_code == 422
    assert "a secret slip" not in answer.text
    assert 'value="maya@example.com"' in answer.text


def test_too_many_wrong_tries_are_stopped_for_every_address_alike(client_of, cast, set_password):
    set_password(cast.maya)
    limiter.enabled = True
    limiter.reset()
    try:
        for email in ("maya@example.com", "nobody@example.com"):
            statuses = [
                sign_in(client_of(None), email=email, password="wrong one").status_code
                for _ in range(11)
            ]
            assert statuses == [422] * 10 + [429]
        # Written otherwise it is the same account, and the right password does not help now.
        assert sign_in(client_of(None), email="MAYA@example.com").status_code == 429
        assert sign_in(client_of(None), email="oliver@example.com").status_code == 422
    finally:
        limiter.reset()


def test_a_new_password_ends_every_other_session_at_once(client_of, cast, maya):
    other = client_of(cast.maya)
    assert other.get("/profile").status_code == 200
    answer = send_form(
        maya, "/profile", "/profile/password",
        current_password=PASSWORD, password="another long one",
    )  # fmt: skip
    assert answer.status_code == 303
    assert maya.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 401
    assert sign_in(client_of(None)).status_code == 422
    assert sign_in(client_of(None), password="another long one").status_code == 303


def test_a_new_password_needs_the_present_one(maya):
    answer = send_form(
        maya, "/profile", "/profile/password",
        current_password="not this", password="another long one",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "This is not your present password." in answer.text


def test_a_session_is_ended_from_the_list_and_nobody_elses_can_be(app, client_of, cast, maya):
    other = client_of(cast.maya)
    with app.app_context():
        sessions = db.session.scalars(sa.select(SignIn.id).order_by(SignIn.id)).all()
    stranger = client_of(cast.oliver)
    assert stranger.post(f"/profile/sessions/{sessions[-1]}/end").status_code == 404
    assert other.get("/profile").status_code == 200
    answer = send_form(maya, "/profile", f"/profile/sessions/{sessions[-1]}/end")
    assert answer.status_code == 303
    assert other.get("/profile").status_code == 401
    assert maya.get("/profile").status_code == 200


def test_all_other_sessions_end_together(client_of, cast, maya):
    others = [client_of(cast.maya) for _ in range(2)]
    assert send_form(maya, "/profile", "/profile/sessions/end").status_code == 303
    assert [other.get("/profile").status_code for other in others] == [401, 401]
    assert maya.get("/profile").status_code == 200


def test_doors_leave_a_trail(app, maya):
    send_form(maya, "/profile", "/sign-out")
    with app.app_context(), transaction():
        verbs = db.session.scalars(sa.select(Event.verb).order_by(Event.id)).all()
    assert verbs == ["session.started", "session.ended"]


@pytest.mark.parametrize(
    ("says", "called"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on Linux",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/141.0.0.0 Safari/537.36 Edg/141.0"
            ),
            "Edge on Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iPhone",
        ),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_session_is_named_as_people_name_browsers(says, called):
    assert browser_name(says) == called
