"""What a comment points at: moments and words as somebody gave them, made an anchor."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Required, TypedDict, Unpack

from critique.comments import queries
from critique.comments.anchors import Anchor, BadAnchor, anchor_on_words, stretch
from critique.comments.region import Shape
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid
from critique.reviews.models import Review
from critique.walkthroughs.access import must_stand
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.words import words_from

KEPT = "Nothing was saved yet and what you typed is kept. Look at the marked fields."


class Said(TypedDict, total=False):
    """What somebody says about a walkthrough, as pages and programs give it.

    A moment or a range (ms), or the words from one id to another, which give the times unless
    those are given; `transcript_id` is where the words were read. `region` is what was drawn on
    the frame (see `region.py`), `still_id` the picture of a walkthrough that is pictures.
    """

    body: Required[str]
    kind: str
    weight: str
    start_ms: int | None
    end_ms: int | None
    words: tuple[int | None, int | None] | None
    transcript_id: int | None
    aim_id: int | None
    region: list[Shape] | None
    still_id: int | None


def columns_of(walkthrough: Walkthrough, **said: Unpack[Said]) -> dict[str, Any]:
    """The columns that a comment and the draft of one share, checked; the request must be held.

    Raises Invalid, and Conflict when the version was removed.
    """
    db.session.refresh(walkthrough, ["removed_at"])
    must_stand(walkthrough)
    aim_id, region = said.get("aim_id"), said.get("region")
    must_be_its_aim(walkthrough.review, aim_id)
    must_have_a_frame(walkthrough, region)
    still_id = still_of(walkthrough, said.get("still_id"))
    # A picture has no clock and no voice: what is said about it stands at its beginning.
    anchor = (
        Anchor(0, 0)
        if still_id is not None
        else anchor_of(
            walkthrough,
            said.get("start_ms"),
            said.get("end_ms"),
            said.get("words"),
            said.get("transcript_id"),
        )
    )
    return {
        "body": said["body"],
        "kind": said.get("kind", "suggestion"),
        "weight": said.get("weight", "take_it_or_leave_it"),
        "aim_id": aim_id,
        "region": region,
        "still_id": still_id,
        **asdict(anchor),
    }


def must_be_its_aim(review: Review, aim_id: int | None) -> None:
    """Raise Invalid unless the aim is one of this request's."""
    if aim_id is not None and aim_id not in {aim.id for aim in review.aims}:
        raise Invalid(KEPT, fields={"aim_id": "This is not a question of this request."})


def still_of(walkthrough: Walkthrough, still_id: int | None) -> int | None:
    """The picture a comment is about; None on a recording. Raises Invalid.

    Where there is one picture alone it need not be named.
    """
    if walkthrough.kind != "stills":
        if still_id is not None:
            raise Invalid(KEPT, fields={"still_id": "This is a recording; it has no pictures."})
        return None
    ids = [still.id for still in walkthrough.stills]
    if still_id is None and len(ids) == 1:
        return ids[0]
    if still_id not in ids:
        raise Invalid(KEPT, fields={"still_id": "Say which picture of this version it is about."})
    return still_id


def must_have_a_frame(walkthrough: Walkthrough, region: list[Shape] | None) -> None:
    """Raise Invalid for a drawing on a recording that is sound alone."""
    if region is not None and walkthrough.kind == "recording" and walkthrough.has_video is False:
        raise Invalid(KEPT, fields={"region": "This is sound alone; there is no frame to draw on."})


def anchor_of(
    walkthrough: Walkthrough,
    start_ms: int | None,
    end_ms: int | None,
    words: tuple[int | None, int | None] | None,
    transcript_id: int | None,
) -> Anchor:
    """The anchor somebody points at, checked against the recording and its words. Raises Invalid.

    Words give the times (ms) unless those are given; `transcript_id` is where they were read.
    """
    try:
        spoken = _on_words(walkthrough, words, transcript_id)
        if spoken is not None and start_ms is None:
            start_ms, end_ms = spoken.start_ms, spoken.end_ms if end_ms is None else end_ms
        start, end = stretch(start_ms, end_ms, walkthrough.duration_ms)
    except BadAnchor as wrong:
        raise Invalid(KEPT, fields={wrong.field: str(wrong)}) from None
    return replace(spoken or Anchor(start, end), start_ms=start, end_ms=end)


def _on_words(
    walkthrough: Walkthrough,
    words: tuple[int | None, int | None] | None,
    transcript_id: int | None,
) -> Anchor | None:
    if words is None:
        return None
    first, last = words
    if first is None:
        raise BadAnchor("first_word", "Say which word it begins with.")
    if last is None:
        raise BadAnchor("last_word", "Say which word it ends with.")
    transcript = transcript_of(walkthrough.id)
    if transcript_id is not None and (transcript is None or transcript.id != transcript_id):
        transcript = queries.transcript_by_id(walkthrough.id, transcript_id)
    if transcript is None:
        raise BadAnchor("first_word", "There is no transcript (yet). Pin it to a moment instead.")
    return anchor_on_words(words_from(transcript.words), first, last, transcript_id=transcript.id)
