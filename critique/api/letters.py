"""Letters that could not be sent, for admins: which, to whom, why, since when; never their text."""

from __future__ import annotations

from datetime import datetime

from flask import Response, make_response
from pydantic import BaseModel, RootModel

from critique.accounts.login import asker
from critique.accounts.operations import let_letter_go, try_letter_again
from critique.accounts.parked import kind_words, parked_letter_for, parked_letters
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter

SHOWN = 200


class ParkedLetter(BaseModel):
    """One letter that the mail server did not take; `failure` is what it said."""

    id: int
    kind: str
    to_name: str
    to_address: str
    written_at: datetime
    parked_at: datetime | None
    attempts: int
    failure: str | None

    @classmethod
    def of(cls, letter: Letter) -> ParkedLetter:
        """The shape of a letter."""
        names = (name for name in cls.model_fields if name != "kind")
        return cls(kind=kind_words(letter), **{name: getattr(letter, name) for name in names})


class ParkedList(RootModel[list[ParkedLetter]]):
    """Parked letters of the teams that the caller administers, newest first."""


@blueprint.get("/letters/parked")
@documented(answers=ParkedList)
def list_parked_letters() -> Response:
    """Letters that could not be sent in the teams you administer, at most 200; else none."""
    letters = db.session.scalars(parked_letters(asker()).limit(SHOWN)).all()
    return answer(ParkedList([ParkedLetter.of(letter) for letter in letters]))


@blueprint.post("/letters/parked/<int:parked_id>/attempts")
@documented(answers=ParkedLetter)
def create_attempt(parked_id: int) -> Response:
    """Have a parked letter tried again for 48 hours."""
    letter = try_letter_again(by=asker(), letter=parked_letter_for(asker(), parked_id))
    return answer(ParkedLetter.of(letter))


@blueprint.delete("/letters/parked/<int:parked_id>")
@documented(status=204)
def delete_parked_letter(parked_id: int) -> Response:
    """Drop a parked letter for good."""
    let_letter_go(by=asker(), letter=parked_letter_for(asker(), parked_id))
    return make_response("", 204)
