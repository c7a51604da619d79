"""Saying whether a meeting happened: on the week page, and by the link in a letter."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.accounts.models import Person
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting
from critique.pairing.week.forms import HappenedForm
from critique.pairing.week.operations import say_happened
from critique.pairing.week.words import HAPPENED, thanks_for
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.lists import read_list_token
from critique.web.app import csrf_free
from critique.web.by_link import shown_to_holder
from critique.web.forms import read

blueprint = Blueprint("week", __name__)


@blueprint.post("/week/meetings/<int:meeting_id>/report")
@signed_in
def report(meeting_id: int) -> ResponseReturnValue:
    """Say whether it happened."""
    happened = read(HappenedForm).happened
    meeting = say_happened(by=asker(), meeting_id=meeting_id, happened=happened)
    flash(thanks_for(meeting, happened=happened), "done")
    return redirect(url_for("pages.week"), code=303)


@blueprint.get("/week/letters/<token>/report")
def report_by_letter(token: str) -> Response:
    """Ask whether it happened; opening the link says nothing yet."""
    person, meeting = _reader(token)
    return _shown(token, person, meeting)


@blueprint.post("/week/letters/<token>/report")
@csrf_free
def report_now(token: str) -> Response:
    """Note what was pressed; another answer may follow."""
    person, meeting = _reader(token)
    said = read(HappenedForm).happened
    say_happened(by=person, meeting_id=meeting.id, happened=said)
    return _shown(token, person, meeting, said=said)


def _reader(token: str) -> tuple[Person, Meeting]:
    said = read_list_token(token, HAPPENED)
    person = db.session.get(Person, said.person_id)
    if person is None or not said.about.isdecimal():
        raise NotFound
    return person, meeting_for(person, int(said.about))


def _shown(token: str, person: Person, meeting: Meeting, *, said: bool | None = None) -> Response:
    page = render_template(
        "week/report.html",
        token=token,
        meeting=meeting,
        others=[one.name for one in meeting.people if one.id != person.id],
        zone=person.zone,
        said=said,
        thanks=thanks_for(meeting, happened=said) if said is not None else "",
        over=meeting.ends_at <= clock.now(),
    )
    return shown_to_holder(page)
