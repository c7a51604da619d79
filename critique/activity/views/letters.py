"""The unsubscribe links in letters: opening one changes nothing, sending its form does.

As with the coffee's: programs that look at links open them, and a mail client's own Unsubscribe
(RFC 8058) posts without a session and without its CSRF token.
"""

from __future__ import annotations

from flask import Response, render_template

from critique.accounts.models import Person
from critique.activity.lists import LISTS
from critique.activity.operations import set_wishes
from critique.activity.queries import wishes_of
from critique.activity.views.blueprint import blueprint
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.lists import read_list_token
from critique.web.app import csrf_free
from critique.web.by_link import shown_to_holder


@blueprint.get("/notices/letters/<token>/leave")
def leave_by_letter(token: str) -> Response:
    """Ask whether the person wants no more letters of this list."""
    of_list, person = _reader(token)
    return _shown(token, of_list, done=not getattr(wishes_of(person.id), of_list))


@blueprint.post("/notices/letters/<token>/leave")
@csrf_free
def leave_now(token: str) -> Response:
    """No more letters of this list; twice is once."""
    of_list, person = _reader(token)
    set_wishes(
        by=person,
        weekly=False if of_list == "weekly" else None,
        digest=False if of_list == "digest" else None,
        immediate=False if of_list == "immediate" else None,
    )
    return _shown(token, of_list, done=True)


def _reader(token: str) -> tuple[str, Person]:
    said = read_list_token(token, *LISTS)
    person = db.session.get(Person, said.person_id)
    if person is None:
        raise NotFound
    return said.of_list, person


def _shown(token: str, of_list: str, *, done: bool) -> Response:
    page = render_template("activity/leave.html", token=token, title=LISTS[of_list], done=done)
    return shown_to_holder(page)
