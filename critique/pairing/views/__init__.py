"""Pages of the pairing slice."""

from critique.pairing import jobs, new_hours, time_off
from critique.pairing.groups import hearing as group_hearing
from critique.pairing.views import apart, coffee, groups, letters
from critique.pairing.views.blueprint import blueprint
from critique.pairing.wishes import hearing as wish_hearing

# Importing these registers their routes, jobs and listeners.
__all__ = [
    "apart", "blueprint", "coffee", "group_hearing", "groups", "jobs", "letters", "new_hours",
    "time_off", "wish_hearing",
]  # fmt: skip
