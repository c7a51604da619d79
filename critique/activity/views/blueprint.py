"""The slice's blueprint, and the bell that every page carries."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from critique.accounts.models import Person
from critique.activity.queries import Unseen, unseen_of
from critique.web.app import me

blueprint = Blueprint("notices", __name__)


@blueprint.app_context_processor
def bell() -> dict[str, Any]:
    """`unseen()` for the bell; it asks the database only where a page shows one."""
    return {"unseen": _unseen}


def _unseen() -> Unseen:
    if "unseen" not in g:
        person = me()
        g.unseen = unseen_of(person) if isinstance(person, Person) else Unseen(0, 0)
    found = g.unseen
    assert isinstance(found, Unseen)
    return found
