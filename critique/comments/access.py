"""Who may see and do what in the threads of a walkthrough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from critique.accounts.access import LEADING_ROLES, role_in
from critique.accounts.models import Person
from critique.comments.models import Comment, Reply, Resolution
from critique.plumbing.db import db
from critique.plumbing.errors import Forbidden, NotFound
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

# Ids beyond what a database integer holds cannot exist, and would be an error to ask for.
_LARGEST_ID = 2**31 - 1


class Said(Protocol):
    """A comment or a reply, as a record or as a row."""

    @property
    def author_id(self) -> int:
        """Whose words they are."""

    @property
    def removed_at(self) -> datetime | None:
        """When they were taken back."""


class Given(Protocol):
    """What was done about a comment, as a record or as a row."""

    @property
    def by_id(self) -> int:
        """Who answered."""

    @property
    def how(self) -> str:
        """Done, wont_do, unclear or asked."""

    @property
    def confirmed_at(self) -> datetime | None:
        """When the reviewer said yes."""


@dataclass(frozen=True)
class Rights:
    """What one person may do in the threads of one request; asked once for a whole page."""

    person_id: int
    leads: bool
    asked: bool
    is_open: bool

    def may_edit(self, item: Said) -> bool:
        """Only one's own words, and only while they stand."""
        return self.is_open and item.author_id == self.person_id and item.removed_at is None

    def may_remove(self, item: Said) -> bool:
        """One's own words; a lead or an admin everybody's."""
        mine = item.author_id == self.person_id
        return self.is_open and item.removed_at is None and (mine or self.leads)

    def may_resolve(self, comment: Said) -> bool:
        """Who asked for the review, who wrote the comment, a lead or an admin."""
        allowed = self.asked or self.leads or comment.author_id == self.person_id
        return self.is_open and comment.removed_at is None and allowed

    def may_judge(self, comment: Said, answer: Given | None) -> bool:
        """Confirm an answer or send it back: who wrote the comment, a lead or an admin.

        Nobody confirms their own answer, unless they wrote the comment too.
        """
        wrote = comment.author_id == self.person_id
        allowed = wrote or (self.leads and answer is not None and answer.by_id != self.person_id)
        return self.is_open and comment.removed_at is None and answer is not None and allowed

    def may_confirm(self, comment: Said, answer: Given | None) -> bool:
        """Say yes to an answer that waits for it; a question back waits for words instead."""
        waits = answer is not None and answer.confirmed_at is None
        wants_words = answer is not None and answer.how in ("unclear", "asked")
        return waits and not wants_words and self.may_judge(comment, answer)

    def may_reopen(self, comment: Said, answer: Given | None) -> bool:
        """Take an answered comment up again; once it is confirmed, only who may judge it."""
        if answer is None or not self.may_resolve(comment):
            return False
        judges = self.leads or comment.author_id == self.person_id
        return answer.confirmed_at is None or judges

    def may_reply(self, comment: Said) -> bool:
        """Everybody who sees it, while it stands."""
        return self.is_open and comment.removed_at is None


def rights_in(person: Person, review: Review) -> Rights:
    """The person's rights in all threads of a request: one query for the role, one for closures."""
    return Rights(
        person_id=person.id,
        leads=role_in(person, review.team_id) in LEADING_ROLES,
        asked=review.author_id == person.id,
        is_open=review.closure is None,
    )


def comment_for(person: Person, comment_id: int) -> Comment:
    """One comment, removed ones included. Raises NotFound for strangers."""
    found = db.session.scalar(
        sa.select(Comment)
        .join(Comment.walkthrough)
        .where(Comment.id == _possible(comment_id))
        .where(Walkthrough.review_id.in_(_review_ids(person)))
        .options(joinedload(Comment.walkthrough).joinedload(Walkthrough.review))
    )
    if found is None:
        raise NotFound
    return found


def reply_for(person: Person, reply_id: int) -> Reply:
    """One reply, removed ones included, its comment loaded. Raises NotFound for strangers."""
    parent = joinedload(Reply.comment).joinedload(Comment.walkthrough)
    found = db.session.scalar(
        sa.select(Reply)
        .join(Reply.comment)
        .join(Comment.walkthrough)
        .where(Reply.id == _possible(reply_id))
        .where(Walkthrough.review_id.in_(_review_ids(person)))
        .options(parent.joinedload(Walkthrough.review))
    )
    if found is None:
        raise NotFound
    return found


def _possible(wanted: int) -> int:
    return min(wanted, _LARGEST_ID)


def _review_ids(person: Person) -> sa.Select[tuple[int]]:
    return visible_reviews(person).with_only_columns(Review.id)


def must_edit(person: Person, item: Comment | Reply) -> None:
    """Raise Forbidden unless it is the person's own."""
    if item.author_id != person.id:
        raise Forbidden(
            f"Only {item.author.name} can edit these words. Nothing was changed; write a reply."
        )


def must_remove(person: Person, item: Comment | Reply, review: Review) -> None:
    """Raise Forbidden unless it is the person's own, or the person leads the team."""
    if item.author_id != person.id and role_in(person, review.team_id) not in LEADING_ROLES:
        raise Forbidden(
            f"Only {item.author.name}, a lead or an admin can remove these words. "
            "Nothing was changed; ask one of them."
        )


def must_resolve(person: Person, comment: Comment, review: Review) -> None:
    """Raise Forbidden unless the person asked for the review, wrote the comment, or leads."""
    if person.id in (review.author_id, comment.author_id):
        return
    if role_in(person, review.team_id) not in LEADING_ROLES:
        raise Forbidden(
            f"Only {review.author.name}, {comment.author.name}, a lead or an admin can settle "
            "this thread. Nothing was changed; write a reply."
        )


def may_judge(person: Person, comment: Comment) -> bool:
    """Whether the person wrote the comment, or leads the team."""
    review = comment.walkthrough.review
    return comment.author_id == person.id or role_in(person, review.team_id) in LEADING_ROLES


def must_judge(person: Person, comment: Comment) -> None:
    """Raise Forbidden unless the person wrote the comment, or leads the team."""
    if not may_judge(person, comment):
        raise Forbidden(
            f"Only {comment.author.name}, a lead or an admin can confirm this. "
            "Nothing was changed; write a reply."
        )


def must_not_be_own(person: Person, comment: Comment, answer: Resolution) -> None:
    """Raise Forbidden where somebody would confirm their own answer to another's comment."""
    if answer.by_id == person.id and comment.author_id != person.id:
        raise Forbidden(
            f"This answer is yours, so {comment.author.name} confirms it. Nothing was changed."
        )
