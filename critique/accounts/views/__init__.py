"""Pages of the accounts slice."""

from critique.accounts import jobs
from critique.accounts.views import entry, outbox, parked, profile, team, time_off
from critique.accounts.views.blueprint import blueprint

# Importing these registers their routes and jobs.
__all__ = ["blueprint", "entry", "jobs", "outbox", "parked", "profile", "team", "time_off"]
