"""Pages of the pairing slice."""

from critique.pairing import jobs, time_off
from critique.pairing.groups import hearing as groups
from critique.pairing.views import coffee, letters
from critique.pairing.views.blueprint import blueprint
from critique.pairing.wishes import hearing as wishes

# Importing these registers their routes, jobs and listeners.
__all__ = ["blueprint", "coffee", "groups", "jobs", "letters", "time_off", "wishes"]
