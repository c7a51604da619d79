"""Ending the answer in force, and the questions that a reviewer's own words lift."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.comments.models import Comment, Resolution
from critique.comments.threads import record, settled
from critique.plumbing import clock
from critique.plumbing.db import db

# These wait for words of who wrote the comment, the others for a yes.
ASKING_BACK = ("unclear", "asked")


def end_answer(current: Resolution, by: Person) -> None:
    """Put a resolution out of force, before its successor is added: at most one may be in force."""
    current.reopened_at = clock.now()
    current.reopened_by_id = by.id
    db.session.flush()


def lift_question(comment: Comment, by: Person) -> None:
    """Open a comment again that was called unclear or asked about, once its author has replied."""
    current = comment.resolution
    if current is None or current.how not in ASKING_BACK or by.id != comment.author_id:
        return
    end_answer(current, by)
    record("comment.reopened", by, comment, before=settled(current), resolution_id=current.id)
