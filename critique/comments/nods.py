"""Who nodded to what in a talk, and who is named in it: one query for both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments.models import REACTIONS, Comment, Mention, Reaction
from critique.plumbing.db import db

# The rest are "others": a line that tells all of forty names tells nobody anything.
MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Nod:
    """One person's reaction to a comment, or to the reply `reply_id` in its thread."""

    comment_id: int
    reply_id: int | None
    kind: str
    person_id: int
    person: str


@dataclass(frozen=True, slots=True)
class Naming:
    """One person named in a comment, or in the reply `reply_id` in its thread."""

    comment_id: int
    reply_id: int | None
    person_id: int
    person: str
    email: str


def nods_in(*inside: sa.ColumnElement[bool]) -> tuple[list[Nod], list[Naming]]:
    """The reactions and the mentions of the comments that `inside` chooses, in their order."""
    reactions = (
        sa.select(
            Reaction.id, Reaction.comment_id, Reaction.reply_id, Reaction.kind,
            Person.id.label("person_id"), Person.name, Person.email,
        )
        .join(Comment, Comment.id == Reaction.comment_id)
        .join(Person, Person.id == Reaction.person_id)
        .where(*inside)
    )  # fmt: skip
    mentions = (
        sa.select(
            Mention.id, Mention.comment_id, Mention.reply_id, sa.literal("", sa.String(10)),
            Person.id.label("person_id"), Person.name, Person.email,
        )
        .join(Comment, Comment.id == Mention.comment_id)
        .join(Person, Person.id == Mention.person_id)
        .where(*inside)
    )  # fmt: skip
    nods, namings = [], []
    for _, comment_id, reply_id, kind, person_id, name, email in sorted(
        db.session.execute(sa.union_all(reactions, mentions)), key=lambda row: row[0]
    ):
        if kind:
            nods.append(Nod(comment_id, reply_id, kind, person_id, name))
        else:
            namings.append(Naming(comment_id, reply_id, person_id, name, email))
    return nods, namings


@dataclass(frozen=True, slots=True)
class Tally:
    """Everybody who nodded in one way; `mine` when the person who looks is among them."""

    kind: str
    names: str
    count: int
    mine: bool


def tallies(nods: Iterable[Nod], reply_id: int | None, person_id: int) -> list[Tally]:
    """The nods to the comment itself, or to the reply of that id, kind by kind."""
    here = [nod for nod in nods if nod.reply_id == reply_id]
    found = []
    for kind in REACTIONS:
        of_kind = [nod for nod in here if nod.kind == kind]
        if of_kind:
            others = [nod.person for nod in of_kind if nod.person_id != person_id]
            mine = len(others) < len(of_kind)
            names = _listed([*(["You"] if mine else []), *others])
            found.append(Tally(kind, names, len(of_kind), mine))
    return found


def _listed(names: list[str]) -> str:
    named = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], "others"]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
