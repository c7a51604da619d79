"""The links in coffee mails: opening one changes nothing, sending its form does.

Programs that look at links in mails open them; a whole team must not be unsubscribed by one. The
forms need neither a session nor its CSRF token, because the link itself proves whose mail it was,
and because a mail client's own Unsubscribe (RFC 8058) posts without either and follows no redirect.
"""

from __future__ import annotations

from flask import Response, render_template

from critique.accounts.models import Person
from critique.accounts.operations import set_coffee
from critique.pairing.mail import COFFEE
from critique.pairing.skipping import skip_and_tell
from critique.pairing.views.blueprint import blueprint
from critique.pairing.weeks import spoken_week
from critique.pairing.wishes.operations import break_silence
from critique.pairing.wishes.queries import silence_of
from critique.plumbing import clock
from critique.plumbing.calendar import week_of
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.lists import ListToken, read_list_token
from critique.web.app import csrf_free
from critique.web.by_link import shown_to_holder


@blueprint.get("/coffee/letters/<token>/skip")
def skip_by_letter(token: str) -> Response:
    """Ask whether the week shall be skipped."""
    said, person = _reader(token)
    return _shown("skip", token, said, over=_is_over(said, person))


@blueprint.post("/coffee/letters/<token>/skip")
@csrf_free
def skip_now(token: str) -> Response:
    """Skip the letter's week; twice is once, and a week that is over stays as it was."""
    said, person = _reader(token)
    if _is_over(said, person):
        return _shown("skip", token, said, over=True)
    if person.coffee_skipped_week != said.about:
        skip_and_tell(person, said.about)
    return _shown("skip", token, said, done=True)


@blueprint.get("/coffee/letters/<token>/leave")
def leave_by_letter(token: str) -> Response:
    """Ask whether the person wants no more weekly coffee."""
    said, person = _reader(token)
    return _shown("leave", token, said, done=not person.coffee_in)


@blueprint.post("/coffee/letters/<token>/leave")
@csrf_free
def leave_now(token: str) -> Response:
    """No more weekly coffee; twice is once. What is booked already stays booked."""
    said, person = _reader(token)
    set_coffee(by=person, coffee_in=False, snoozed_until=person.coffee_snoozed_until)
    return _shown("leave", token, said, done=True)


@blueprint.get("/coffee/letters/<token>/return")
def return_by_letter(token: str) -> Response:
    """Ask whether somebody of whom nothing was heard wants to be drawn again."""
    said, person = _reader(token)
    return _shown("return", token, said, done=silence_of(person) is None and person.coffee_in)


@blueprint.post("/coffee/letters/<token>/return")
@csrf_free
def return_now(token: str) -> Response:
    """Be drawn again; twice is once."""
    said, person = _reader(token)
    if not person.coffee_in:
        set_coffee(by=person, coffee_in=True, snoozed_until=person.coffee_snoozed_until)
    break_silence(by=person)
    return _shown("return", token, said, done=True)


def _reader(token: str) -> tuple[ListToken, Person]:
    said = read_list_token(token, COFFEE)
    person = db.session.get(Person, said.person_id)
    if person is None:
        raise NotFound
    return said, person


def _is_over(said: ListToken, person: Person) -> bool:
    return said.about < week_of(clock.now(), person.zone)


def _shown(
    what: str, token: str, said: ListToken, *, done: bool = False, over: bool = False
) -> Response:
    return shown_to_holder(
        render_template(
            f"pairing/{what}.html",
            token=token,
            days=spoken_week(said.about) if said.about else "",
            done=done,
            over=over,
        )
    )
