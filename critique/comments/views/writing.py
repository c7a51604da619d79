"""What helps while one writes: a preview, the people who can be named, how words read to whom."""

from __future__ import annotations

from urllib.parse import quote

from flask import (
    Response,
    after_this_request,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.comments import access, naming, queries
from critique.comments.answers import by_htmx, room_url
from critique.comments.forms import PreviewForm
from critique.comments.mentions import Names
from critique.comments.moments import Recordings
from critique.comments.naming import found_in, nameable_in, unclear_names
from critique.comments.nudge import ASKED, REASONS, lacks_why
from critique.comments.prose import Reader
from critique.comments.views.blueprint import blueprint
from critique.plumbing.errors import Invalid
from critique.reviews.access import review_for
from critique.reviews.models import Review
from critique.web.app import limiter
from critique.web.forms import read

# Whoever writes presses it now and then; a program that renders for others does not.
PREVIEWS = "60/minute"


def for_asker() -> str:
    """What a person's previews are counted by."""
    return f"person-{asker().id}"


@blueprint.app_template_global()
def reader_here(review: Review) -> Reader:
    """How the texts of a request read to the person who looks; for every page that has any."""
    lengths: list[tuple[tuple[int, int], ...]] = []

    def recordings(version: int | None) -> Recordings:
        if not lengths:
            lengths.append(queries.lengths_of(review.id))
        return Recordings(url_for("pages.room", review_id=review.id), version, lengths[0])

    return Reader(asker().id, lambda: Names(nameable_in(review)), recordings)


@blueprint.app_template_global()
def answered_aims(review_id: int) -> set[int]:
    """Ids of the aims of a request that a standing comment points at."""
    return queries.answered_aims(review_id)


@blueprint.app_template_global()
def reasons_for_why() -> tuple[str, ...]:
    """The words that give a reason, for the module that asks for one."""
    return REASONS


@blueprint.app_template_global()
def question_for_why() -> str:
    """What that module asks."""
    return ASKED


def ask_why_once(kind: str, body: str) -> None:
    """Raise Invalid where a page without scripts sends a problem that gives no why.

    Its form says so with `nudge`; the one that comes back does not, so sending it again posts it.
    """
    if request.form.get("nudge") == "1" and lacks_why(kind, body):
        raise Invalid(f"{ASKED} Or post it as it is: send it once more.", code="why")


@blueprint.get("/reviews/<int:review_id>/people")
@signed_in
def nameable(review_id: int) -> Response:
    """Who may be named in this request, and what to write behind the @ so that nobody else is."""
    people = nameable_in(review_for(asker(), review_id))
    names = Names(people)
    return jsonify(
        [
            {"id": one.id, "name": one.name, "email": one.email, "write": names.way_to_name(one)}
            for one in people
        ]
    )


@blueprint.post("/comments/<int:comment_id>/mentions/seen")
@signed_in
def see_mentions(comment_id: int) -> ResponseReturnValue:
    """Open a thread one is named in: the mention no longer waits, and the room opens there."""
    comment = access.comment_for(asker(), comment_id)
    naming.see_mentions(by=asker(), comment=comment)
    if by_htmx():
        return "", 204
    return redirect(room_url(comment.walkthrough, comment if comment.standing else None), 303)


@blueprint.post("/reviews/<int:review_id>/preview")
@signed_in
@limiter.limit(PREVIEWS, key_func=for_asker)
def preview(review_id: int) -> str:
    """Show words as they would stand in the talk; nothing is kept."""
    review = review_for(asker(), review_id)
    form = read(PreviewForm)
    html, found = reader_here(review).preview(form.body, form.version)
    return render_template("comments/_preview.html", html=html, unclear=unclear_names(found))


def tell_unclear(review: Review, body: str) -> None:
    """Tell the writer, and nobody else, which @names of what was just kept name nobody.

    Pages get a notice, modules a header (percent-encoded, since names may have any letters).
    """
    sentence = unclear_names(found_in(review, body))
    if not sentence:
        return
    if not by_htmx():
        flash(sentence, "info")
        return

    @after_this_request
    def _tell(response: Response) -> Response:
        response.headers["Critique-Notice"] = quote(sentence)
        return response
