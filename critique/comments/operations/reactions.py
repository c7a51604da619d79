"""A nod instead of a sentence: agree, thanks, insight, looking."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments.models import REACTIONS, Comment, Reaction, Reply
from critique.comments.threads import gone, hold_open, record
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid


def add_reaction(*, by: Person, to: Comment | Reply, kind: str) -> Reaction:
    """Nod to a comment or a reply; a second time changes nothing.

    Raises Invalid for an unknown kind, and Conflict when it was removed or the request is closed.
    """
    comment = _held(to, kind)
    standing = _reaction(by, to, kind)
    if standing is not None:
        return standing
    made = Reaction(
        comment_id=comment.id,
        reply_id=to.id if isinstance(to, Reply) else None,
        person=by,
        kind=kind,
        at=clock.now(),
    )
    db.session.add(made)
    _changed("reaction.added", by, to, kind)
    return made


def remove_reaction(*, by: Person, to: Comment | Reply, kind: str) -> None:
    """Take a nod back; one that is not there is no trouble. Raises as `add_reaction` does."""
    _held(to, kind)
    standing = _reaction(by, to, kind)
    if standing is not None:
        db.session.delete(standing)
        _changed("reaction.removed", by, to, kind)


def _held(to: Comment | Reply, kind: str) -> Comment:
    if kind not in REACTIONS:
        raise Invalid(
            "There is no such reaction. Nothing was changed; choose one of those offered.",
            fields={"kind": f"Choose one of: {', '.join(REACTIONS)}."},
        )
    comment = to if isinstance(to, Comment) else to.comment
    hold_open(comment)
    if isinstance(to, Reply):
        db.session.refresh(to)
    if to.removed_at is not None:
        raise Conflict(gone(to), code="removed")
    return comment


def _reaction(by: Person, to: Comment | Reply, kind: str) -> Reaction | None:
    chosen = sa.select(Reaction).where(Reaction.person_id == by.id, Reaction.kind == kind)
    if isinstance(to, Reply):
        return db.session.scalar(chosen.where(Reaction.reply_id == to.id))
    return db.session.scalar(
        chosen.where(Reaction.comment_id == to.id, Reaction.reply_id.is_(None))
    )


def _changed(verb: str, by: Person, to: Comment | Reply, kind: str) -> None:
    db.session.flush()
    db.session.expire(to if isinstance(to, Comment) else to.comment, ["reactions"])
    if isinstance(to, Comment):
        record(verb, by, to, kind=kind)
    else:
        record(verb, by, to, kind=kind)
