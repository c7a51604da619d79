"""Letters that could not be sent, for the admins of a team: which, to whom, why, since when."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from critique.accounts import operations
from critique.accounts.access import must_administer
from critique.accounts.login import asker, my_place, signed_in
from critique.accounts.parked import kind_words, parked_letter_for, parked_letters
from critique.accounts.views.blueprint import blueprint, page
from critique.plumbing.db import db

SHOWN = 200


@blueprint.get("/outbox/parked")
@signed_in
def parked() -> ResponseReturnValue:
    """The letters of the team one works in."""
    team_id = must_administer(asker(), my_place().team_id).team_id
    letters = db.session.scalars(parked_letters(asker(), team_id).limit(SHOWN)).all()
    return page("parked", letters=letters, kind_words=kind_words)


@blueprint.post("/outbox/parked/attempts")
@signed_in
def try_all_again() -> ResponseReturnValue:
    """Have all of them tried again, as after the mail server was mended."""
    team_id = must_administer(asker(), my_place().team_id).team_id
    letters = db.session.scalars(parked_letters(asker(), team_id).limit(SHOWN)).all()
    for letter in letters:
        operations.try_letter_again(by=asker(), letter=letter)
    count = len(letters)
    return _back(f"{count} {'letter is' if count == 1 else 'letters are'} tried again.")


@blueprint.post("/outbox/parked/<int:parked_id>/attempts")
@signed_in
def try_again(parked_id: int) -> ResponseReturnValue:
    """Have one tried again."""
    letter = parked_letter_for(asker(), parked_id)
    operations.try_letter_again(by=asker(), letter=letter)
    return _back(f"The letter to {letter.to_address} is tried again.")


@blueprint.post("/outbox/parked/<int:parked_id>/drop")
@signed_in
def drop_letter(parked_id: int) -> ResponseReturnValue:
    """Let one go for good."""
    letter = operations.let_letter_go(by=asker(), letter=parked_letter_for(asker(), parked_id))
    return _back(f"The letter to {letter.to_address} is dropped.")


def _back(words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("accounts.parked"), 303)
