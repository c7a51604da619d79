"""Whoever changes their coffee preferences was heard of."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.listening import on
from critique.events.models import Event
from critique.pairing.wishes.operations import break_silence
from critique.plumbing.db import db


@on("coffee.changed", "coffee.week_skipped", "coffee.week_kept")
def _not_silent_any_more(happened: Event) -> None:
    person = db.session.get_one(Person, happened.actor_id)
    if person.coffee_in:
        break_silence(by=person)
