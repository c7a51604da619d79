"""What the room says of reviews: those that were sent, and the one its reader is writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from flask import render_template

from critique.accounts.access import LEADING_ROLES, role_in
from critique.accounts.login import asker, signed_in
from critique.accounts.models import Person
from critique.comments.models import Draft
from critique.comments.standing import newest_by_person, verdicts_of
from critique.comments.unsent import drafts_of
from critique.mentoring.hand_offs import note_to
from critique.mentoring.models import Turn
from critique.mentoring.moves import DISMISSIBLE, TAKES_ON
from critique.mentoring.turns import turns_on
from critique.mentoring.words import whose_move
from critique.pages import blueprint
from critique.plumbing import clock
from critique.reviews.access import review_for
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import walkthroughs_of


class Placed(Protocol):
    """A thread as the talk has it, at its place in the version that is shown."""

    @property
    def id(self) -> int:
        """Of its comment."""

    @property
    def here_ms(self) -> int | None:
        """Where it lies here; None where its passage is gone."""


@blueprint.get("/reviews/<int:review_id>/standing")
@signed_in
def standing(review_id: int) -> str:
    """Whose move it is and what reviewers said, as a partial: the room asks when that changed."""
    person = asker()
    review = review_for(person, review_id)
    versions = walkthroughs_of(review.id)
    return render_template(
        "pages/_room_standing.html",
        review=review,
        **standing_parts(person, review, versions),
    )


def standing_parts(
    person: Person, review: Review, versions: Sequence[Walkthrough]
) -> dict[str, Any]:
    """Whose move it is, and the verdicts: the newest of each person, and the older ones."""
    verdicts = verdicts_of([review.id])
    newest = newest_by_person(verdicts)
    return {
        **move_parts(person, review),
        "verdicts": newest,
        "older_verdicts": [one for one in verdicts if one not in newest],
        "newest_version": newest_to_see(versions),
    }


def move_parts(person: Person, review: Review) -> dict[str, Any]:
    """Whose move it is as the person reads it, and their own turn where it can be put aside."""
    now = clock.now()
    turns = turns_on([review.id], now)[review.id]
    own = next((turn for turn in turns if turn.person_id == person.id), None)
    return {
        "move": whose_move(review, turns, viewer=person, now=now),
        "aside": own is not None and own.reason in DISMISSIBLE,
        "may_hand_over": _may_hand_over(person, review, turns),
        "handed": note_to(person, review.id) if own and own.reason == "handed_over" else None,
    }


def _may_hand_over(person: Person, review: Review, turns: Sequence[Turn]) -> bool:
    """Who has it may, and leads while anybody has it."""
    owners = {turn.person_id for turn in turns if turn.reason in TAKES_ON}
    leads = role_in(person, review.team_id) in LEADING_ROLES
    return person.id in owners or (leads and bool(owners) and review.author_id != person.id)


def newest_to_see(versions: Sequence[Walkthrough]) -> int | None:
    """The newest version that others can look at, or will in a moment; a verdict is about one."""
    seen = [
        version.version
        for version in versions
        if version.state in ("processing", "ready") and version.removed_at is None
    ]
    return max((number for number in seen if number is not None), default=None)


def own_review(
    person: Person, review: Review, shown: Walkthrough | None, threads: Sequence[Placed]
) -> dict[str, Any]:
    """The reader's own drafts: all of them, and those of this version at their place in the talk.

    `drafts_at` names the thread that each stands before, None for the end of the talk.
    """
    drafts = drafts_of(person, review.id)
    here = [draft for draft in drafts if shown is not None and draft.walkthrough_id == shown.id]
    return {
        "own_drafts": drafts,
        "drafts_at": _places(here, threads),
        "may_judge": review.author_id != person.id,
    }


def _places(drafts: Sequence[Draft], threads: Sequence[Placed]) -> dict[int | None, list[Draft]]:
    places: dict[int | None, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda one: (one.start_ms, one.id)):
        later = (
            thread.id
            for thread in threads
            if thread.here_ms is None or thread.here_ms > draft.start_ms
        )
        places.setdefault(next(later, None), []).append(draft)
    return places
