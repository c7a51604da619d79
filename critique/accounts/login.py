"""Flask-Login's two doors: a session cookie that names a row, or a bearer token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
from flask import Flask, Request, g, request, session
from flask_login import LoginManager, current_user

from critique.accounts.access import memberships_of
from critique.accounts.models import ApiToken, Membership, Person, SignIn
from critique.accounts.secret import digest, fresh_secret
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound, Unauthenticated
from critique.web.app import bearer_token, me

P = ParamSpec("P")
R = TypeVar("R")

SESSION_DAYS = 30
COOKIE_KEY = "sign_in"
TEAM_KEY = "team"


def install_login(app: Flask) -> None:
    """Let every request find out who asks."""
    manager = LoginManager()
    manager.request_loader(_person_of)
    # The cookie's secret is ours (`sign_in`), so Flask-Login keeps nothing in the session itself.
    manager.session_protection = None
    manager.user_loader(lambda _: None)
    manager.init_app(app)


def open_session(person: Person, browser: str) -> None:
    """Start a sign-in session in this browser; whatever session it had before is over."""
    close_session()
    secret = fresh_secret()
    now = clock.now()
    db.session.add(
        SignIn(
            person_id=person.id,
            digest=digest(secret),
            browser=browser_name(browser),
            started_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
        )
    )
    session.clear()
    session[COOKIE_KEY] = secret
    session.permanent = True


def browser_name(user_agent: str) -> str:
    """What people call a browser: "Firefox on Windows"; empty when it says nothing we know.

    The order matters: Edge and Opera call themselves Chrome as well, and Chrome calls itself
    Safari; a phone with Android says Linux, and one by Apple says Mac OS.
    """
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "", "Chrome": "", "Safari": ""}
    systems = {"Windows": "", "iPhone": "", "iPad": "", "Android": "", "Mac OS": "Mac", "Linux": ""}
    found = [
        next((said or mark for mark, said in marks.items() if mark in user_agent), "")
        for marks in (browsers, systems)
    ]
    return " on ".join(words for words in found if words)


def close_session() -> None:
    """End this browser's session, if it has one."""
    secret = session.pop(COOKIE_KEY, None)
    session.clear()
    if secret:
        db.session.execute(
            sa.update(SignIn)
            .where(SignIn.digest == digest(secret), SignIn.ended_at.is_(None))
            .values(ended_at=clock.now())
        )


def current_sign_in_id() -> int | None:
    """The row behind this browser's cookie; None for bearer tokens and strangers."""
    secret = session.get(COOKIE_KEY)
    if not secret:
        return None
    return db.session.scalar(sa.select(SignIn.id).where(SignIn.digest == digest(secret)))


def _person_of(_asked: Request) -> Person | None:
    token = bearer_token()
    if token is not None:
        return _person_by_token(token)
    secret = session.get(COOKIE_KEY)
    if not isinstance(secret, str):
        return None
    return db.session.scalar(
        sa.select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.digest == digest(secret),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > clock.now(),
        )
    )


def _person_by_token(token: str) -> Person | None:
    return db.session.scalar(
        sa.select(Person)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(ApiToken.digest == digest(token), ApiToken.revoked_at.is_(None))
    )


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Only for people who are signed in; everybody else is asked to sign in, and comes back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not current_user.is_authenticated:
            raise _stranger()
        return view(*args, **kwargs)

    return guarded


def asker() -> Person:
    """The signed-in person of this request. Raises Unauthenticated for a stranger."""
    person = me()
    if not isinstance(person, Person):
        raise _stranger()
    return person


def _stranger() -> Unauthenticated:
    """Asks a program for a token that works, and a person to sign in."""
    sentence = "Sign in to go on. What you typed is kept in this browser."
    if "Authorization" in request.headers or request.path.startswith("/api/"):
        sentence = (
            "Nothing was done: there was no bearer token, or it is unknown or revoked. Send the "
            "header Authorization: Bearer with a token of `critique tokens issue`."
        )
    return Unauthenticated(sentence, headers={"WWW-Authenticate": "Bearer"})


def my_memberships() -> list[Membership]:
    """The memberships of whoever asks, by team name; read once a request, empty for strangers."""
    person = me()
    if not isinstance(person, Person):
        return []
    if "memberships" not in g:
        g.memberships = memberships_of(person)
    return list(g.memberships)


def current_team() -> Membership | None:
    """The membership in the team the person works in now: the chosen one, else the first.

    None for strangers and for people in no team.
    """
    mine = my_memberships()
    chosen = session.get(TEAM_KEY)
    return next((m for m in mine if m.team_id == chosen), mine[0] if mine else None)


def my_place() -> Membership:
    """As `current_team`, for pages that need one. Raises NotFound for people in no team."""
    membership = current_team()
    if membership is None:
        raise NotFound
    return membership


def choose_team(team_id: int) -> None:
    """Work in another of one's teams, in this browser, from now on."""
    session[TEAM_KEY] = team_id


def safe_next() -> str:
    """Where to go after sign-in: a path of this site, else the start page."""
    return safe_path(request.values.get("next", ""))


def safe_path(target: str) -> str:
    """The target when it is a path of this site and nothing a browser reads otherwise, else "/"."""
    plain = target.startswith("/") and not target.startswith("//")
    return target if plain and target.isprintable() and "\\" not in target else "/"
