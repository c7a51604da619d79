"""Pages of the pairing slice."""

from critique.pairing import jobs, time_off
from critique.pairing.views import coffee, letters
from critique.pairing.views.blueprint import blueprint

# Importing these registers their routes, jobs and listeners.
__all__ = ["blueprint", "coffee", "jobs", "letters", "time_off"]
