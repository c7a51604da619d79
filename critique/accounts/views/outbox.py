"""Every letter Critique wrote, readable in development; in production there is no such page."""

from __future__ import annotations

from email.message import EmailMessage

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from critique.accounts.views.blueprint import blueprint, page
from critique.plumbing.db import db
from critique.plumbing.delivery import as_message
from critique.plumbing.errors import NotFound
from critique.plumbing.mailer import Letter
from critique.web.app import settings

SHOWN = 200


@blueprint.get("/outbox")
def outbox() -> ResponseReturnValue:
    """The newest letters."""
    _only_here()
    letters = db.session.scalars(sa.select(Letter).order_by(Letter.id.desc()).limit(SHOWN)).all()
    return page("outbox", letters=letters, smtp=settings().smtp_url is not None)


@blueprint.get("/outbox/<int:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """One letter: its text, its HTML in a frame that can do nothing, its calendar part, headers."""
    _only_here()
    found = db.session.get(Letter, letter_id)
    if found is None:
        raise NotFound
    return page("letter", letter=found, headers=_headers(as_message(found, settings().mail_from)))


def _headers(message: EmailMessage) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in message.items()]


def _only_here() -> None:
    """Letters hold links that sign people in, so only the developer's own machine shows them."""
    if not settings().on_own_machine:
        raise NotFound
