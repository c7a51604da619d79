"""The answer links in invitations: opening one says nothing, sending its form does.

Programs that look at links in mails open them; nobody's place may be given up by one. The link
itself proves whose mail it was, so the form needs neither a sign-in nor its CSRF token.
"""

from __future__ import annotations

import re

from flask import Response, render_template, request

from critique.accounts.models import Person
from critique.pairing.meetings.access import seat_for
from critique.pairing.meetings.blueprint import blueprint
from critique.pairing.meetings.calendar import MEETING
from critique.pairing.meetings.deeds import answer_and_tell
from critique.pairing.meetings.forms import AnswerForm
from critique.pairing.meetings.page import state_of
from critique.pairing.models import Meeting, Seating
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound
from critique.plumbing.lists import read_list_token
from critique.plumbing.transaction import release
from critique.plumbing.wording import listed, spoken_time
from critique.web.app import csrf_free
from critique.web.by_link import shown_to_holder
from critique.web.forms import read

ANSWERS = ("accepted", "tentative", "declined")


@blueprint.get("/meetings/answers/<token>")
def answer_by_letter(token: str) -> Response:
    """Ask for the answer; `?say=` is the one that was pressed in the mail."""
    person, seat, sequence = _reader(token)
    return _shown(token, person, seat, sequence)


@blueprint.post("/meetings/answers/<token>")
@csrf_free
def answer_now(token: str) -> Response:
    """Note the answer; a link of before the last change says so instead."""
    person, seat, sequence = _reader(token)
    form = read(AnswerForm)
    # The form was made with the meeting as it was shown, which may be newer than the mail.
    seen = sequence if form.sequence is None else form.sequence
    try:
        answer_and_tell(by=person, meeting_id=seat.meeting_id, answer=form.answer, sequence=seen)
    except Conflict as error:
        release()
        return _shown(token, *_reader(token), refusal=error)
    return _shown(token, person, seat, sequence, said=form.answer)


def _reader(token: str) -> tuple[Person, Seating, int]:
    said = read_list_token(token, MEETING)
    person = db.session.get(Person, said.person_id)
    found = re.fullmatch(r"(\d{1,9})-(\d{1,9})", said.about)
    if person is None or found is None:
        raise NotFound
    return person, seat_for(person, int(found[1])), int(found[2])


def _shown(
    token: str,
    person: Person,
    seat: Seating,
    sequence: int,
    *,
    said: str | None = None,
    refusal: Conflict | None = None,
) -> Response:
    meeting = db.session.get_one(Meeting, seat.meeting_id)
    wanted = request.args.get("say")
    page = render_template(
        "meetings/answer.html",
        token=token,
        meeting=meeting,
        state=state_of(meeting, seat, clock.now()),
        changed=sequence != meeting.sequence and said is None,
        others=listed([one.name for one in meeting.people if one.id != person.id]),
        when=spoken_time(meeting.starts_at, person.zone),
        answer=seat.answer,
        said=said,
        wanted=wanted if wanted in ANSWERS else "accepted",
        refusal=refusal.sentence if refusal else None,
    )
    response = shown_to_holder(page)
    response.status_code = refusal.status if refusal else 200
    return response
