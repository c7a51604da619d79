"""Pages of fast feedback: booking in two clicks, blocks and wishes, and the outcome."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import MENTORING_ROLES, memberships_of, role_in
from critique.accounts.login import asker, my_place, signed_in
from critique.accounts.models import Person
from critique.comments.access import comment_for
from critique.comments.models import Comment
from critique.pairing.access import meeting_for
from critique.pairing.meetings.access import seat_for
from critique.pairing.sessions import jobs
from critique.pairing.sessions.booking import book_and_tell
from critique.pairing.sessions.feeds import set_feed
from critique.pairing.sessions.forms import (
    BookingForm,
    FeedForm,
    OpeningForm,
    OpenNowForm,
    OutcomeForm,
    SlotQuery,
    WishForm,
)
from critique.pairing.sessions.models import CalendarFeed, SessionWish
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import close_block, give_outcome, open_block, set_wish
from critique.pairing.sessions.queries import openings_of, sessions_of, slots_for
from critique.pairing.week.words import reason_for
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import CritiqueError, Invalid, NotFound
from critique.plumbing.transaction import release
from critique.reviews.access import must_be_open, review_for
from critique.reviews.models import Review
from critique.web.forms import check_query, read

__all__ = ["blueprint", "jobs"]

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/sessions")
@signed_in
def index() -> ResponseReturnValue:
    """One's sessions, blocks and wishes."""
    return _index_page(asker())


@blueprint.get("/reviews/<int:review_id>/sessions/new")
@signed_in
def new(review_id: int) -> ResponseReturnValue:
    """Choose a time with a mentor, about a request or (`?comment=`) one of its threads."""
    return _booking_page(review_for(asker(), review_id), check_query(SlotQuery))


@blueprint.post("/reviews/<int:review_id>/sessions")
@signed_in
def create(review_id: int) -> ResponseReturnValue:
    """Book it."""
    form, person = read(BookingForm), asker()
    review = review_for(person, review_id)
    try:
        meeting = book_and_tell(
            by=person,
            host_id=form.host,
            review=review,
            starts_at=form.starts_at,
            minutes=form.minutes,
            comment=_thread(person, review, form.comment),
        )
    except CritiqueError as error:
        if error.code != "taken":
            raise
        release()
        return _booking_page(review_for(asker(), review_id), form, error)
    flash("Booked. Both of you get a mail with the calendar entry.", "done")
    return redirect(url_for("meetings.show", meeting_id=meeting.id), code=303)


@blueprint.get("/sessions/<int:meeting_id>")
@signed_in
def show(meeting_id: int) -> ResponseReturnValue:
    """Lead to the meeting's page, where a session stands as well."""
    seat = seat_for(asker(), meeting_id)
    return redirect(url_for("meetings.show", meeting_id=seat.meeting_id))


@blueprint.post("/sessions/<int:meeting_id>/outcome")
@signed_in
def write_outcome(meeting_id: int) -> ResponseReturnValue:
    """Note what one takes along."""
    meeting = _session_for(asker(), meeting_id)
    give_outcome(by=asker(), meeting=meeting, words=read(OutcomeForm).words)
    flash("Noted. It stands on the request, too." if meeting.review_id else "Noted.", "done")
    return redirect(url_for("meetings.show", meeting_id=meeting.id), code=303)


@blueprint.get("/sessions/<int:meeting_id>.ics")
@signed_in
def calendar(meeting_id: int) -> ResponseReturnValue:
    """Lead to the session's file for any calendar."""
    meeting = _session_for(asker(), meeting_id)
    return redirect(url_for("meetings.calendar", meeting_id=meeting.id))


@blueprint.post("/sessions/openings")
@signed_in
def create_opening() -> ResponseReturnValue:
    """Open a block."""
    try:
        open_block(by=asker(), block=read(OpeningForm).block(asker().zone))
    except Invalid as error:
        release()
        return _index_page(asker(), error)
    return _back("Open. From now on people can book you there.")


@blueprint.post("/sessions/openings/now")
@signed_in
def open_now() -> ResponseReturnValue:
    """Be there for whoever needs it."""
    now = clock.now()
    form = read(OpenNowForm)
    open_block(by=asker(), block=Block(once=(now, now + form.length)))
    return _back(f"You are open for {form.minutes} minutes. Who books you shows up here.")


@blueprint.post("/sessions/openings/<int:opening_id>/end")
@signed_in
def close_opening(opening_id: int) -> ResponseReturnValue:
    """Close a block; what is booked stays."""
    close_block(by=asker(), opening_id=opening_id)
    return _back("Closed. What is booked stays.")


@blueprint.post("/sessions/wishes")
@signed_in
def wish() -> ResponseReturnValue:
    """Say what one wants."""
    try:
        form = read(WishForm)
        stretch = form.stretch_hours(asker().zone)
    except Invalid as error:
        release()
        return _index_page(asker(), error)
    set_wish(by=asker(), a_week=form.a_week, quota=form.quota, stretch=stretch)
    return _back("Saved. It counts from the next week that is set up.")


@blueprint.post("/sessions/calendar")
@signed_in
def write_feed() -> ResponseReturnValue:
    """Name one's own calendar, or take it away."""
    try:
        feed = set_feed(by=asker(), address=read(FeedForm).address)
    except Invalid as error:
        release()
        return _index_page(asker(), error)
    return _back("It is being read." if feed else "Taken away, with the busy times read from it.")


def _back(words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("sessions.index"), code=303)


def _session_for(person: Person, meeting_id: int) -> Any:
    meeting = meeting_for(person, meeting_id)
    if meeting.kind != "feedback":
        raise NotFound
    return meeting


def _thread(person: Person, review: Review, comment_id: int | None) -> Comment | None:
    if comment_id is None:
        return None
    comment = comment_for(person, comment_id)
    if comment.walkthrough.review_id != review.id:
        raise NotFound
    return comment


def _booking_page(
    review: Review, wanted: SlotQuery, error: CritiqueError | None = None
) -> ResponseReturnValue:
    person = asker()
    must_be_open(review)
    skills = [row.skill for row in review.skills]
    slots = slots_for(person, review.team_id, skills, wanted.minutes, clock.now())
    page = render_template(
        "sessions/new.html",
        review=review,
        minutes=wanted.minutes,
        comment=_thread(person, review, wanted.comment),
        slots=slots,
        refusal=error.sentence if error else None,
        mentors=role_in(person, review.team_id) in MENTORING_ROLES,
    )
    return make_response(page, error.status if error else 200)


def _index_page(person: Person, error: Invalid | None = None) -> ResponseReturnValue:
    now = clock.now()
    page = render_template(
        "sessions/index.html",
        person=person,
        reason_for=reason_for,
        sessions=sessions_of(person, now),
        openings=openings_of([person.id]).get(person.id, []),
        wish=db.session.get(SessionWish, person.id),
        feed=db.session.get(CalendarFeed, person.id),
        mentors=any(m.role in MENTORING_ROLES for m in memberships_of(person)),
        errors=error.fields if error else {},
        typed=request.form if error else {},
        refusal=error.sentence if error else None,
        place=my_place() if memberships_of(person) else None,
    )
    return make_response(page, error.status if error else 200)


# Its routes belong to the blueprint above.
from critique.pairing.sessions import live_views  # noqa: E402, F401
