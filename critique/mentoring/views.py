"""Pages of the mentoring slice: the queue, and claims on what stands in it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import MENTORING_ROLES, memberships_of
from critique.accounts.login import asker, safe_next, signed_in
from critique.mentoring import hearing, offering, suggesting  # noqa: F401 - they listen
from critique.mentoring.operations import begin_next, claim_review, release_claim, renew_claim
from critique.mentoring.passing import put_turn_aside
from critique.mentoring.queries import LAST_PAGE, PAGE, queue_for
from critique.mentoring.weighing import GROUPS
from critique.plumbing import clock

blueprint = Blueprint("mentoring", __name__)


@blueprint.get("/queue")
@signed_in
def index() -> str:
    """Show the queue; a refresh by htmx gets the list alone."""
    person = asker()
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    rows = queue_for(person, clock.now(), page=page, size=PAGE)
    parts: dict[str, Any] = {
        "rows": rows,
        "page": page,
        "more": len(rows) == PAGE and page < LAST_PAGE,
        "cut": len(rows) == PAGE and page == LAST_PAGE,
        "capacity": person.capacity,
        "mentors": any(m.role in MENTORING_ROLES for m in memberships_of(person)),
    }
    if request.headers.get("HX-Request"):
        return render_template("mentoring/_queue.html", **parts)
    return render_template("mentoring/index.html", **parts)


@blueprint.get("/queue/next")
@signed_in
def show_next() -> str:
    """Show what one does next, and why; pressing its button does it."""
    rows = queue_for(asker(), clock.now(), size=1)
    first = rows[0] if rows and rows[0].section in GROUPS else None
    return render_template("mentoring/next.html", entry=first)


@blueprint.post("/queue/next")
@signed_in
def open_next() -> ResponseReturnValue:
    """Claim what is free, open what is one's own, and play it."""
    standing = begin_next(by=asker())
    if standing is None:
        flash("Nothing waits for you now. What comes in stands here.", "done")
        return redirect(url_for("mentoring.index"), code=303)
    return redirect(url_for("pages.room", review_id=standing.review_id, play=1), code=303)


@blueprint.post("/reviews/<int:review_id>/claim")
@signed_in
def claim(review_id: int) -> ResponseReturnValue:
    """Take a request for 30 minutes and go to its room."""
    claim_review(by=asker(), review_id=review_id)
    return redirect(url_for("pages.room", review_id=review_id), code=303)


@blueprint.post("/reviews/<int:review_id>/claim/end")
@signed_in
def release(review_id: int) -> ResponseReturnValue:
    """Give a claim back; it stands in everybody's queue again."""
    review = release_claim(by=asker(), review_id=review_id)
    flash(f"Given back. {review.title} stands in the queue again.", "done")
    target = safe_next() if "next" in request.form else url_for("mentoring.index")
    return redirect(target, code=303)


@blueprint.post("/reviews/<int:review_id>/claim/renewal")
@signed_in
def renew(review_id: int) -> Response:
    """Prolong a claim because its holder is at work (a program calls this while one types)."""
    standing = renew_claim(by=asker(), review_id=review_id)
    return jsonify(until=standing.until.isoformat() if standing else None)


@blueprint.post("/reviews/<int:review_id>/turn/end")
@signed_in
def put_aside(review_id: int) -> ResponseReturnValue:
    """Say "I am done here" of one's own turn, without a word, and go on to what waits next."""
    review = put_turn_aside(by=asker(), review_id=review_id)
    flash(f"Done. {review.title} waits for you no more.", "done")
    return redirect(safe_next() if "next" in request.form else url_for("pages.your_move"), code=303)


# Its routes belong to the blueprint above.
from critique.mentoring import handing_views  # noqa: E402, F401
