"""Pages of handing over: to whom, taking or leaving what is offered, whom an author could ask."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, my_place, signed_in
from critique.mentoring.colleagues import colleagues_in, suggested_reviewers
from critique.mentoring.forms import CapacityForm, HandOverForm
from critique.mentoring.hand_offs import decline_hand_off, hand_over, owner_of, take_hand_off
from critique.mentoring.handing import Need, proposals
from critique.mentoring.operations import set_capacity
from critique.mentoring.views import blueprint
from critique.plumbing import clock
from critique.reviews.access import must_be_open, review_for
from critique.reviews.preview import typed_deadline
from critique.web.forms import read

ABOUT_MINUTES = 15


@blueprint.get("/reviews/<int:review_id>/hand-off")
@signed_in
def new_hand_off(review_id: int) -> str:
    """Choose whom to hand a request over to; the best stand first, each with the reason."""
    person = asker()
    review = review_for(person, review_id)
    must_be_open(review)
    # Said before they write a note, not after.
    owner_id = owner_of(review, person)
    now = clock.now()
    skills = [row.skill for row in review.skills]
    found = colleagues_in(review.team_id, skills, now, besides=[review.author_id, owner_id])
    people = {one.id: one for one, _ in found}
    need = Need(now, review.review_by, ABOUT_MINUTES, for_skill=bool(skills))
    ranked = proposals([one for _, one in found], need)
    return render_template(
        "mentoring/hand_off.html",
        review=review,
        choices=[(people[one.id], one.reason) for one in ranked],
    )


@blueprint.post("/reviews/<int:review_id>/hand-off")
@signed_in
def give_hand_off(review_id: int) -> ResponseReturnValue:
    """Hand it over, with a note."""
    form = read(HandOverForm)
    given = hand_over(by=asker(), review_id=review_id, to_id=form.to, note=form.note)
    flash(f"{given.taker.name} has it now, with your note. Your drafts are kept.", "done")
    return redirect(url_for("pages.room", review_id=review_id), code=303)


@blueprint.post("/reviews/<int:review_id>/hand-off/taking")
@signed_in
def take(review_id: int) -> ResponseReturnValue:
    """Take what was offered, and go to its room."""
    taken = take_hand_off(by=asker(), review_id=review_id)
    flash(f"It is yours. {taken.giver.name} is told.", "done")
    return redirect(url_for("pages.room", review_id=review_id), code=303)


@blueprint.post("/reviews/<int:review_id>/hand-off/refusal")
@signed_in
def refuse(review_id: int) -> ResponseReturnValue:
    """Leave it with its owner."""
    left = decline_hand_off(by=asker(), review_id=review_id)
    flash(f"It stays with {left.giver.name}, and is offered to the next one.", "done")
    return redirect(url_for("pages.your_move"), code=303)


@blueprint.post("/queue/capacity")
@signed_in
def capacity() -> ResponseReturnValue:
    """Say how many one wants at once."""
    set_capacity(by=asker(), capacity=read(CapacityForm).capacity)
    flash("Saved. It counts for suggestions, hand-offs and claims.", "done")
    return redirect(url_for("mentoring.index"), code=303)


@blueprint.get("/reviews/suggestions")
@signed_in
def suggest() -> str:
    """Whom to ask, for the form of a new request."""
    team, person, now, args = my_place(), asker(), clock.now(), request.args
    typed = ",".join(args.getlist("skills")[:20])[:500].casefold().split(",")
    wanted = [skill for skill in map(str.strip, typed) if skill]
    due = typed_deadline(
        person, args.get("review_by", "")[:100], args.get("review_by_moment", "")[:40], now
    )
    found = suggested_reviewers(team.team_id, wanted, due, now, author_id=person.id)
    return render_template("mentoring/_suggestions.html", suggestions=found)
