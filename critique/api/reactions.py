"""Nods to comments and replies: put there and taken away, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response
from pydantic import BaseModel, RootModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer
from critique.api.person_shape import PersonShape
from critique.comments.access import comment_for, reply_for
from critique.comments.models import REACTIONS, Comment, Mention, Reaction, Reply
from critique.comments.operations.reactions import add_reaction, remove_reaction
from critique.plumbing.errors import NotFound


class ReactionShape(BaseModel):
    """One kind of nod, and everybody who gave it."""

    kind: str
    people: list[PersonShape]


class ReactionList(RootModel[list[ReactionShape]]):
    """The nods to one comment or reply, kind by kind."""


def reactions_of(rows: Iterable[Reaction], reply_id: int | None) -> list[ReactionShape]:
    """The nods to the comment itself, or to the reply of that id."""
    here = [row for row in rows if row.reply_id == reply_id]
    return [
        ReactionShape(kind=kind, people=people)
        for kind in REACTIONS
        if (people := [PersonShape.of(row.person) for row in here if row.kind == kind])
    ]


def mentions_of(rows: Iterable[Mention], reply_id: int | None) -> list[PersonShape]:
    """Who is named in the comment itself, or in the reply of that id."""
    return [PersonShape.of(row.person) for row in rows if row.reply_id == reply_id]


@blueprint.put("/comments/<int:comment_id>/reactions/<kind>")
@documented(answers=ReactionList)
def put_reaction(comment_id: int, kind: str) -> Response:
    """Nod to a comment; repeating it changes nothing."""
    comment = comment_for(asker(), comment_id)
    add_reaction(by=asker(), to=comment, kind=_known(kind))
    return _shown(comment)


@blueprint.delete("/comments/<int:comment_id>/reactions/<kind>")
@documented(answers=ReactionList)
def delete_reaction(comment_id: int, kind: str) -> Response:
    """Take one's nod to a comment back; repeating it changes nothing."""
    comment = comment_for(asker(), comment_id)
    remove_reaction(by=asker(), to=comment, kind=_known(kind))
    return _shown(comment)


@blueprint.put("/replies/<int:reply_id>/reactions/<kind>")
@documented(answers=ReactionList)
def put_reply_reaction(reply_id: int, kind: str) -> Response:
    """Nod to a reply; repeating it changes nothing."""
    reply = reply_for(asker(), reply_id)
    add_reaction(by=asker(), to=reply, kind=_known(kind))
    return _shown(reply)


@blueprint.delete("/replies/<int:reply_id>/reactions/<kind>")
@documented(answers=ReactionList)
def delete_reply_reaction(reply_id: int, kind: str) -> Response:
    """Take one's nod to a reply back; repeating it changes nothing."""
    reply = reply_for(asker(), reply_id)
    remove_reaction(by=asker(), to=reply, kind=_known(kind))
    return _shown(reply)


def _known(kind: str) -> str:
    if kind not in REACTIONS:
        raise NotFound(f"There is no such reaction. Choose one of: {', '.join(REACTIONS)}.")
    return kind


def _shown(to: Comment | Reply) -> Response:
    if isinstance(to, Reply):
        return answer(ReactionList(reactions_of(to.comment.reactions, to.id)))
    return answer(ReactionList(reactions_of(to.reactions, None)))
