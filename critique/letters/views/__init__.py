"""Pages of letters that come in."""

from critique.letters import jobs
from critique.letters.views import rehearsing, untaken
from critique.letters.views.blueprint import blueprint

# Importing these registers their routes and jobs.
__all__ = ["blueprint", "jobs", "rehearsing", "untaken"]
