"""Walkthroughs: the bytes on their way in, the steps behind them, the transcript of words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.plumbing.db import Record
from critique.reviews.models import Review

STATES = ("uploading", "processing", "ready", "failed")
STEP_NAMES = ("probe", "playable", "poster", "sprite", "peaks", "frames", "transcript", "search")
# Those of a walkthrough that is pictures.
PICTURE_STEP_NAMES = ("pictures", "poster")
# Those of a reply somebody recorded, which is played in its thread.
REPLY_STEP_NAMES = ("probe", "playable", "poster", "transcript", "search")
KINDS = ("recording", "stills")
STEP_STATES = ("waiting", "running", "done", "failed", "skipped")


class Walkthrough(Record):
    """One version of the work. Times are integer ms, sizes bytes, keys name stored files.

    It is `ready` as soon as it can be played; the other steps may still be under way. One without
    a `version` is a reply somebody recorded, which shares everything but its place among versions:
    `reply_to_id` names the comment (a slice above this one), and until `shared_at`, when the reply
    was sent, nobody but its speaker knows of it.
    Of a removed one the files go; the row, its transcript and what was said about it stay.
    """

    __tablename__ = "walkthroughs"
    __table_args__ = (
        sa.UniqueConstraint("review_id", "version"),
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    version: Mapped[int | None]
    kind: Mapped[str] = mapped_column(
        sa.String(10), default="recording", server_default="recording"
    )
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    filename: Mapped[str] = mapped_column(sa.String(255))
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    state: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    reply_to_id: Mapped[int | None]
    shared_at: Mapped[datetime | None]

    original_key: Mapped[str | None] = mapped_column(sa.String(200))
    original_size: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    sha256: Mapped[str | None] = mapped_column(sa.String(64))

    # What the probe found, whole, so that no later step has to look again.
    probe: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    container: Mapped[str | None] = mapped_column(sa.String(60))
    duration_ms: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    rate_numerator: Mapped[int | None]
    rate_denominator: Mapped[int | None]
    has_video: Mapped[bool | None]
    has_audio: Mapped[bool | None]

    playable_key: Mapped[str | None] = mapped_column(sa.String(200))
    playable_type: Mapped[str | None] = mapped_column(sa.String(60))
    poster_key: Mapped[str | None] = mapped_column(sa.String(200))
    sprite_key: Mapped[str | None] = mapped_column(sa.String(200))
    sprite_track_key: Mapped[str | None] = mapped_column(sa.String(200))
    frames_key: Mapped[str | None] = mapped_column(sa.String(200))
    peaks_key: Mapped[str | None] = mapped_column(sa.String(200))

    review: Mapped[Review] = relationship()
    uploaded_by: Mapped[Person] = relationship(foreign_keys=[uploaded_by_id])
    removed_by: Mapped[Person | None] = relationship(foreign_keys=[removed_by_id])
    steps: Mapped[list[Step]] = relationship(order_by="Step.position")
    stills: Mapped[list[Still]] = relationship(
        order_by="Still.position", back_populates="walkthrough"
    )

    @property
    def is_reply(self) -> bool:
        """Whether it is a recorded reply, and no version of the work."""
        return self.version is None


class Still(Record):
    """One picture of a walkthrough that is stills; `hash` is the picture's perceptual hash, hex.

    Shown are only `picture_key` and the small one, which Critique wrote itself: no metadata,
    nothing that runs. They are empty until it was read, and stay so when it cannot be read.
    """

    __tablename__ = "stills"
    __table_args__ = (sa.UniqueConstraint("walkthrough_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"))
    position: Mapped[int]
    filename: Mapped[str] = mapped_column(sa.String(255))
    original_key: Mapped[str] = mapped_column(sa.String(200))
    original_size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    picture_key: Mapped[str | None] = mapped_column(sa.String(200))
    picture_type: Mapped[str | None] = mapped_column(sa.String(60))
    small_key: Mapped[str | None] = mapped_column(sa.String(200))
    width: Mapped[int | None]
    height: Mapped[int | None]
    hash: Mapped[str | None] = mapped_column(sa.String(16))

    walkthrough: Mapped[Walkthrough] = relationship(back_populates="stills")


class Step(Record):
    """One durable step of making a walkthrough usable, as the page shows it."""

    __tablename__ = "steps"
    __table_args__ = (sa.UniqueConstraint("walkthrough_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"))
    name: Mapped[str] = mapped_column(sa.String(12))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    reason: Mapped[str | None] = mapped_column(sa.Text)
    # `attempt` rises when a person asks for another try, `tries` when Critique tries by itself.
    attempt: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Upload(Record):
    """Bytes on their way in (tus 1.0). `received` never claims more than is safely on disk."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(sa.String(43), primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    walkthrough_id: Mapped[int | None] = mapped_column(sa.ForeignKey("walkthroughs.id"))
    filename: Mapped[str] = mapped_column(sa.String(255))
    filetype: Mapped[str] = mapped_column(sa.String(100), default="")
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    length: Mapped[int] = mapped_column(sa.BigInteger)
    received: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class Transcript(Record):
    """The words of one walkthrough, as one engine or person wrote them down.

    `words` is a list of `[id, text, start_ms, end_ms, confidence]`; ids are unique within the
    walkthrough and survive corrections. The highest revision is the one in force; older ones stay,
    because anchors quote them. `next_word_id` is above every id any revision has used.
    """

    __tablename__ = "transcripts"
    __table_args__ = (sa.UniqueConstraint("walkthrough_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"))
    revision: Mapped[int]
    engine: Mapped[str] = mapped_column(sa.String(60))
    draft: Mapped[bool]
    language: Mapped[str | None] = mapped_column(sa.String(12))
    words: Mapped[list[Any]] = mapped_column(sa.JSON)
    next_word_id: Mapped[int] = mapped_column(default=1)
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime]


class Caption(Record):
    """A transcript somebody brought, for the voice to place: cues with ms, or plain text."""

    __tablename__ = "captions"

    id: Mapped[int] = mapped_column(primary_key=True)
    walkthrough_id: Mapped[int] = mapped_column(sa.ForeignKey("walkthroughs.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    cues: Mapped[list[Any]] = mapped_column(sa.JSON)
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
