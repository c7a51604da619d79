"""The talk as pages show it: plain rows, read in four queries, however many threads there are.

Two more where a reply was recorded, however many were.
Mapped records would cost several times as much to load, and a page changes none of them
(`python -m bench.room` prints both).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.models import Person
from critique.comments.fingerprints import fingerprint_of
from critique.comments.models import Comment, Placement, Reply, Resolution
from critique.comments.nods import Naming, Nod, nods_in
from critique.comments.recorded import add_recordings
from critique.comments.region import Shape, written
from critique.comments.rows import Answer, Outcome, Place
from critique.events.models import Event
from critique.plumbing.db import db
from critique.reviews.models import Aim
from critique.walkthroughs.models import Still, Walkthrough

# Above this many, all threads at once are lighter than a list of some.
MANY_CHANGES = 200

_Author, _Remover, _Confirmer = aliased(Person), aliased(Person), aliased(Person)
_Shown = aliased(Walkthrough)
_Said = aliased(Comment)
_Seen, _Found = aliased(Still), aliased(Still)
_Rows: TypeAlias = "sa.Select[*tuple[Any, ...]]"


@dataclass(slots=True)
class Thread:
    """A comment with all that was answered.

    `start_ms`, `end_ms` and the words are of its own version, as it was written; `place` says where
    that lies in the version that is read, and is None on its own. `still` is the number of the
    picture it is about, in a version that is pictures.
    """

    id: int
    version: int | None
    version_gone: bool
    walkthrough_id: int
    author_id: int
    author: str
    kind: str
    weight: str
    body: str
    revision: int
    start_ms: int
    end_ms: int
    first_word: int | None
    last_word: int | None
    quote: str
    region: list[Shape] | None
    still_id: int | None
    still: int | None
    aim: str | None
    aim_position: int | None
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    removed_by: str | None
    place: Place | None = None
    replies: list[Answer] = field(default_factory=list)
    resolutions: list[Outcome] = field(default_factory=list)
    reactions: list[Nod] = field(default_factory=list)
    mentions: list[Naming] = field(default_factory=list)

    @property
    def here_ms(self) -> int | None:
        """Where it begins in the version that is read; None where its passage is gone."""
        return self.place.start_ms if self.place else self.start_ms

    @property
    def here_until_ms(self) -> int | None:
        """Where it ends there."""
        return self.place.end_ms if self.place else self.end_ms

    @property
    def here_still(self) -> tuple[int | None, int | None]:
        """Id and number of the picture it is about in the version that is read."""
        lies = self.place or self
        return lies.still_id, lies.still

    @property
    def resolution(self) -> Outcome | None:
        """The resolution in force; None while the comment is open."""
        return next((row for row in reversed(self.resolutions) if row.reopened_at is None), None)

    @property
    def region_text(self) -> str:
        """What was drawn, as JSON text for the page; empty where nothing was."""
        return written(self.region) if self.region else ""

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that differ once anything inside the thread has changed."""
        return fingerprint_of(self)


def talk_of(walkthrough_id: int, ids: Collection[int] | None = None) -> list[Thread]:
    """The threads that readers of a version see, by where they lie in it; of `ids` only, if given.

    Those of earlier versions come along until the reviewer has confirmed what was done about them.
    What lies nowhere any more stands at the end.
    """
    if ids is not None and not ids:
        return []
    inside: list[sa.ColumnElement[bool]] = [
        (Comment.walkthrough_id == walkthrough_id) | Comment.id.in_(_carried(walkthrough_id))
    ]
    if ids is not None:
        inside.append(Comment.id.in_(sorted(ids)))
    threads = {
        row.id: _thread(row) for row in db.session.execute(_comments(walkthrough_id).where(*inside))
    }
    # What was written between the queries may belong to a thread that is not here yet.
    for reply in db.session.execute(_replies().where(*inside).order_by(Reply.id)):
        if reply.comment_id in threads:
            threads[reply.comment_id].replies.append(Answer(*reply))
    add_recordings([one for thread in threads.values() for one in thread.replies])
    for done in db.session.execute(_resolutions().where(*inside).order_by(Resolution.id)):
        if done.comment_id in threads:
            threads[done.comment_id].resolutions.append(Outcome(*done))
    _add_nods(threads, inside)
    return sorted((one for one in threads.values() if _stands(one)), key=_by_place)


def _add_nods(threads: dict[int, Thread], inside: list[sa.ColumnElement[bool]]) -> None:
    nods, namings = nods_in(*inside)
    for nod in nods:
        if nod.comment_id in threads:
            threads[nod.comment_id].reactions.append(nod)
    for naming in namings:
        if naming.comment_id in threads:
            threads[naming.comment_id].mentions.append(naming)


def _carried(walkthrough_id: int) -> sa.Select[int]:
    """Ids of comments of earlier versions that are still to be answered or confirmed."""
    confirmed = (
        sa.exists()
        .where(
            Resolution.comment_id == Placement.comment_id,
            Resolution.reopened_at.is_(None),
            Resolution.confirmed_at.is_not(None),
        )
        .correlate(Placement)
    )
    return (
        sa.select(Placement.comment_id)
        .join(_Said, _Said.id == Placement.comment_id)
        .where(Placement.walkthrough_id == walkthrough_id, _Said.removed_at.is_(None), ~confirmed)
    )


def _thread(row: Any) -> Thread:
    *own, state, start_ms, end_ms, confidence, by_id, still_id, still = row
    thread = Thread(*own)
    if state is not None:
        thread.place = Place(state, start_ms, end_ms, confidence, by_hand=by_id is not None)
        thread.place.still_id, thread.place.still = still_id, still
    return thread


def _by_place(thread: Thread) -> tuple[bool, int, int, int]:
    here = thread.here_ms
    start = thread.start_ms if here is None else here
    return here is None, thread.here_still[1] or 0, start, thread.id


def changed_since(review_id: int, event_id: int) -> set[int] | None:
    """Ids of the comments whose threads changed after an event of the request.

    None when all of them did, because the request itself was changed or closed or its comments were
    placed anew, or when there are more than `MANY_CHANGES`.
    """
    found = db.session.execute(
        sa.select(Event.subject, sa.func.coalesce(Reply.comment_id, Event.subject_id))
        .outerjoin(
            Reply,
            ((Event.subject == "reply") & (Reply.id == Event.subject_id))
            | ((Event.subject == "recording") & (Reply.recording_id == Event.subject_id)),
        )
        .where(
            Event.review_id == review_id,
            Event.id > event_id,
            Event.subject.in_(("comment", "reply", "recording", "review", "placement")),
        )
        .order_by(Event.id.desc())
        .limit(MANY_CHANGES + 1)
    ).all()
    if len(found) > MANY_CHANGES or any(of in ("review", "placement") for of, _ in found):
        return None
    return {comment_id for _, comment_id in found}


def _stands(thread: Thread) -> bool:
    return thread.removed_at is None or any(r.removed_at is None for r in thread.replies)


def _comments(walkthrough_id: int) -> _Rows:
    there = (Placement.comment_id == Comment.id) & (Placement.walkthrough_id == walkthrough_id)
    return _with_names(
        sa.select(
            Comment.id, Walkthrough.version, Walkthrough.removed_at.is_not(None),
            Comment.walkthrough_id, Comment.author_id, _Author.name, Comment.kind,
            Comment.weight, Comment.body, Comment.revision,
            Comment.start_ms, Comment.end_ms, Comment.first_word, Comment.last_word,
            Comment.quote, Comment.region, Comment.still_id, _Seen.position, Aim.text,
            Aim.position, Comment.created_at, Comment.edited_at, Comment.removed_at, _Remover.name,
            Placement.state, Placement.start_ms, Placement.end_ms, Placement.confidence,
            Placement.by_id, Placement.still_id, _Found.position,
        )
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .outerjoin(Aim, Aim.id == Comment.aim_id)
        .outerjoin(Placement, there)
        .outerjoin(_Seen, _Seen.id == Comment.still_id)
        .outerjoin(_Found, _Found.id == Placement.still_id),
        Comment,
    )  # fmt: skip


def _replies() -> _Rows:
    return _with_names(
        sa.select(
            Reply.id, Reply.comment_id, Reply.author_id, _Author.name, Reply.body, Reply.revision,
            Reply.created_at, Reply.edited_at, Reply.removed_at, _Remover.name, Reply.recording_id,
        ).join(Comment, Comment.id == Reply.comment_id),
        Reply,
    )  # fmt: skip


def _resolutions() -> _Rows:
    return (
        sa.select(
            Resolution.id, Resolution.comment_id, Resolution.by_id, _Author.name, Resolution.at,
            Resolution.how, Resolution.note, _Shown.version, Resolution.at_ms, _Confirmer.name,
            Resolution.confirmed_at, Resolution.reopened_at,
        )
        .join(Comment, Comment.id == Resolution.comment_id)
        .join(_Author, _Author.id == Resolution.by_id)
        .outerjoin(_Confirmer, _Confirmer.id == Resolution.confirmed_by_id)
        .outerjoin(_Shown, _Shown.id == Resolution.version_id)
    )  # fmt: skip


def _with_names(chosen: _Rows, item: type[Comment | Reply]) -> _Rows:
    return chosen.join(_Author, _Author.id == item.author_id).outerjoin(
        _Remover, _Remover.id == item.removed_by_id
    )
