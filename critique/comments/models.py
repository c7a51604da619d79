"""Comments on an anchor, their threads, what was done about them, and where they lie later on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.comments.fingerprints import fingerprint_of
from critique.plumbing.db import Record
from critique.reviews.models import Aim, Review
from critique.walkthroughs.models import Still, Walkthrough

KINDS = ("question", "suggestion", "problem", "praise")
WEIGHTS = ("must_fix", "take_it_or_leave_it")
# `done` and `wont_do` wait for the reviewer's yes; `unclear` and `asked` for the reviewer's words.
HOWS = ("done", "wont_do", "unclear", "asked")
PLACEMENT_STATES = ("exact", "moved", "uncertain", "removed")
VERDICTS = ("looks_good", "another_round", "lets_talk")
REACTIONS = ("agree", "thanks", "insight", "looking")
CONTEXT_CHARACTERS = 32


class Anchored:
    """What a comment, sent or still a draft, says and is about.

    Times are integer ms of the walkthrough (0 on a still, which has no clock). Words carry the ids
    of the first and last word of `transcript_id`, their exact quote and 32 characters on either
    side. `region` is a list of shapes in 0..1 coordinates of the frame (see `region.py`).
    """

    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    aim_id: Mapped[int | None] = mapped_column(sa.ForeignKey("aims.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(sa.String(12), default="suggestion")
    weight: Mapped[str] = mapped_column(sa.String(20), default="take_it_or_leave_it")
    body: Mapped[str] = mapped_column(sa.Text)

    start_ms: Mapped[int]
    end_ms: Mapped[int]
    transcript_id: Mapped[int | None] = mapped_column(sa.ForeignKey("transcripts.id"))
    first_word: Mapped[int | None]
    last_word: Mapped[int | None]
    quote: Mapped[str] = mapped_column(sa.Text, default="")
    quote_before: Mapped[str] = mapped_column(sa.String(32), default="")
    quote_after: Mapped[str] = mapped_column(sa.String(32), default="")
    still_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stills.id"))
    region: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    once: Mapped[str | None] = mapped_column(sa.String(64))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]


class Comment(Anchored, Record):
    """A comment and its anchor. The anchor columns are written once and never again.

    `once` is a token of the page that posted it, so that a form sent twice posts once. Of a
    removed comment the body and the region are gone; the row and its anchor stay.
    """

    __tablename__ = "comments"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
        sa.CheckConstraint(f"weight IN {WEIGHTS}", name="weight"),
        sa.CheckConstraint("start_ms >= 0 AND end_ms >= start_ms", name="range"),
        sa.UniqueConstraint("author_id", "once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    verdict_id: Mapped[int | None] = mapped_column(sa.ForeignKey("verdicts.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    walkthrough: Mapped[Walkthrough] = relationship()
    author: Mapped[Person] = relationship(foreign_keys="Comment.author_id")
    removed_by: Mapped[Person | None] = relationship(foreign_keys=[removed_by_id])
    aim: Mapped[Aim | None] = relationship()
    still: Mapped[Still | None] = relationship()
    replies: Mapped[list[Reply]] = relationship(order_by="Reply.id", back_populates="comment")
    resolutions: Mapped[list[Resolution]] = relationship(order_by="Resolution.id")
    # Of the comment and of its replies alike.
    reactions: Mapped[list[Reaction]] = relationship(order_by="Reaction.id", viewonly=True)
    mentions: Mapped[list[Mention]] = relationship(order_by="Mention.id", viewonly=True)

    @property
    def resolution(self) -> Resolution | None:
        """The resolution in force; None while the comment is open."""
        return next((r for r in reversed(self.resolutions) if r.reopened_at is None), None)

    @property
    def answered(self) -> bool:
        """Whether a reply stands under it that was not removed."""
        return any(reply.removed_at is None for reply in self.replies)

    @property
    def standing(self) -> bool:
        """Whether readers still see the thread: it was not removed, or somebody answered."""
        return self.removed_at is None or self.answered

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that differ once anything inside the thread has changed."""
        return fingerprint_of(self)


class Reply(Record):
    """An answer in a thread: words, or a recording of at most two minutes, or both."""

    __tablename__ = "replies"
    __table_args__ = (sa.UniqueConstraint("author_id", "once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    body: Mapped[str] = mapped_column(sa.Text)
    recording_id: Mapped[int | None] = mapped_column(sa.ForeignKey("walkthroughs.id"), unique=True)
    once: Mapped[str | None] = mapped_column(sa.String(64))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    comment: Mapped[Comment] = relationship(back_populates="replies")
    recording: Mapped[Walkthrough | None] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    removed_by: Mapped[Person | None] = relationship(foreign_keys=[removed_by_id])


class Resolution(Record):
    """What was done about a comment: by whom, when, how, perhaps at which moment of which version.

    The reviewer confirms it or reopens the comment; at most one is in force. `version_id` and
    `at_ms` (ms of that version) say where the change can be seen.
    """

    __tablename__ = "resolutions"
    __table_args__ = (
        sa.Index(
            "ux_resolutions_in_force",
            "comment_id",
            unique=True,
            sqlite_where=sa.text("reopened_at IS NULL"),
            postgresql_where=sa.text("reopened_at IS NULL"),
        ),
        sa.CheckConstraint(f"how IN {HOWS}", name="how"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(sa.String(20), default="done")
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("walkthroughs.id"))
    at_ms: Mapped[int | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None]
    reopened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    reopened_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])
    version: Mapped[Walkthrough | None] = relationship()


class Draft(Anchored, Record):
    """A comment that nobody but its author sees until the review is sent, or it goes out alone.

    A table of its own, so that no list, count, search or feed of comments can leak one.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        sa.CheckConstraint("start_ms >= 0 AND end_ms >= start_ms", name="range"),
        sa.UniqueConstraint("author_id", "once"),
        # The id of a draft that went must not come again: another window may still name it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)

    walkthrough: Mapped[Walkthrough] = relationship()
    aim: Mapped[Aim | None] = relationship()


class Verdict(Record):
    """A review that was sent: what its writer makes of the version, and the comments that went."""

    __tablename__ = "verdicts"
    __table_args__ = (
        sa.CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        sa.UniqueConstraint("by_id", "once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    verdict: Mapped[str] = mapped_column(sa.String(14))
    body: Mapped[str] = mapped_column(sa.Text, default="")
    once: Mapped[str | None] = mapped_column(sa.String(64))
    at: Mapped[datetime]

    review: Mapped[Review] = relationship()
    walkthrough: Mapped[Walkthrough] = relationship()
    by: Mapped[Person] = relationship()


class Placement(Record):
    """Where a comment lies in a version other than its own. Derived, and derived anew at will.

    `start_ms` and `end_ms` are of that version, empty when the passage is removed. `by_id` is set
    when a person put it there; then nothing moves it but a person.
    """

    __tablename__ = "placements"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {PLACEMENT_STATES}", name="state"),
        sa.CheckConstraint("(start_ms IS NULL) = (state = 'removed')", name="place"),
        sa.UniqueConstraint("comment_id", "walkthrough_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(10))
    start_ms: Mapped[int | None]
    end_ms: Mapped[int | None]
    still_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stills.id"))
    confidence: Mapped[float]
    how: Mapped[str] = mapped_column(sa.String(20))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime]

    comment: Mapped[Comment] = relationship()
    walkthrough: Mapped[Walkthrough] = relationship()


class Reaction(Record):
    """One person's nod to a comment, or to a reply in its thread; one of each kind at most."""

    __tablename__ = "reactions"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {REACTIONS}", name="kind"),
        sa.Index(
            "ux_reactions_comment", "comment_id", "person_id", "kind", unique=True,
            sqlite_where=sa.text("reply_id IS NULL"),
            postgresql_where=sa.text("reply_id IS NULL"),
        ),
        sa.Index(
            "ux_reactions_reply", "reply_id", "person_id", "kind", unique=True,
            sqlite_where=sa.text("reply_id IS NOT NULL"),
            postgresql_where=sa.text("reply_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    reply_id: Mapped[int | None] = mapped_column(sa.ForeignKey("replies.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Mention(Record):
    """Somebody named in a comment or in a reply, who may see it; `seen_at` once they looked."""

    __tablename__ = "mentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    reply_id: Mapped[int | None] = mapped_column(sa.ForeignKey("replies.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
