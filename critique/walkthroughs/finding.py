"""Words of a walkthrough in the search."""

from __future__ import annotations

from collections.abc import Sequence

from critique.plumbing.search import Passage, replace_entries
from critique.walkthroughs.models import Walkthrough


def make_findable(walkthrough: Walkthrough, found: Sequence[Passage]) -> None:
    """Make these passages all that can be found of a walkthrough; none for none."""
    replace_entries(
        team_id=walkthrough.review.team_id,
        review_id=walkthrough.review_id,
        walkthrough_id=walkthrough.id,
        source="transcript",
        source_id=walkthrough.id,
        passages=found,
    )
