"""Pages of the reviews slice: ask, change, extend, close and reopen."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, current_team, signed_in
from critique.accounts.models import Person
from critique.plumbing import clock
from critique.plumbing.errors import Conflict, Invalid, NotFound
from critique.plumbing.transaction import release
from critique.reviews.access import must_be_open, must_edit, review_for
from critique.reviews.forms import ClosureForm, ExtensionForm, ReviewForm
from critique.reviews.live_or_written import TICKS, advice_on
from critique.reviews.models import Review
from critique.reviews.operations import (
    close_review,
    create_review,
    edit_review,
    extend_review,
    reopen_review,
)
from critique.reviews.preview import preview_of
from critique.reviews.queries import people_to_ask, projects_of, skills_in
from critique.reviews.typed import CHIPS, blank, differences, of_review, typed_in
from critique.web.errors import wants_json
from critique.web.forms import read

blueprint = Blueprint("reviews", __name__)


@blueprint.get("/reviews/new")
@signed_in
def new() -> str:
    """Show the page that asks for a review."""
    membership = current_team()
    if membership is None:
        return render_template("reviews/no_team.html")
    return _page(asker(), membership.team_id, blank())


@blueprint.post("/reviews")
@signed_in
def create() -> ResponseReturnValue:
    """Post a request, then go to its room, where the upload is."""
    person, membership = asker(), current_team()
    if membership is None:
        raise NotFound
    team_id = membership.team_id
    try:
        review = create_review(by=person, team_id=team_id, **read(ReviewForm).wishes())
    except Invalid as error:
        return _again(error, team_id)
    return _to_room(review.id)


@blueprint.get("/reviews/<int:review_id>/edit")
@signed_in
def edit(review_id: int) -> str:
    """Show the request as it can be changed."""
    person = asker()
    review = review_for(person, review_id)
    must_edit(person, review)
    must_be_open(review)
    return _page(person, review.team_id, of_review(review, person), review=review)


@blueprint.post("/reviews/<int:review_id>")
@signed_in
def update(review_id: int) -> ResponseReturnValue:
    """Save an edit; when somebody saved in between, show both texts and save nothing."""
    person = asker()
    team_id = review_for(person, review_id).team_id
    try:
        form = read(ReviewForm)
        edit_review(by=person, review_id=review_id, revision=form.revision, **_edit_wishes(form))
    except Conflict as error:
        if error.code != "edited_meanwhile" or wants_json():
            raise
        return _again(error, team_id, review_id)
    except Invalid as error:
        return _again(error, team_id, review_id)
    return _to_room(review_id)


@blueprint.post("/reviews/<int:review_id>/extensions")
@signed_in
def extend(review_id: int) -> ResponseReturnValue:
    """Move the deadline to later."""
    form = read(ExtensionForm)
    extend_review(by=asker(), review_id=review_id, review_by=form.review_by, reason=form.reason)
    flash("The deadline is moved, and the reviewers see the new one.", "done")
    return _to_room(review_id)


@blueprint.post("/reviews/<int:review_id>/closure")
@signed_in
def close(review_id: int) -> ResponseReturnValue:
    """Close the request; it stays readable."""
    close_review(by=asker(), review_id=review_id, reason=read(ClosureForm).reason)
    flash("Closed. Everything stays readable, and you can reopen it.", "done")
    return _to_room(review_id)


@blueprint.post("/reviews/<int:review_id>/reopening")
@signed_in
def reopen(review_id: int) -> ResponseReturnValue:
    """Open a closed request again."""
    reopen_review(by=asker(), review_id=review_id)
    flash("Open again.", "done")
    return _to_room(review_id)


@blueprint.get("/reviews/deadline")
@signed_in
def deadline() -> str:
    """Say what a deadline being typed means for its author and for each reviewer (a partial)."""
    membership = current_team()
    if membership is None:
        raise NotFound
    preview = preview_of(
        asker(),
        team_id=membership.team_id,
        text=request.args.get("review_by", ""),
        moment=request.args.get("review_by_moment", ""),
        reviewers=request.args.getlist("reviewers"),
        now=clock.now(),
    )
    return render_template("reviews/_deadline.html", preview=preview)


@blueprint.get("/reviews/way")
@signed_in
def way() -> str:
    """Say whether what is ticked is better talked about or written (a partial)."""
    return render_template("reviews/_way.html", advice=advice_on(request.args.getlist("ticks")))


def _chips(review: Review | None) -> list[tuple[str, str]]:
    kept = [("keep", "As it is")] if review and review.review_by else []
    return [*kept, *CHIPS.items()]


def _edit_wishes(form: ReviewForm) -> Any:
    """What an edit wishes; a deadline the page did not touch ("keep") stays as it is."""
    wishes = form.wishes()
    if wishes["review_by"] == "keep":
        del wishes["review_by"]
    return wishes


def _to_room(review_id: int) -> ResponseReturnValue:
    response = cast("Response", redirect(url_for("pages.room", review_id=review_id), code=303))
    draft = request.form.get("_draft", "")
    if draft and draft.isprintable() and len(draft) <= 100:
        # Tells the page's drafts module that the server has what was typed.
        response.set_cookie("critique_posted", draft, max_age=30 * 86_400, samesite="Lax")
    return response


def _again(
    error: Invalid | Conflict, team_id: int, review_id: int | None = None
) -> ResponseReturnValue:
    """The page once more with what was typed and what is wrong with it."""
    if wants_json():
        raise error
    release()
    person, typed = asker(), typed_in(request.form)
    review = review_for(person, review_id) if review_id is not None else None
    theirs = None
    if review is not None and isinstance(error, Conflict):
        theirs = differences(typed, of_review(review, person))
        typed["revision"] = review.revision
    page = _page(person, team_id, typed, review=review, error=error, theirs=theirs)
    return page, error.status


def _page(
    person: Person,
    team_id: int,
    typed: dict[str, Any],
    *,
    review: Review | None = None,
    error: Invalid | Conflict | None = None,
    theirs: list[tuple[str, str]] | None = None,
) -> str:
    author_id = review.author_id if review else person.id
    return render_template(
        "reviews/edit.html" if review else "reviews/new.html",
        typed=typed,
        review=review,
        errors=error.fields if error else {},
        theirs=theirs,
        people=people_to_ask(team_id, author_id),
        projects=projects_of(team_id),
        skills=skills_in(team_id),
        chips=_chips(review),
        zone=person.zone,
        ticks=TICKS,
        advice=advice_on(typed["ticks"]),
        preview=preview_of(
            person,
            team_id=team_id,
            text=typed["review_by"],
            moment=typed["review_by_moment"],
            reviewers=typed["reviewers"],
            now=clock.now(),
        ),
    )
