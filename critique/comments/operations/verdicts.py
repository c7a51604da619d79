"""Sending a review: its comments and what its writer makes of the version, all at once."""

from __future__ import annotations

from collections.abc import Collection

from critique.accounts.models import Person
from critique.comments import unsent
from critique.comments.models import Draft, Verdict
from critique.comments.operations.drafts import send_draft
from critique.comments.standing import verdict_given_once
from critique.comments.threads import hold, posting_key
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Forbidden, Invalid, NotFound
from critique.reviews.access import must_be_open
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough


def must_judge_work(person: Person, review: Review) -> None:
    """Raise Forbidden for who asked: a verdict is somebody else's."""
    if review.author_id == person.id:
        raise Forbidden(
            "You asked for this review, so its verdict is for others to give. Nothing was sent "
            "and your drafts are kept; post them one by one."
        )


def give_verdict(
    *,
    by: Person,
    walkthrough: Walkthrough,
    verdict: str,
    body: str = "",
    drafts: Collection[int] | None = None,
    once: str | None = None,
) -> Verdict:
    """Send one's review of a version: a verdict, a summary, and drafts by id (None: all of them).

    Every draft becomes a comment of the version it was written on, in the order of writing. The
    same review sent again with the page's token `once` returns what is there. Raises Forbidden
    for the request's author, Invalid for ids that are no drafts of the sender's (any more),
    Conflict when the request is closed; in all of these everything is kept as it was.
    """
    if walkthrough.version is None:
        raise NotFound
    wanted = None if drafts is None else sorted(set(drafts))
    key = posting_key(once, "verdict", walkthrough.review_id, repr((verdict, body, wanted)))
    review = hold(walkthrough.review)
    if key and (given := verdict_given_once(by.id, key)):
        return given
    must_judge_work(by, review)
    must_be_open(review)
    chosen = _chosen(by, review, wanted)
    given = Verdict(
        review_id=review.id,
        walkthrough=walkthrough,
        by=by,
        verdict=verdict,
        body=body,
        once=key,
        at=clock.now(),
    )
    db.session.add(given)
    db.session.flush()
    for draft in chosen:
        send_draft(by=by, draft=draft, verdict_id=given.id)
    _record(given, by, review, comments=len(chosen))
    return given


def _chosen(by: Person, review: Review, wanted: list[int] | None) -> list[Draft]:
    """The drafts to send, read anew under the request's lock."""
    own = unsent.drafts_of(by, review.id)
    if wanted is None:
        return own
    gone = set(wanted) - {draft.id for draft in own}
    if gone:
        raise Invalid(
            "Some of these comments were sent or discarded meanwhile, perhaps in another window. "
            "Nothing was sent and everything is kept. Look at what is left, then send it.",
            fields={"drafts": "Not among your drafts (any more). Choose again."},
        )
    return [draft for draft in own if draft.id in wanted]


def _record(given: Verdict, by: Person, review: Review, *, comments: int) -> None:
    record_event(
        "verdict.given",
        by_id=by.id,
        subject="verdict",
        subject_id=given.id,
        team_id=review.team_id,
        review_id=review.id,
        after={"verdict": given.verdict, "body": given.body},
        details={
            "walkthrough_id": given.walkthrough_id,
            "verdict": given.verdict,
            "comments": comments,
        },
    )
