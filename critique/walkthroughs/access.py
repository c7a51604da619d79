"""Who may see walkthroughs, bring new ones, and go on with an upload."""

from __future__ import annotations

from critique.accounts.access import LEADING_ROLES, role_in
from critique.accounts.models import Person
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, CritiqueError, Forbidden, NotFound
from critique.reviews.access import review_for
from critique.reviews.models import Review
from critique.walkthroughs.models import Still, Upload, Walkthrough

# Ids beyond what a database integer holds cannot exist, and would be an error to ask for.
_LARGEST_ID = 2**31 - 1


class Gone(CritiqueError):
    """It was there, and its time is over."""

    status = 410
    code = "gone"
    title = "No longer here"


def walkthrough_for(person: Person, walkthrough_id: int) -> Walkthrough:
    """One version of the work. Raises NotFound for strangers and for what does not exist.

    A recorded reply is no version: nobody comments on it, compares it or removes it as one.
    """
    found = take_for(person, walkthrough_id)
    if found.is_reply:
        raise NotFound
    return found


def take_for(person: Person, walkthrough_id: int) -> Walkthrough:
    """A version, or a recorded reply that was sent or is one's own. Raises NotFound otherwise."""
    if not 0 < walkthrough_id <= _LARGEST_ID:
        raise NotFound
    found = db.session.get(Walkthrough, walkthrough_id)
    if found is None:
        raise NotFound
    review_for(person, found.review_id)
    if found.is_reply and found.shared_at is None and found.uploaded_by_id != person.id:
        raise NotFound
    return found


def still_for(person: Person, still_id: int) -> Still:
    """One picture of a walkthrough. Raises NotFound for strangers and for what does not exist."""
    found = db.session.get(Still, still_id) if 0 < still_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound
    walkthrough_for(person, found.walkthrough_id)
    return found


def must_stand(walkthrough: Walkthrough) -> None:
    """Raise Conflict when the version was removed: nothing can be added to it any more."""
    if walkthrough.removed_at is not None:
        name = walkthrough.removed_by.name if walkthrough.removed_by else "Somebody"
        raise Conflict(
            f"{name} removed version {walkthrough.version}, so nothing can be added to it. What "
            "you wrote is kept; take it to the version that stands now.",
            code="version_removed",
        )


def must_be_there(walkthrough: Walkthrough) -> None:
    """Raise Gone (410) when the version was removed: its files and words are no longer shown."""
    if walkthrough.removed_at is not None and walkthrough.is_reply:
        raise Gone("This recording was taken back, so it cannot be played any more.")
    if walkthrough.removed_at is not None:
        raise Gone(
            f"Version {walkthrough.version} was removed with its files. What was said about it is "
            "kept in its review request."
        )


def may_upload(person: Person, review: Review) -> bool:
    """Whether a person may bring a version, a transcript or another try: author, lead, admin."""
    role = role_in(person, review.team_id)
    return role is not None and (review.author_id == person.id or role in LEADING_ROLES)


def must_upload(person: Person, review: Review) -> None:
    """Raise Forbidden unless the person may bring a version."""
    if not may_upload(person, review):
        raise Forbidden(
            f"Only {review.author.name}, a lead or an admin can add a version or its words here. "
            "Say what you would change in a comment instead."
        )


def must_retry(person: Person, walkthrough: Walkthrough) -> None:
    """Raise Forbidden unless the person may have a step tried again: a reply's is its speaker's."""
    if not walkthrough.is_reply:
        must_upload(person, walkthrough.review)
        must_stand(walkthrough)
        return
    must_be_there(walkthrough)
    if walkthrough.uploaded_by_id != person.id:
        raise Forbidden(
            f"Only {walkthrough.uploaded_by.name} can have this recording tried again. Nothing "
            "was changed; ask in a reply."
        )


def upload_for(person: Person, upload_id: str) -> Upload:
    """An upload of one's own. Raises NotFound for anybody else's, Gone when its day is over."""
    found = db.session.get(Upload, upload_id)
    if found is None or found.person_id != person.id:
        raise NotFound
    review = review_for(person, found.review_id)
    coming = db.session.get(Walkthrough, found.walkthrough_id) if found.walkthrough_id else None
    if coming is None or not coming.is_reply:
        must_upload(person, review)
    if found.finished_at is None and found.expires_at <= clock.now():
        raise Gone(
            "Nothing came for 24 hours, so this upload was cleared away. Choose the file again "
            "to start over; your review request is unchanged."
        )
    return found
