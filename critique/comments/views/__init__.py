"""Pages of the comments slice."""

from critique.comments import jobs
from critique.comments.views import (
    drafts,
    placements,
    reactions,
    settling,
    threads,
    verdicts,
    writing,
)
from critique.comments.views.blueprint import blueprint

# Importing these registers their routes and jobs.
__all__ = [
    "blueprint",
    "drafts",
    "jobs",
    "placements",
    "reactions",
    "settling",
    "threads",
    "verdicts",
    "writing",
]
