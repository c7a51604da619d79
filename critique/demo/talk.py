"""What the demo team says about the first version, and what was done about it in the second."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments.models import Comment
from critique.comments.operations import add_comment, add_reply, give_verdict, resolve_comment
from critique.plumbing.db import db
from critique.walkthroughs.models import Walkthrough

Words = list[list[Any]]


def talk_about_the_first(walkthrough: Walkthrough, words: Words) -> None:
    """A question, a problem, a drawing on the frame, praise, and a verdict."""
    _ask_about_the_focus(walkthrough, words)
    _say_what_is_weak(walkthrough, words)
    ines = _person("ines")
    praise = add_comment(
        by=ines,
        walkthrough=walkthrough,
        kind="praise",
        words=_said(words, "nothing you typed is lost"),
        body="This sentence is the whole reason people will trust the form. Keep it.",
    )
    resolve_comment(by=_person("maya"), comment=praise)
    give_verdict(
        by=ines,
        walkthrough=walkthrough,
        verdict="another_round",
        body="The order beside the form is right. Make the day and the button speak up.",
    )


def _ask_about_the_focus(walkthrough: Walkthrough, words: Words) -> None:
    question = add_comment(
        by=_person("wei"),
        walkthrough=walkthrough,
        kind="question",
        weight="must_fix",
        words=_said(words, "folds into one line"),
        body="Where does the focus go when a step folds? With a keyboard I would be lost here.",
    )
    add_reply(
        by=_person("maya"),
        comment=question,
        body="To the heading of the next step. I will show it in the next version.",
    )


def _say_what_is_weak(walkthrough: Walkthrough, words: Words) -> None:
    ines = _person("ines")
    add_comment(
        by=ines,
        walkthrough=walkthrough,
        kind="problem",
        words=_said(words, "I worry that it is too quiet"),
        body="It is too quiet, because the eye goes from the days straight to the button.",
    )
    add_comment(
        by=ines,
        walkthrough=walkthrough,
        words=_said(words, "Is the green button strong enough"),
        aim_id=walkthrough.review.aims[0].id,
        body="A little deeper, and as wide as two days. Then it is the strongest thing here.",
        region=[{"shape": "rectangle", "from": [0.075, 0.615], "to": [0.275, 0.72]}],
    )


def answer_in_the_second(walkthrough: Walkthrough, words: Words) -> None:
    """Maya says where in the new version Wei's question is answered; Wei has yet to say yes."""
    question = db.session.scalars(
        sa.select(Comment)
        .join(Comment.walkthrough)
        .where(Walkthrough.review_id == walkthrough.review_id, Comment.kind == "question")
        .limit(1)
    ).one()
    first, _ = _said(words, "the keyboard goes on to the next heading")
    resolve_comment(
        by=_person("maya"),
        comment=question,
        note="The focus goes to the heading that opens.",
        version=walkthrough,
        at_ms=next(int(row[2]) for row in words if row[0] == first),
    )


def _person(name: str) -> Person:
    return db.session.scalars(sa.select(Person).where(Person.email == f"{name}@example.com")).one()


def _said(words: Words, passage: str) -> tuple[int, int]:
    """Ids of the first and last word of a passage that is in the script."""
    wanted = passage.lower().split()
    spoken = [str(row[1]).strip(".,?!").lower() for row in words]
    for start in range(len(spoken)):
        if spoken[start : start + len(wanted)] == wanted:
            return int(words[start][0]), int(words[start + len(wanted) - 1][0])
    raise ValueError(f"The script does not say {passage!r}.")
