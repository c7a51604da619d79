"""The page of a meeting, and what those who come change on it."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.pairing.access import meeting_for
from critique.pairing.meetings import answering, by_letter
from critique.pairing.meetings.access import seat_for
from critique.pairing.meetings.blueprint import blueprint
from critique.pairing.meetings.calendar import entry_for
from critique.pairing.meetings.deeds import (
    add_and_tell,
    answer_and_tell,
    move_and_tell,
    swap_and_tell,
)
from critique.pairing.meetings.forms import AnswerForm, PersonForm, TimeForm
from critique.pairing.meetings.page import page_of
from critique.plumbing import clock
from critique.plumbing.calendar import spoken_moment
from critique.plumbing.errors import Conflict
from critique.plumbing.transaction import release
from critique.web.forms import read

# Importing these registers their routes and the kind of letters that answers come in by.
__all__ = ["answering", "blueprint", "by_letter"]

SAID = {
    "accepted": "You come. Those who look at this page see it.",
    "tentative": "You said maybe. Answer again as soon as you know.",
    "declined": "You do not come. Everybody has been told, and calendars follow.",
}


@blueprint.get("/meetings/<int:meeting_id>")
@signed_in
def show(meeting_id: int) -> Response:
    """Who comes and what each answered, other times, somebody else; of a session its agenda."""
    return _page(meeting_id)


@blueprint.get("/meetings/<int:meeting_id>.ics")
@signed_in
def calendar(meeting_id: int) -> Response:
    """The meeting as a file for any calendar."""
    meeting = meeting_for(asker(), meeting_id)
    response = make_response(entry_for(asker(), meeting))
    response.content_type = "text/calendar; charset=utf-8; method=REQUEST"
    response.headers["Content-Disposition"] = f'attachment; filename="meeting-{meeting.id}.ics"'
    return response


@blueprint.post("/meetings/<int:meeting_id>/answer")
@signed_in
def answer(meeting_id: int) -> ResponseReturnValue:
    """Accept, say maybe, or give one's place up."""
    form = read(AnswerForm)
    try:
        answer_and_tell(
            by=asker(), meeting_id=meeting_id, answer=form.answer, sequence=form.sequence
        )
    except Conflict as error:
        return _refused(meeting_id, error)
    return _back(meeting_id, SAID[form.answer])


@blueprint.post("/meetings/<int:meeting_id>/time")
@signed_in
def move(meeting_id: int) -> ResponseReturnValue:
    """Move it; everybody gets the new time into their calendar."""
    form, person = read(TimeForm), asker()
    try:
        moved = move_and_tell(
            by=person, meeting_id=meeting_id, starts_at=form.starts_at, sequence=form.sequence
        )
    except Conflict as error:
        return _refused(meeting_id, error)
    when = spoken_moment(moved.meeting.starts_at, person.zone, clock.now())
    return _back(meeting_id, f"Moved to {when}. All of you have been told.")


@blueprint.post("/meetings/<int:meeting_id>/partner")
@signed_in
def swap(meeting_id: int) -> ResponseReturnValue:
    """Have somebody else come, in one's own place or in that of who left."""
    form = read(PersonForm)
    try:
        swapped = swap_and_tell(
            by=asker(), meeting_id=meeting_id, person_id=form.person_id, sequence=form.sequence
        )
    except Conflict as error:
        return _refused(meeting_id, error)
    name = swapped.new.name if swapped.new else ""
    return _back(meeting_id, f"{name} is asked, and everybody has been told.")


@blueprint.post("/meetings/<int:meeting_id>/people")
@signed_in
def add(meeting_id: int) -> ResponseReturnValue:
    """Have a third come as well."""
    form = read(PersonForm)
    try:
        added = add_and_tell(
            by=asker(), meeting_id=meeting_id, person_id=form.person_id, sequence=form.sequence
        )
    except Conflict as error:
        return _refused(meeting_id, error)
    return _back(meeting_id, f"{added.new.name if added.new else ''} is asked as well.")


def _back(meeting_id: int, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)


def _refused(meeting_id: int, error: Conflict) -> Response:
    """The page as it is now, with why nothing was changed."""
    release()
    return _page(meeting_id, error)


def _page(meeting_id: int, error: Conflict | None = None) -> Response:
    person = asker()
    shown = page_of(person, seat_for(person, meeting_id), clock.now())
    page = render_template(
        "meetings/show.html", page=shown, person=person, refusal=error.sentence if error else None
    )
    return make_response(page, error.status if error else 200)
