"""Enqueue under a natural key that cannot block for ever what failed under it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from critique.plumbing import intent, jobs

UNFINISHED = {"ENQUEUED", "PENDING", "DELAYED"}
NO_PAUSE = timedelta(0)


def enqueue_until_done(
    name: str, *ids: int | str, key: str, now: datetime, pause: timedelta = NO_PAUSE
) -> None:
    """Enqueue a job whose effect is not there yet, unless a try of it waits or runs.

    The first try has the key itself, the next ones, each so long after the last has ended, `-2`,
    `-3` ...: whoever asks at the same time comes to the same key, so it is still once.
    """
    with intent.reading():
        found = jobs.client().list_workflows(
            workflow_id_prefix=key, load_input=False, load_output=False
        )
    tries = [entry for entry in found if _number(entry.workflow_id, key)]
    if any(entry.status in UNFINISHED for entry in tries):
        return
    ended_ms = max((entry.updated_at or 0 for entry in tries), default=0)
    # The database noted that end by its own clock, so without a pause nothing is compared.
    if pause and now.timestamp() * 1000 - ended_ms < pause / timedelta(milliseconds=1):
        return
    number = max((_number(entry.workflow_id, key) for entry in tries), default=0) + 1
    jobs.enqueue(name, *ids, key=key if number == 1 else f"{key}-{number}")


def _number(found: str, key: str) -> int:
    """Which try of the key it is: 1 for the key itself, 0 for another key with that beginning."""
    rest = re.fullmatch(r"(?:-([0-9]+))?", found.removeprefix(key))
    return int(rest[1] or 1) if rest else 0
