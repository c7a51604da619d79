"""Your move: what waits for me, what became of my work, this week's coffee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import MENTORING_ROLES, active_people
from critique.accounts.login import asker, current_team
from critique.accounts.models import Membership
from critique.comments.models import Comment
from critique.comments.naming import calls_for
from critique.mentoring.queries import QueueRow, queue_for
from critique.pages import blueprint
from critique.pages.my_work import Confirming, Work, confirming_of, work_of
from critique.pairing.queries import this_weeks_meeting
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.reviews.deadlines import TimeLeft
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from critique.web.app import me

QUEUE_SHOWN = 12
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the person: a request to look at, or their own to go on with."""

    review: Review
    why: str
    action: str
    left: TimeLeft | None
    row: QueueRow | None = None
    in_ledger: bool = False


@blueprint.get("/")
def your_move() -> ResponseReturnValue:
    """Show what waits for the person; guests are led to the sign-in page."""
    if me() is None:
        return redirect(url_for("accounts.sign_in"), code=302)
    person, now, team = asker(), clock.now(), current_team()
    work = work_of(person, now)
    rows = queue_for(person, now, size=QUEUE_SHOWN)
    free = [row for row in rows if row.section in ("fits", "others")]
    return render_template(
        "pages/your_move.html",
        waiting=waiting_of(rows, work, confirming_of(person, now)),
        calls=calls_for(person),
        work=[item for item in work if item.move is None],
        free=free,
        may_mentor=team is not None and team.role in MENTORING_ROLES,
        ticks=first_steps(team) if team else [],
        in_a_team=team is not None,
        meeting=this_weeks_meeting(person, now),
    )


def waiting_of(
    rows: list[QueueRow], work: list[Work], confirming: list[Confirming]
) -> list[Waiting]:
    """What waits for the person, soonest loss first; one line a request."""
    answers = {item.review.id: item for item in confirming}

    def with_answers(review: Review, why: str) -> str:
        also = answers.pop(review.id, None)
        return f"{why} {also.why}" if also else why

    asked = [
        Waiting(
            row.review, with_answers(row.review, row.reason), "Open the room", row.left, row
        )
        for row in rows
        if row.section == "mine"
    ]  # fmt: skip
    own = [
        Waiting(
            item.review, with_answers(item.review, item.move), _action(item), item.left,
            in_ledger=_answers(item),
        )
        for item in work
        if item.move is not None
    ]  # fmt: skip
    sure = [
        Waiting(item.review, item.why, "Look at the answers", item.left, in_ledger=True)
        for item in answers.values()
    ]
    return sorted([*asked, *own, *sure], key=lambda w: (w.review.review_by or NEVER, w.review.id))


def _answers(item: Work) -> bool:
    return item.newest is not None and item.newest.state != "failed"


def _action(item: Work) -> str:
    if item.newest is None:
        return "Add the walkthrough"
    return "See what happened" if item.newest.state == "failed" else "Answer"


def first_steps(membership: Membership) -> list[dict[str, Any]]:
    """The first three steps of a new team, computed from what is there; none once all are done."""
    team_id = membership.team_id
    people = sa.select(sa.func.count()).select_from(active_people(team_id).subquery())
    posted = sa.select(Review.id).where(Review.team_id == team_id).exists()
    answered = (
        sa.select(Comment.id)
        .join(Walkthrough, Comment.walkthrough_id == Walkthrough.id)
        .join(Review, Walkthrough.review_id == Review.id)
        .where(Review.team_id == team_id, Comment.author_id != Review.author_id)
        .exists()
    )
    row = db.session.execute(
        sa.select(people.scalar_subquery().label("people"), posted.label("posted"),
                  answered.label("answered"))
    ).one()  # fmt: skip
    steps = [
        {"done": row.people > 1, "words": "Invite the people you work with", "href": "people"},
        {"done": bool(row.posted), "words": "Ask for a first review", "href": "new"},
        {"done": bool(row.answered), "words": "Answer one with a comment", "href": "queue"},
    ]
    return [] if all(step["done"] for step in steps) else steps
