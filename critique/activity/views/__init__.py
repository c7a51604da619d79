"""Pages of the activity slice."""

from critique.activity import hearing
from critique.activity.views import letters, notices, settings
from critique.activity.views.blueprint import blueprint

# Importing these registers their routes, and makes the slice listen.
__all__ = ["blueprint", "hearing", "letters", "notices", "settings"]
