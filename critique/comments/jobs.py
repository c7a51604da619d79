"""Durable jobs of the comments slice. Each is safe to run again from its start."""

from __future__ import annotations

import json
import logging
import uuid

from critique.comments.carrying import Errand, Pending, Take, errands_for
from critique.comments.operations.placements import Found, save_placements
from critique.comments.takes.placing import FrameHashes, Placed, place
from critique.plumbing.db import db
from critique.plumbing.jobs import enqueue, job
from critique.plumbing.storage import NoSuchFile, StorageFailed, storage
from critique.plumbing.transaction import must_be_closed, snapshot, transaction
from critique.walkthroughs.models import Walkthrough

# Alike: at most this many of the 64 bits differ (measured in bench/placement.py).
ALIKE_BITS = 10
MOST_TRIES = 5
PAUSE_SECONDS = 60

log = logging.getLogger(__name__)


@job("media")
def place_comments(walkthrough_id: int, attempt: int = 1) -> None:
    """Find the comments of earlier versions in this one, and those of this one in later ones."""
    with snapshot():
        errands = errands_for(walkthrough_id)
    try:
        for errand in errands:
            _run(errand)
    except StorageFailed as failure:
        if attempt == MOST_TRIES:
            raise
        log.warning("Placing the comments of %s: %s", walkthrough_id, failure.sentence)
        with transaction():
            key = f"place-{walkthrough_id}-{uuid.uuid4()}"
            pause = PAUSE_SECONDS * attempt
            enqueue("place_comments", walkthrough_id, attempt + 1, key=key, delay_seconds=pause)


def _run(errand: Errand) -> None:
    must_be_closed()
    found = _found_in(errand)
    with transaction():
        target = db.session.get(Walkthrough, errand.target.walkthrough_id)
        if target is not None and target.removed_at is None:
            save_placements(walkthrough=target, found=found)


def _found_in(errand: Errand) -> dict[int, Found]:
    found: dict[int, Found] = {}
    hashes: dict[str, list[tuple[int, int]]] = {}
    for source, pending in errand.earlier:
        if "stills" in (source.kind, errand.target.kind):
            found |= _by_pictures(source, errand.target, pending)
            continue
        placed = place(
            [one.anchor for one in pending],
            source.words,
            errand.target.words,
            same_media=source.sha256 is not None and source.sha256 == errand.target.sha256,
            frames=FrameHashes(
                old=_hashes(source.frames_key, hashes),
                new=_hashes(errand.target.frames_key, hashes),
            ),
            new_length_ms=errand.target.duration_ms,
        )
        found |= {one.comment_id: Found(there) for one, there in zip(pending, placed, strict=True)}
    return found


def _hashes(key: str | None, known: dict[str, list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """A version's frame hashes as (ms, 64 bits); none when it has none (any more)."""
    if key is None:
        return []
    if key not in known:
        try:
            told = json.loads(storage().read(key))
        except NoSuchFile:
            # The version was removed meanwhile: words alone decide then.
            told = []
        known[key] = [(ms, int(bits, 16)) for ms, bits in told]
    return known[key]


def _by_pictures(source: Take, target: Take, pending: list[Pending]) -> dict[int, Found]:
    """Stills have no clock: the same bytes are exact, an alike picture has moved, else it is gone.

    Between stills and a recording nothing is comparable but the words, of which stills have none.
    """
    there = {still_id: _alike(sha, bits, target) for still_id, sha, bits in source.stills}
    gone = Found(Placed("removed", None, None, 0.5, "none"))
    return {
        one.comment_id: there.get(one.still_id, gone) if one.still_id is not None else gone
        for one in pending
    }


def _alike(sha256: str, bits: str | None, target: Take) -> Found:
    for still_id, other, _ in target.stills:
        if other == sha256:
            return Found(Placed("exact", 0, 0, 1.0, "same media"), still_id)
    near = [
        ((int(bits, 16) ^ int(other, 16)).bit_count(), still_id)
        for still_id, _, other in target.stills
        if bits is not None and other is not None
    ]
    distance, still_id = min(near, default=(64, 0))
    if distance > ALIKE_BITS:
        return Found(Placed("removed", None, None, 0.5, "none"))
    sure = 1 - distance / (2 * ALIKE_BITS)
    state = "moved" if distance <= ALIKE_BITS // 2 else "uncertain"
    return Found(Placed(state, 0, 0, sure, "picture"), still_id)  # type: ignore[arg-type]  # both are states
