"""Letters that did not become an answer, for the admins of the team they were about."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import must_administer
from critique.accounts.login import asker, my_place, signed_in
from critique.letters.operations import retry_letter
from critique.letters.queries import untaken_letters
from critique.letters.views.blueprint import blueprint
from critique.web.app import settings


@blueprint.get("/letters")
@signed_in
def index() -> str:
    """The newest, each with the reason; nothing of what they say."""
    team_id = my_place().team_id
    must_administer(asker(), team_id)
    return render_template(
        "letters/index.html",
        letters=untaken_letters(team_id),
        taken=settings().mail_door is not None and settings().reply_domain is not None,
    )


@blueprint.post("/letters/<int:incoming_id>/retry")
@signed_in
def retry(incoming_id: int) -> ResponseReturnValue:
    """Have a parked letter read again."""
    letter = retry_letter(by=asker(), letter_id=incoming_id)
    flash(f"The letter of {letter.person.name} is read again.", "done")
    return redirect(url_for("letters.index"), 303)
