"""Whom somebody does not want to be drawn for: their own page, and nobody else's."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.accounts.models import Person
from critique.pairing.forms import ApartForm
from critique.pairing.views.blueprint import blueprint
from critique.pairing.wishes.operations import keep_apart, meet_again
from critique.pairing.wishes.queries import apart_from, colleagues_of
from critique.plumbing.errors import Invalid
from critique.plumbing.transaction import release
from critique.web.forms import read


@blueprint.get("/coffee/apart")
@signed_in
def apart() -> ResponseReturnValue:
    """Whom I do not meet."""
    return _page(asker())


@blueprint.post("/coffee/apart")
@signed_in
def keep_from() -> ResponseReturnValue:
    """Name somebody not to be drawn for."""
    try:
        keep_apart(by=asker(), other_id=read(ApartForm).person_id)
    except Invalid as error:
        release()
        return _page(asker(), status=error.status, errors=error.fields)
    return _back("You are not drawn for each other any more. Nobody is told.")


@blueprint.post("/coffee/apart/<int:colleague_id>/end")
@signed_in
def meet(colleague_id: int) -> ResponseReturnValue:
    """Take it back."""
    meet_again(by=asker(), other_id=colleague_id)
    return _back("Taken back. You may be drawn for each other again.")


def _back(words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("pairing.apart"), 303)


def _page(person: Person, *, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    rows = apart_from(person)
    named = {row.other_id for row in rows}
    others = [one for one in colleagues_of(person) if one.id not in named]
    choices = [("", "Choose somebody"), *((one.id, one.name) for one in others)]
    page = render_template(
        "pairing/apart.html", rows=rows, others=others, choices=choices, errors=errors or {}
    )
    response = make_response(page, status)
    # A shared computer must not show it to the next person who presses Back.
    response.headers["Cache-Control"] = "no-store"
    return response
