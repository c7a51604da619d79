"""A team that is made has its group of everyone from the first moment on."""

from __future__ import annotations

from critique.accounts.models import Team
from critique.events.listening import on
from critique.events.models import Event
from critique.pairing.groups.operations import start_whole_team
from critique.plumbing.db import db


@on("team.created")
def _everyone_of_a_new_team(happened: Event) -> None:
    start_whole_team(db.session.get_one(Team, happened.subject_id))
