"""Whether a meeting happened, by page and by letter; one's calendar, and its secret address."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from critique.accounts.login import asker, signed_in
from critique.accounts.models import Person
from critique.accounts.secret import digest
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting
from critique.pairing.week.access import owner_of_calendar
from critique.pairing.week.calendar import calendar_of
from critique.pairing.week.forms import HappenedForm
from critique.pairing.week.operations import (
    make_calendar_address,
    revoke_calendar_address,
    say_happened,
)
from critique.pairing.week.words import HAPPENED, thanks_for
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.lists import read_list_token
from critique.web.app import csrf_free, limiter
from critique.web.by_link import shown_to_holder
from critique.web.forms import read

blueprint = Blueprint("week", __name__)


def _which_calendar() -> str:
    return digest(str((request.view_args or {}).get("secret")))


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


@blueprint.post("/week/calendar")
@signed_in
def make_calendar() -> ResponseReturnValue:
    """Make the secret address of one's calendar, or another one in its place."""
    make_calendar_address(by=asker())
    flash("Your calendar has a new address. An earlier one is void.", "done")
    return redirect(url_for("pages.week", _anchor="calendar"), code=303)


@blueprint.post("/week/calendar/end")
@signed_in
def end_calendar() -> ResponseReturnValue:
    """Revoke it: programs that read it find nothing from now on."""
    revoke_calendar_address(by=asker())
    flash("The address is void. Programs that read it find nothing from now on.", "done")
    return redirect(url_for("pages.week", _anchor="calendar"), code=303)


@blueprint.get("/calendar/<secret>.ics")
@limiter.limit("120/hour", key_func=_which_calendar)
@limiter.limit("600/hour", key_func=get_remote_address)
def calendar(secret: str) -> Response:
    """Somebody's meetings, for their own calendar program; 304 where nothing has changed."""
    response = make_response(calendar_of(owner_of_calendar(secret), clock.now()))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="critique.ics"'
    # Kept by the program that asked and by nobody between, and asked anew each time.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response


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
