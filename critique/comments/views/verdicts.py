"""Sending a review over HTTP: one page, which the room brings into a dialog."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments import operations, standing, unsent
from critique.comments.answers import by_htmx, refused, room_url
from critique.comments.models import Verdict
from critique.comments.operations.verdicts import must_judge_work
from critique.comments.review_forms import VerdictPageForm
from critique.comments.views.blueprint import blueprint
from critique.plumbing.errors import Conflict, Invalid, NotFound
from critique.reviews.access import must_be_open
from critique.walkthroughs.access import walkthrough_for
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import walkthroughs_of
from critique.web.forms import read


@blueprint.get("/walkthroughs/<int:walkthrough_id>/verdicts")
@signed_in
def new_verdict(walkthrough_id: int) -> str:
    """Show the form that sends one's review of a version."""
    walkthrough = _version_for(walkthrough_id)
    must_judge_work(asker(), walkthrough.review)
    must_be_open(walkthrough.review)
    return render_template("comments/send.html", **_parts(walkthrough))


@blueprint.post("/walkthroughs/<int:walkthrough_id>/verdicts")
@signed_in
def give_verdict(walkthrough_id: int) -> Response:
    """Send one's review; a refusal shows the form again, with the drafts that are left."""
    walkthrough = _version_for(walkthrough_id)
    try:
        form = read(VerdictPageForm)
        given = operations.give_verdict(
            by=asker(),
            walkthrough=walkthrough,
            verdict=form.verdict,
            body=form.body,
            drafts=form.drafts,
            once=form.once,
        )
    except (Invalid, Conflict) as error:
        return refused(error, "comments/send.html", **_parts(walkthrough))
    return _sent(given, len(form.drafts))


def _version_for(walkthrough_id: int) -> Walkthrough:
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    if walkthrough.version is None:
        raise NotFound
    return walkthrough


def _parts(walkthrough: Walkthrough) -> dict[str, Any]:
    """What the form shows. Its token names this sending: it is the same in every window until then.

    So two windows that send the same review send one.
    """
    person, review_id = asker(), walkthrough.review_id
    last = standing.newest_verdict_id(review_id, person.id)
    return {
        "walkthrough": walkthrough,
        "drafts": unsent.drafts_of(person, review_id),
        "newest": _newest(review_id),
        "once": f"review-{review_id}-after-{last}",
    }


def _newest(review_id: int) -> int:
    standing_versions = (w for w in walkthroughs_of(review_id) if w.removed_at is None)
    return max((w.version or 0 for w in standing_versions), default=0)


def _sent(given: Verdict, comments: int) -> Response:
    counted = f"{comments} comment{'' if comments == 1 else 's'}"
    words = f"Your review is sent, with {counted}." if comments else "Your review is sent."
    newest = _newest(given.review_id)
    if given.walkthrough.version is not None and newest > given.walkthrough.version:
        words += f" It stands on v{given.walkthrough.version}; v{newest} has come since."
    if by_htmx():
        return make_response(words)
    flash(words, "done")
    return redirect(room_url(given.walkthrough), 303)
