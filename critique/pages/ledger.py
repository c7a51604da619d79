"""The ledger: what was done about each comment of a request, answered and confirmed by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments.access import Rights, rights_in
from critique.comments.ledger import ledger_of, verdicts_of
from critique.comments.ledger_lines import Line
from critique.comments.queries import newest_change
from critique.pages import blueprint
from critique.pages.ledger_words import HEADINGS, on_paper, place_words, progress, standing
from critique.pages.room_review import move_parts
from critique.reviews.access import review_for
from critique.reviews.models import Review
from critique.walkthroughs.frame_clock import frame_clock_of
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import sources_of, walkthroughs_of


@blueprint.get("/reviews/<int:review_id>/ledger")
@signed_in
def ledger(review_id: int) -> Response:
    """Show what was done about each comment. `?v=2` looks at that version instead of the newest.

    With `?after=` (id of an event) only the list comes back, or 204 when nothing changed since.
    """
    person = asker()
    review = review_for(person, review_id)
    # Before the lines: what happens in between is fetched once more, never missed.
    newest = newest_change(review.id)
    after = request.args.get("after", type=int)
    if after is not None and after >= newest:
        return make_response("", 204)
    versions = [one for one in walkthroughs_of(review.id) if one.version and not one.removed_at]
    looked_at = _looked_at(versions)
    parts = _list_parts(review, looked_at, rights_in(person, review), newest)
    if after is not None:
        return make_response(render_template("pages/_ledger_list.html", **parts, part=True))
    return make_response(
        render_template(
            "pages/ledger.html",
            **parts,
            versions=versions,
            sources=sources_of(looked_at) if looked_at else [],
            frames=frame_clock_of(looked_at) if looked_at else None,
            verdicts=verdicts_of(review.id),
            mine=review.author_id == person.id,
            news_url=url_for(
                "pages.ledger", review_id=review.id, v=request.args.get("v", type=int)
            ),
        )
    )


def _looked_at(versions: Sequence[Walkthrough]) -> Walkthrough | None:
    """The version asked for, else the newest that can be looked at, else the newest."""
    wanted = request.args.get("v", type=int)
    # One that plays can be looked at, though its words are still being written down.
    ready = [one for one in versions if one.state == "ready" or one.playable_key]
    chosen = next((one for one in versions if one.version == wanted), None)
    return chosen or next(reversed(ready or versions), None)


def _list_parts(
    review: Review, looked_at: Walkthrough | None, rights: Rights, newest: int
) -> dict[str, Any]:
    found = ledger_of(review.id, looked_at)
    return {
        "review": review,
        **move_parts(asker(), review),
        "walkthrough": looked_at,
        "groups": found.groups(),
        "tally": found.tally,
        "progress": progress(found.tally),
        "headings": HEADINGS,
        "standing": standing,
        "on_paper": lambda at: on_paper(at, asker().zone),
        "place_words": place_words,
        "may": lambda line: may(rights, line),
        "rights": rights,
        "newest": newest,
    }


def may(rights: Rights, line: Line) -> list[str]:
    """What the person may do about a line: answer, confirm, reopen, reply."""
    over = line.state in ("confirmed", "praise")
    able = {
        # Who only wrote the comment says yes or no here; settling it alone is done in the room.
        "answer": (rights.asked or rights.leads) and rights.may_resolve(line) and not over,
        "confirm": rights.may_confirm(line, line.answer),
        "reopen": rights.may_reopen(line, line.answer),
        "reply": rights.may_reply(line),
    }
    return [verb for verb, allowed in able.items() if allowed]
