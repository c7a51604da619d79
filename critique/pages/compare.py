"""Two versions side by side, the same sentence at once, and what was said about either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request

from critique.accounts.login import asker, signed_in
from critique.comments.takes.parallel import by_the_clock, straightened
from critique.comments.takes.sentences import rows_of
from critique.comments.takes.timemap import TimeMap
from critique.comments.versions import Pair, pair_of
from critique.pages import blueprint
from critique.pages.compare_words import beside, how_it_runs, notes_of, summary_of
from critique.pages.room_review import move_parts
from critique.reviews.access import may_edit, review_for
from critique.walkthroughs.frame_clock import frame_clock_of
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import sources_of, walkthroughs_of


@blueprint.get("/reviews/<int:review_id>/compare")
@signed_in
def compare(review_id: int) -> str:
    """Show two versions. `?from=1&to=2` picks them (else the newest two), `?t=` is ms of `from`."""
    person = asker()
    review = review_for(person, review_id)
    versions = [one for one in walkthroughs_of(review.id) if one.version and not one.removed_at]
    plays = [one for one in versions if one.playable_key and one.kind == "recording"]
    words: dict[str, Any] = {"review": review, "versions": versions, "plays": plays}
    words |= move_parts(person, review)
    if len(plays) < 2:
        return render_template(
            "pages/compare_one.html", **words, mine=may_edit(person, review) and not review.closure
        )
    old, new = _chosen(plays)
    return render_template("pages/compare.html", **words, **_parts(old, new))


def _chosen(plays: Sequence[Walkthrough]) -> tuple[Walkthrough, Walkthrough]:
    """The two asked for, where both are there and differ; else the newest two."""
    by_number = {one.version: one for one in plays}
    wanted = [by_number.get(request.args.get(name, type=int)) for name in ("from", "to")]
    new = wanted[1] or next(one for one in reversed(plays) if one is not wanted[0])
    others = [one for one in plays if one is not new]
    earlier = [one for one in others if (one.version or 0) < (new.version or 0)]
    old = wanted[0] if wanted[0] in others else (earlier or others)[-1]
    assert old is not None
    return old, new


def _parts(old: Walkthrough, new: Walkthrough) -> dict[str, Any]:
    pair = pair_of(old, new)
    takes = pair.takes
    both_run_alike = not takes.along.runs
    along = (
        by_the_clock(takes.old_length_ms, takes.new_length_ms) if both_run_alike else takes.along
    )
    asked = _asked(takes.old_length_ms)
    rows = rows_of(takes)
    notes = notes_of(old, new, along)
    return {
        "old": old,
        "new": new,
        "sources": {old.id: sources_of(old), new.id: sources_of(new)},
        "at_ms": (asked or 0, along.at(asked or 0) or 0),
        "how": how_it_runs(old, new, pair),
        "summary": summary_of(rows, old, new),
        "scale_ms": max(takes.old_length_ms, takes.new_length_ms, 1),
        "lengths": {old.id: takes.old_length_ms, new.id: takes.new_length_ms},
        "rows": beside(rows, notes),
        "notes": notes,
        "data": _data(old, new, pair, along) | {"by_the_clock": both_run_alike, "at_ms": asked},
    }


def _asked(length_ms: int) -> int | None:
    """The moment of the earlier version (ms) that the address names; None for none."""
    asked = request.args.get("t", type=int)
    return None if asked is None else min(max(0, asked), length_ms)


def _data(old: Walkthrough, new: Walkthrough, pair: Pair, along: TimeMap) -> dict[str, Any]:
    """What the modules of the page need; `runs` are knots [ms of old, ms of new]."""
    return {
        "sides": [
            {
                "version": one.version,
                "duration_ms": length,
                "width": one.width,
                "height": one.height,
                "frames": frame_clock_of(one),
            }
            for one, length in (
                (old, pair.takes.old_length_ms),
                (new, pair.takes.new_length_ms),
            )
        ],
        "runs": [straightened(run) for run in along.runs],
    }
