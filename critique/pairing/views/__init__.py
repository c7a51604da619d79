"""Pages of the pairing slice."""

from critique.pairing import jobs
from critique.pairing.views import coffee, letters
from critique.pairing.views.blueprint import blueprint

# Importing these registers their routes and jobs.
__all__ = ["blueprint", "coffee", "jobs", "letters"]
