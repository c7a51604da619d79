"""What was done about a comment: answered, confirmed by who wrote it, or taken up again."""

from __future__ import annotations

from dataclasses import dataclass

from critique.accounts.models import Person
from critique.comments import access
from critique.comments.anchors import LONGEST_MS
from critique.comments.models import Comment, Resolution
from critique.comments.operations.replies import add_reply
from critique.comments.operations.waiting import ASKING_BACK, end_answer
from critique.comments.threads import hold_open, record, settled
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.walkthroughs.models import Walkthrough

NEED_WORDS = {
    "wont_do": "Say why in a few words, so that the reviewer can agree or not.",
    "asked": "Write what you want to know; it is sent as your reply.",
}
SPOKEN = {"done": "done", "wont_do": "won’t do", "unclear": "unclear", "asked": "a question back"}


@dataclass(frozen=True)
class _Said:
    """An answer as somebody gives it; `at_ms` is of the version."""

    how: str
    note: str
    version_id: int | None
    at_ms: int | None

    def is_in(self, row: Resolution) -> bool:
        """Whether a row says exactly this."""
        return (row.how, row.note, row.version_id, row.at_ms) == (
            self.how, self.note, self.version_id, self.at_ms,
        )  # fmt: skip


def resolve_comment(
    *,
    by: Person,
    comment: Comment,
    how: str = "done",
    note: str = "",
    version: Walkthrough | None = None,
    at_ms: int | None = None,
    replaces: int | None = None,
) -> Resolution:
    """Answer a comment as done, wont_do, unclear or asked; saying the same again changes nothing.

    `version` and `at_ms` (ms of it) say where the change can be seen. A question becomes a reply in
    the thread too. An answer of somebody else is only replaced by who names it (`replaces`, an id),
    a confirmed one by nobody. Who wrote the comment confirms by answering. Raises Forbidden,
    Invalid, and Conflict: `settled_meanwhile` with both answers, `confirmed`, `removed`, `closed`.
    """
    said = _Said(how, note, version.id if version else None, at_ms)
    access.must_resolve(by, comment, comment.walkthrough.review)
    _must_make_sense(by, comment, said, version)
    hold_open(comment)
    _must_stand(comment)
    current = comment.resolution
    if current is not None and said.is_in(current):
        return current
    if current is not None:
        _must_be_replaceable(comment, current, by, replaces, said)
    if how == "asked":
        add_reply(by=by, comment=comment, body=note)
    if current is not None:
        end_answer(current, by)
    return _answered(by, comment, said, before=current)


def reopen_comment(
    *,
    by: Person,
    comment: Comment,
    note: str = "",
    resolution_id: int | None = None,
    once: str | None = None,
) -> Comment:
    """Take an answered comment up again; an open one stays as it is. `note` becomes a reply.

    `resolution_id` is the answer that was read. Raises Forbidden, and Conflict when the answer is
    another one by now, when the reviewer has confirmed it, or when the request is closed.
    """
    access.must_resolve(by, comment, comment.walkthrough.review)
    hold_open(comment)
    current = comment.resolution
    if current is not None:
        _must_be_the_one(current, resolution_id)
        if current.confirmed_at is not None and not access.may_judge(by, comment):
            raise _confirmed(current)
        end_answer(current, by)
        record("comment.reopened", by, comment, before=settled(current), resolution_id=current.id)
    if note:
        add_reply(by=by, comment=comment, body=note, once=once)
    return comment


def confirm_resolution(
    *, by: Person, comment: Comment, resolution_id: int | None = None
) -> Resolution:
    """Say yes to what was done about a comment; saying it again changes nothing.

    Only who wrote the comment, a lead or an admin may, and nobody to their own answer unless they
    wrote the comment. Raises Forbidden, and Conflict when there is no answer, when it is another
    one than `resolution_id` by now, or when it asks for words instead.
    """
    access.must_judge(by, comment)
    hold_open(comment)
    current = comment.resolution
    if current is None:
        raise Conflict(
            "There is no answer to confirm any more: this comment is open again. Nothing was "
            "changed; look at it anew.",
            code="open_again",
        )
    access.must_not_be_own(by, comment, current)
    _must_be_the_one(current, resolution_id)
    if current.how in ASKING_BACK:
        raise Conflict(
            f"{current.by.name} asks for your words here. Nothing was changed; write a reply, and "
            "the comment is open again.",
            code="asks_back",
        )
    if current.confirmed_at is None:
        current.confirmed_at = clock.now()
        current.confirmed_by_id = by.id
        db.session.flush()
        record("comment.confirmed", by, comment, after=settled(current), resolution_id=current.id)
    return current


def withdraw_confirmation(*, by: Person, comment: Comment) -> Comment:
    """Take the yes back: the answer waits for it again; harmless where none was given.

    Raises Forbidden, and Conflict when the request is closed.
    """
    access.must_judge(by, comment)
    hold_open(comment)
    current = comment.resolution
    if current is not None and current.confirmed_at is not None:
        access.must_not_be_own(by, comment, current)
        current.confirmed_at = None
        current.confirmed_by_id = None
        db.session.flush()
        record(
            "comment.confirmation_withdrawn", by, comment, before=settled(current),
            resolution_id=current.id,
        )  # fmt: skip
    return comment


def _answered(by: Person, comment: Comment, said: _Said, before: Resolution | None) -> Resolution:
    own = by.id == comment.author_id
    now = clock.now()
    made = Resolution(
        comment_id=comment.id,
        by=by,
        at=now,
        how=said.how,
        note=said.note,
        version_id=said.version_id,
        at_ms=said.at_ms,
        confirmed_by_id=by.id if own else None,
        confirmed_at=now if own else None,
    )
    db.session.add(made)
    db.session.flush()
    db.session.refresh(comment)
    record(
        "comment.resolved",
        by,
        comment,
        before=settled(before),
        after=settled(made),
        resolution_id=made.id,
        how=said.how,
    )
    return made


def _must_make_sense(
    by: Person, comment: Comment, said: _Said, version: Walkthrough | None
) -> None:
    wrong: dict[str, str] = {}
    if said.how in NEED_WORDS and not said.note:
        wrong["note"] = NEED_WORDS[said.how]
    if said.how in ASKING_BACK and by.id == comment.author_id:
        wrong["how"] = "You wrote this comment yourself. Say done or won’t do, or reply."
    if said.at_ms is not None and version is None:
        wrong["walkthrough"] = "Say which version this moment is of."
    if version is not None:
        if version.review_id != comment.walkthrough.review_id or version.version is None:
            wrong["walkthrough"] = "This is not a version of this request."
        elif version.removed_at is not None:
            wrong["walkthrough"] = "This version was removed. Name another one, or none."
        elif said.at_ms is not None and said.at_ms > (version.duration_ms or LONGEST_MS):
            wrong["at_ms"] = "The version ends before this moment."
    if wrong:
        raise Invalid(
            f"{' '.join(wrong.values())} Nothing was saved yet and what you typed is kept.",
            fields=wrong,
        )


def _must_stand(comment: Comment) -> None:
    if comment.removed_at is not None:
        raise Conflict(
            "This comment was removed a moment ago, so there is nothing left to settle.",
            code="removed",
        )


def _must_be_replaceable(
    comment: Comment, current: Resolution, by: Person, replaces: int | None, said: _Said
) -> None:
    if current.confirmed_at is not None and by.id != comment.author_id:
        raise _confirmed(current)
    if by.id != current.by_id and replaces != current.id:
        raise _settled_meanwhile(current, said)


def _must_be_the_one(current: Resolution, resolution_id: int | None) -> None:
    if resolution_id is not None and current.id != resolution_id:
        raise _settled_meanwhile(current, None)


def _settled_meanwhile(current: Resolution, said: _Said | None) -> Conflict:
    words = SPOKEN[current.how] + (f": “{current.note}”" if current.note else "")
    if said is None:
        told = "Nothing was changed; read it, then decide again."
    else:
        told = "Nothing was overwritten and yours is kept. Leave theirs, or replace it."
    return Conflict(
        f"{current.by.name} has answered this meanwhile, {words}. {told}",
        code="settled_meanwhile",
        extra={
            "theirs": {
                "id": current.id,
                "how": current.how,
                "note": current.note,
                "by": current.by.name,
                "at": current.at.isoformat(),
                "walkthrough_id": current.version_id,
                "at_ms": current.at_ms,
            },
            "yours": None if said is None else {
                "how": said.how,
                "note": said.note,
                "walkthrough_id": said.version_id,
                "at_ms": said.at_ms,
            },
        },
    )  # fmt: skip


def _confirmed(current: Resolution) -> Conflict:
    who = current.confirmed_by.name if current.confirmed_by else "Somebody"
    return Conflict(
        f"{who} has confirmed this answer, so it stands. Nothing was changed; write a reply, or "
        f"ask {who} to reopen it.",
        code="confirmed",
    )
