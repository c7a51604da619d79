"""Changes of review requests. Each takes its actor, records one event and never commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from critique.accounts.access import membership_for
from critique.accounts.models import Person
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.search import Passage, replace_entries
from critique.reviews.access import must_be_open, must_edit, review_for
from critique.reviews.live_or_written import in_order
from critique.reviews.models import (
    Aim,
    Closure,
    Extension,
    Review,
    Reviewer,
    ReviewLink,
    WantedSkill,
)
from critique.reviews.wishes import Wishes, deadline_of, people_asked, project_called

_PLAIN = ("title", "brief", "stage", "off_limits")


def create_review(*, by: Person, team_id: int, **wishes: Unpack[Wishes]) -> Review:
    """Post a request in a team one belongs to; `title` is needed.

    Raises NotFound for another team, Invalid for unknown reviewers or an unreadable deadline.
    """
    membership_for(by, team_id)
    now = clock.now()
    asked = people_asked(team_id, wishes.get("reviewers", ()), by.id)
    deadline = deadline_of(wishes.get("review_by", ""), by, now)
    review = Review(
        team_id=team_id, author=by, title=wishes["title"], created_at=now, review_by_zone=by.zone
    )
    if deadline is not None:
        review.review_by = deadline.at
        review.review_by_zone = deadline.zone
        review.review_by_rule = deadline.rule
    _write(review, wishes, asked)
    db.session.add(review)
    db.session.flush()
    _keep_findable(review)
    _record("created", review, by, after=state_of(review))
    return review


def edit_review(*, by: Person, review_id: int, revision: int, **wishes: Unpack[Wishes]) -> Review:
    """Change what a request says; `revision` is the one the editor was looking at.

    An unchanged deadline is left alone, also when it has passed by now; a changed one is recorded
    as an extension. Raises NotFound, Forbidden, Invalid, and Conflict when somebody saved in
    between (its `extra["current"]` is what stands there now).
    """
    review = review_for(by, review_id, lock=True)
    must_edit(by, review)
    must_be_open(review)
    if review.revision != revision:
        raise Conflict(
            "Somebody changed this request while you were writing. Nothing was overwritten: "
            "compare both texts, then save yours or take theirs.",
            code="edited_meanwhile",
            extra={"current": state_of(review)},
        )
    before = state_of(review)
    names = wishes.get("reviewers")
    asked = None if names is None else people_asked(review.team_id, names, review.author_id)
    _move_deadline(review, by, wishes.get("review_by"), reason="")
    _write(review, wishes, asked)
    review.revision += 1
    db.session.flush()
    _keep_findable(review)
    _record("edited", review, by, before=before, after=state_of(review))
    return review


def extend_review(*, by: Person, review_id: int, review_by: str, reason: str = "") -> Review:
    """Move the deadline; a row says from where to where, by whom and why.

    Raises NotFound, Forbidden, Conflict (closed) and Invalid (unreadable, or not later).
    """
    review = review_for(by, review_id, lock=True)
    must_edit(by, review)
    must_be_open(review)
    before = review.review_by
    _move_deadline(review, by, review_by, reason=reason)
    if review.review_by is None or (before is not None and review.review_by <= before):
        raise Invalid(
            "The deadline stays as it was. Choose a later one.",
            fields={"review_by": "Choose a moment after the present deadline."},
        )
    db.session.flush()
    _record("extended", review, by, before=before, after=review.review_by)
    return review


def close_review(*, by: Person, review_id: int, reason: str = "") -> Closure:
    """Close a request; it stays readable. Raises NotFound, Forbidden, or Conflict naming who."""
    review = review_for(by, review_id, lock=True)
    must_edit(by, review)
    standing = review.closure
    if standing is not None:
        raise Conflict(
            f"{standing.by.name} has closed this request already. Nothing is left to do.",
            code="closed",
        )
    closure = Closure(review_id=review.id, by_id=by.id, at=clock.now(), reason=reason)
    review.closures.append(closure)
    review.closed = True
    db.session.flush()
    _record("closed", review, by, details={"closure": closure.id})
    return closure


def reopen_review(*, by: Person, review_id: int) -> Review:
    """Open a closed request again. Raises NotFound, Forbidden, or Conflict when it is open."""
    review = review_for(by, review_id, lock=True)
    must_edit(by, review)
    standing = review.closure
    if standing is None:
        raise Conflict("This request is open already. Nothing is left to do.", code="open")
    standing.reopened_at = clock.now()
    standing.reopened_by_id = by.id
    review.closed = False
    db.session.flush()
    _record("reopened", review, by, details={"closure": standing.id})
    return review


def state_of(review: Review) -> dict[str, Any]:
    """What a request says, in JSON-able values: for digests and for conflicts."""
    return {
        **{name: getattr(review, name) for name in _PLAIN},
        "aims": [aim.text for aim in review.aims],
        "links": [link.url for link in review.links],
        "project": review.project.name if review.project else "",
        "reviewers": [str(row.person_id) for row in review.reviewers],
        "skills": [row.skill for row in review.skills],
        "review_by": review.review_by.isoformat() if review.review_by else "",
        "ticks": list(review.ticks),
        "revision": review.revision,
    }


def _write(review: Review, wishes: Wishes, asked: Sequence[Person] | None) -> None:
    for name in _PLAIN:
        if name in wishes:
            setattr(review, name, wishes[name])  # type: ignore[literal-required]
    if "aims" in wishes:
        _write_aims(review, list(wishes["aims"]))
    if "links" in wishes:
        review.links = [ReviewLink(url=url) for url in wishes["links"]]
    if "skills" in wishes:
        kept = {row.skill: row for row in review.skills}
        review.skills = [
            kept.get(skill) or WantedSkill(skill=skill) for skill in sorted(set(wishes["skills"]))
        ]
    if "ticks" in wishes:
        review.ticks = in_order(wishes["ticks"])
    if "project" in wishes:
        review.project = project_called(review.team_id, wishes["project"])
    if asked is not None:
        known = {row.person_id: row for row in review.reviewers}
        now = clock.now()
        review.reviewers = [
            known.get(person.id) or Reviewer(person=person, person_id=person.id, asked_at=now)
            for person in asked
        ]


def _write_aims(review: Review, texts: list[str]) -> None:
    # Comments point at aims: a text that stays keeps its row.
    kept = {aim.text: aim for aim in review.aims}
    aims = [kept.pop(text) if text in kept else Aim(text=text) for text in texts]
    for position, aim in enumerate(aims):
        aim.position = position
    review.aims = aims


def _move_deadline(review: Review, by: Person, text: str | None, *, reason: str) -> None:
    if text is None or _says_the_same(review, text):
        return
    now = clock.now()
    deadline = deadline_of(text, by, now)
    before = review.review_by
    review.review_by = deadline.at if deadline else None
    review.review_by_rule = deadline.rule if deadline else "moment"
    review.review_by_zone = deadline.zone if deadline else by.zone
    if deadline is not None and deadline.at != before:
        db.session.add(
            Extension(
                review_id=review.id,
                by_id=by.id,
                at=now,
                review_by_before=before,
                review_by_after=deadline.at,
                reason=reason,
            )
        )


def _says_the_same(review: Review, text: str) -> bool:
    at = review.review_by
    return text == (at.isoformat() if at else "")


def _keep_findable(review: Review) -> None:
    words = "\n".join([review.title, *(aim.text for aim in review.aims), review.brief])
    replace_entries(
        team_id=review.team_id,
        review_id=review.id,
        source="review",
        source_id=review.id,
        passages=[Passage(words)],
    )


def _record(
    happened: str,
    review: Review,
    by: Person,
    *,
    before: object = None,
    after: object = None,
    details: dict[str, Any] | None = None,
) -> None:
    record_event(
        f"review.{happened}",
        by_id=by.id,
        subject="review",
        subject_id=review.id,
        team_id=review.team_id,
        review_id=review.id,
        before=before,
        after=after,
        details=details,
    )
