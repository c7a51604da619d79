"""Answering a letter of the outbox, in development: a real mail through the real door."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from critique.letters.forms import RehearsalForm
from critique.letters.rehearsal import answer_to, answered_at, hand_in
from critique.letters.views.blueprint import blueprint
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import release
from critique.web.app import settings
from critique.web.forms import read


@blueprint.post("/outbox/<int:letter_id>/answer")
def rehearse(letter_id: int) -> ResponseReturnValue:
    """Send what a mail program would send, and show what the door says to it."""
    if not settings().on_own_machine:
        raise NotFound
    letter = db.session.get(Letter, letter_id)
    if letter is None or answered_at(letter) is None:
        raise NotFound
    form = read(RehearsalForm)
    message = answer_to(
        letter,
        writer=form.writer or letter.to_address,
        words=form.body or form.partstat.capitalize(),
        partstat=form.partstat,
    )
    release()
    refusal = hand_in(message, settings().mail_door)
    if refusal is None:
        flash(
            "The mail door took your answer. It stands there in a moment; if it does not, the "
            "newest letter of the outbox says why.",
            "done",
        )
    else:
        flash(f"The mail door refused your answer: {refusal}", "problem")
    return redirect(url_for("accounts.letter", letter_id=letter_id), 303)
