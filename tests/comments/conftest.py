"""A request by Maya with one minute of walkthrough and the words said in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from critique.comments.models import Comment, Reply
from critique.comments.operations import add_comment, add_reply
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Aim, Review
from critique.walkthroughs.models import Transcript, Walkthrough
from tests.conftest import load_person
from tests.people import Cast

SPOKEN = "so the total sits above the button now and the rule is lighter than before"


@dataclass(frozen=True)
class Room:
    """Ids of one request, its walkthrough and its transcript."""

    review: int
    walkthrough: int
    transcript: int
    aim: int


def words(text: str = SPOKEN, *, first_id: int = 1) -> list[list[Any]]:
    """A transcript's rows: a word each half second, 400 ms long."""
    return [
        [first_id + at, word, at * 500, at * 500 + 400, 0.9] for at, word in enumerate(text.split())
    ]


def make_room(team_id: int, author_id: int, *, title: str = "Checkout") -> Room:
    """A request with a ready walkthrough of one minute, in the current transaction."""
    now = clock.now()
    review = Review(
        team_id=team_id,
        author_id=author_id,
        title=title,
        created_at=now,
        aims=[Aim(position=0, text="Is the price found first?")],
    )
    walkthrough = Walkthrough(
        review=review,
        version=1,
        uploaded_by_id=author_id,
        filename="take.mp4",
        state="ready",
        duration_ms=60_000,
        created_at=now,
    )
    db.session.add_all([review, walkthrough])
    db.session.flush()
    transcript = Transcript(
        walkthrough_id=walkthrough.id,
        revision=1,
        engine="test",
        draft=False,
        words=words(),
        created_at=now,
    )
    db.session.add(transcript)
    db.session.flush()
    return Room(review.id, walkthrough.id, transcript.id, review.aims[0].id)


@pytest.fixture
def room(app: Flask, cast: Cast) -> Room:
    """Maya's request in Juniper."""
    with app.app_context(), transaction():
        return make_room(cast.team, cast.maya)


@pytest.fixture
def say(app: Flask, cast: Cast, room: Room) -> Callable[..., int]:
    """Let somebody (Oliver, unless named) comment; gives the comment's id."""

    def speak(body: str = "The rule is heavier than the total.", **rest: Any) -> int:
        with app.app_context(), transaction():
            return add_comment(
                by=load_person(rest.pop("by", cast.oliver)),
                walkthrough=db.session.get_one(Walkthrough, rest.pop("on", room.walkthrough)),
                body=body,
                **{"start_ms": 1000, **rest},
            ).id

    return speak


@pytest.fixture
def answer(app: Flask, cast: Cast) -> Callable[..., int]:
    """Let somebody (Maya, unless named) reply; gives the reply's id."""

    def speak(comment_id: int, body: str = "True, I will thin it.", **rest: Any) -> int:
        with app.app_context(), transaction():
            return add_reply(
                by=load_person(rest.pop("by", cast.maya)),
                comment=db.session.get_one(Comment, comment_id),
                body=body,
                **rest,
            ).id

    return speak


@pytest.fixture
def stored(app: Flask) -> Callable[..., dict[str, Any]]:
    """The columns of a comment (or of a reply) as the database has them now."""

    def read(row_id: int, kind: type[Comment | Reply] = Comment) -> dict[str, Any]:
        with app.app_context():
            row = db.session.get_one(kind, row_id)
            columns = {column.name: getattr(row, column.name) for column in kind.__table__.columns}
            db.session.rollback()
            return columns

    return read
