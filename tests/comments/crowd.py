"""Many threads at once, written past the operations, for questions of cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from critique.comments.models import Comment, Reply, Resolution
from critique.plumbing import clock
from critique.plumbing.db import db
from tests.comments.conftest import Room

BODY = (
    "The **rule** between the lines is heavier than the total itself. On a phone the button falls "
    "*below* the fold; could `position: sticky` hold it?\n\n- one\n- two"
)


def crowd_threads(
    room: Room, people: Sequence[int], count: int, *, spread_ms: int = 100, word_ms: int = 10**9
) -> None:
    """Add `count` comments on words, each with two replies, each third one settled.

    The words lie `word_ms` apart; unless that is given, all comments are about the first ones.
    """
    now = clock.now()
    for at in range(count):
        comment = Comment(
            walkthrough_id=room.walkthrough,
            author_id=people[at % len(people)],
            aim_id=room.aim,
            body=f"{at}. {BODY}",
            start_ms=at * spread_ms,
            end_ms=at * spread_ms + 800,
            transcript_id=room.transcript,
            first_word=at * spread_ms // word_ms + 1,
            last_word=at * spread_ms // word_ms + 3,
            quote="so the total",
            created_at=now,
            replies=[
                Reply(
                    author_id=people[(at + step) % len(people)],
                    body="True. I will *thin* it.",
                    created_at=now + timedelta(minutes=step),
                )
                for step in (1, 2)
            ],
        )
        if at % 3 == 0:
            comment.resolutions.append(Resolution(by_id=people[0], at=now, how="done"))
        db.session.add(comment)
    db.session.flush()
