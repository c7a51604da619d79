"""Every letter Critique wrote, readable in development; in production there is no such page."""

from __future__ import annotations

from email.message import EmailMessage

import sqlalchemy as sa
from flask import Response, g
from flask.typing import ResponseReturnValue

from critique.accounts.views.blueprint import blueprint, page
from critique.plumbing.db import db
from critique.plumbing.delivery import as_message
from critique.plumbing.errors import NotFound
from critique.plumbing.mailer import Letter
from critique.web.app import settings

SHOWN = 200
# As in a mail program: no script, nothing from elsewhere.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@blueprint.get("/outbox")
def outbox() -> ResponseReturnValue:
    """The newest letters."""
    _only_here()
    letters = db.session.scalars(sa.select(Letter).order_by(Letter.id.desc()).limit(SHOWN)).all()
    return page("outbox", letters=letters, smtp=settings().smtp_url is not None)


@blueprint.get("/outbox/<int:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """One letter: its text, its HTML in a frame that can do nothing, its calendar part, headers."""
    found = _letter(letter_id)
    # The one page that shows another one inside.
    g.framed = "self"
    return page("letter", letter=found, headers=_headers(as_message(found, settings().mail_from)))


@blueprint.get("/outbox/<int:letter_id>/html")
def letter_html(letter_id: int) -> ResponseReturnValue:
    """The HTML part of a letter alone, which may style itself and do nothing else."""
    response = Response(_letter(letter_id).html)
    response.headers["Content-Security-Policy"] = ALONE
    return response


def _letter(letter_id: int) -> Letter:
    _only_here()
    found = db.session.get(Letter, letter_id)
    if found is None:
        raise NotFound
    return found


def _headers(message: EmailMessage) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in message.items()]


def _only_here() -> None:
    """Letters hold links that sign people in, so only the developer's own machine shows them."""
    if not settings().on_own_machine:
        raise NotFound
