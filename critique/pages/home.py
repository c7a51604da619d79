"""Your move: what waits for me, what became of my work, whom I meet next."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import MENTORING_ROLES, active_people
from critique.accounts.login import asker, current_team
from critique.accounts.models import Membership
from critique.comments.models import Comment
from critique.mentoring.hand_offs import offers_to
from critique.pages import blueprint
from critique.pages.at_hand import at_hand
from critique.pairing.week.queries import booked_ahead
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from critique.web.app import me

MEETINGS_SHOWN = 2


@blueprint.get("/")
def your_move() -> ResponseReturnValue:
    """Show what waits for the person; guests are led to the sign-in page."""
    if me() is None:
        return redirect(url_for("accounts.sign_in"), code=302)
    person, now, team = asker(), clock.now(), current_team()
    found, offers = at_hand(person, now), offers_to(person)
    offered = {offer.review_id for offer in offers}
    return render_template(
        "pages/your_move.html",
        waiting=found.waiting,
        work=[item for item in found.work if item.move is None],
        free=[row for row in found.free if row.review.id not in offered],
        offers=offers,
        may_mentor=team is not None and team.role in MENTORING_ROLES,
        ticks=first_steps(team) if team else [],
        in_a_team=team is not None,
        meetings=booked_ahead(person, now)[:MEETINGS_SHOWN],
    )


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
