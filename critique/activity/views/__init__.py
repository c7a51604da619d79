"""Pages of the activity slice."""

from critique.activity import answering, hearing, jobs
from critique.activity.views import letters, notices, settings
from critique.activity.views.blueprint import blueprint

# Importing these registers their routes and jobs, makes the slice listen and take answers by mail.
__all__ = ["answering", "blueprint", "hearing", "jobs", "letters", "notices", "settings"]
