"""The doors: sign in and out, the first admin, invitations, forgotten passwords."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from critique.accounts import operations
from critique.accounts.forms import (
    AskResetForm,
    JoinForm,
    ResetForm,
    SetupForm,
    SignInForm,
)
from critique.accounts.login import close_session, current_sign_in_id, open_session, safe_next
from critique.accounts.models import Person
from critique.accounts.passwords import hash_password, is_outdated, matches
from critique.accounts.queries import (
    Credentials,
    credentials_of,
    person_by_email,
    usable_link,
)
from critique.accounts.views.blueprint import blueprint, page, shown_again
from critique.accounts.views.zones import zone_choices
from critique.plumbing.db import db
from critique.plumbing.errors import CritiqueError, Invalid, NotFound
from critique.plumbing.transaction import release, snapshot
from critique.web.app import limiter, me
from critique.web.forms import read

WRONG = "That address and password do not belong together. Nothing was changed; try again."
ASKED = (
    "If this address has an account, a mail with a link is on its way. It works for one hour. "
    "Nothing there? Look among the unwanted mail, or ask for another link in a while."
)


def _refused(response: Response) -> bool:
    return response.status_code >= 400


def _account() -> str:
    return f"account:{request.form.get('email', '').strip().lower()[:320]}"


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Where people sign in; whoever is signed in already goes on."""
    if me():
        return redirect(safe_next(), 303)
    return page("sign_in", next=safe_next())


# Only refused tries count, so a team behind one address is not shut out by signing in.
@blueprint.post("/sign-in")
@limiter.limit("30/minute;200/hour", key_func=get_remote_address, deduct_when=_refused)
@limiter.limit("10/10minutes", key_func=_account, deduct_when=_refused)
def start_session() -> ResponseReturnValue:
    """Sign in: 303 to where the person wanted to go, or the page again."""
    try:
        form = read(SignInForm)
        person = _proven(form)
    except CritiqueError as error:
        return shown_again("sign_in", error, next=safe_next())
    open_session(person, str(request.user_agent))
    operations.note_sign_in(by=person)
    return redirect(safe_next(), 303)


def _proven(form: SignInForm) -> Person:
    with snapshot():
        known = credentials_of(form.email)
    stored = known.password_hash if known else None
    if not matches(form.password, stored) or known is None:
        raise Invalid(WRONG, code="wrong_password")
    return _still_proven(known, form.password)


def _still_proven(known: Credentials, password: str) -> Person:
    stored = known.password_hash or ""
    renewed = hash_password(password) if is_outdated(stored) else None
    person = db.session.get(Person, known.person_id)
    # The password may have been changed while this one was compared.
    if person is None or person.password_hash != stored:
        raise Invalid(WRONG, code="wrong_password")
    if renewed:
        operations.renew_hash(by=person, password_hash=renewed)
    return person


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    person, sign_in_id = me(), current_sign_in_id()
    if person and sign_in_id:
        operations.end_sign_in(by=person, sign_in_id=sign_in_id)
    close_session()
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.get("/setup/<secret>")
def setup(secret: str) -> ResponseReturnValue:
    """Where the first admin makes an account and a team."""
    if usable_link("setup", secret) is None:
        raise NotFound
    return page("setup", secret=secret, zones=zone_choices(), team_zone="UTC")


@blueprint.post("/setup/<secret>")
@limiter.limit("20/minute")
def set_up(secret: str) -> ResponseReturnValue:
    """Make the first admin, who is signed in by that."""
    try:
        form = read(SetupForm)
        _must_open("setup", secret)
        hashed = hash_password(form.password)
        person = operations.use_setup(
            secret=secret,
            team=form.team,
            zone=form.zone,
            name=form.name,
            email=form.email,
            password_hash=hashed,
        )
    except Invalid as error:
        return shown_again("setup", error, secret=secret, zones=zone_choices())
    open_session(person, str(request.user_agent))
    flash(f"{form.team} is yours. Invite your people here.", "done")
    return redirect(url_for("accounts.people"), 303)


@blueprint.get("/invitations/<secret>")
def invitation(secret: str) -> ResponseReturnValue:
    """Who invites into what, and how to accept it."""
    return page("invitation", **_invitation(secret))


@blueprint.post("/invitations/<secret>")
@limiter.limit("20/minute")
def accept_invitation(secret: str) -> ResponseReturnValue:
    """Join the team: somebody new with a password, somebody known by being signed in."""
    with snapshot():
        known = bool(_invitation(secret)["known"])
        asking = me()
        by_id = asking.id if asking else None
    form, hashed = None, None
    try:
        if not known:
            form = read(JoinForm)
            hashed = hash_password(form.password)
        person = operations.accept_invitation(
            secret=secret,
            by=db.session.get(Person, by_id) if by_id else None,
            name=form.name if form else "",
            zone=form.zone if form else "UTC",
            password_hash=hashed,
        )
    except Invalid as error:
        release()
        return shown_again("invitation", error, **_invitation(secret))
    if by_id != person.id:
        open_session(person, str(request.user_agent))
    flash("Welcome to the team.", "done")
    return redirect("/", 303)


def _invitation(secret: str) -> dict[str, Any]:
    link = usable_link("invitation", secret)
    if link is None:
        raise NotFound(
            "This invitation was used, taken back, or is older than a week. Nothing was changed; "
            "ask the person who invited you for another."
        )
    person = person_by_email(link.email or "")
    return {
        "secret": secret,
        "link": link,
        "inviter": db.session.get(Person, link.made_by_id),
        "known": person is not None and person.password_hash is not None,
        "asking": me(),
        "zones": zone_choices(),
    }


@blueprint.get("/reset")
def forgotten() -> ResponseReturnValue:
    """Where people ask for a link that sets a new password."""
    return page("forgotten")


@blueprint.post("/reset")
@limiter.limit("10/minute;50/hour", key_func=get_remote_address)
@limiter.limit("5/hour", key_func=_account)
def ask_reset() -> ResponseReturnValue:
    """Take the address down: the same answer and the same work for every one."""
    try:
        form = read(AskResetForm)
    except Invalid as error:
        return shown_again("forgotten", error)
    operations.ask_reset(email=form.email)
    flash(ASKED, "info")
    return redirect(url_for("accounts.forgotten"), 303)


@blueprint.get("/reset/<secret>")
def reset(secret: str) -> ResponseReturnValue:
    """Where a new password is set."""
    _must_open("reset", secret)
    return page("reset", secret=secret)


@blueprint.post("/reset/<secret>")
@limiter.limit("20/minute")
def set_password(secret: str) -> ResponseReturnValue:
    """Set the new password, end every session and open one here."""
    try:
        form = read(ResetForm)
    except Invalid as error:
        return shown_again("reset", error, secret=secret)
    _must_open("reset", secret)
    hashed = hash_password(form.password)
    person = operations.reset_password(secret=secret, password_hash=hashed)
    open_session(person, str(request.user_agent))
    flash("Your new password works. You are signed out everywhere else.", "done")
    return redirect("/", 303)


def _must_open(kind: str, secret: str) -> None:
    """Refuse a link that does not work before any slow hashing, and leave no transaction open."""
    with snapshot():
        if usable_link(kind, secret) is None:
            raise NotFound(
                "This link was used, is too old, or was replaced by a newer one. "
                "Nothing was changed; ask for another."
            )
