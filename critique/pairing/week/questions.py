"""One question to begin a talk with, out of what the people at the table have in common.

The same ground and the same meeting always give the same question, so that the page, the mail and
the other person's page say one thing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["thread", "about", "reviewed", "project", "skill", "level"]

SENIOR = "senior"
JUNIOR = "junior"


@dataclass(frozen=True)
class OpenThread:
    """A comment that nobody has answered for good: on whose request, by whom, its first words."""

    title: str
    asked_by: str
    words: str


@dataclass(frozen=True)
class Looked:
    """A request of one at the table that another one commented on."""

    title: str
    author: str
    reviewer: str


@dataclass(frozen=True)
class Ground:
    """What everybody at one table worked on or is good at, the newest first; all of it they see.

    `about` is the title of the request that a session is about, "" for a coffee; `levels` are
    theirs, one each: junior, mid or senior.
    """

    threads: Sequence[OpenThread] = ()
    about: str = ""
    looked: Sequence[Looked] = ()
    projects: Sequence[str] = ()
    skills: Sequence[str] = ()
    levels: Sequence[str] = ()


@dataclass(frozen=True)
class Question:
    """The words of the question, and what they come from."""

    words: str
    kind: Kind


_THREAD = (
    "{asked_by}’s “{words}” in “{title}” is still open: what would settle it?",
    "{asked_by} wrote “{words}” in “{title}”. What is the real question behind it?",
)
_ABOUT = (
    "What should be different in “{title}” when this talk is over?",
    "Which one thing about “{title}” are you least sure of?",
)
_LOOKED = (
    "Which of {reviewer}’s comments on “{title}” was worth most, and why?",
    "What would {author} do differently in “{title}” after what {reviewer} said?",
    "What did {reviewer} see in “{title}” that {author} had not seen?",
)
_PROJECT = (
    "What should whoever joins {project} next week know first?",
    "What in {project} would you do exactly like this again?",
    "What about {project} does nobody say aloud?",
)
_SKILL = (
    "You both know {skill}: what did you change your mind about lately?",
    "Which habit in {skill} would you teach a beginner first?",
    "What is the best piece of {skill} you saw this month, and what makes it good?",
)
_MIXED = (
    "What took years to learn, and could have been said in a minute?",
    "Which mistake taught you most, and what did it cost?",
    "What does somebody see on the first day here that the others have stopped seeing?",
)
_JUNIORS = (
    "What do you understand this month that you did not the month before?",
    "Which comment on your work helped most, and what did it change?",
)
_SENIORS = (
    "Which rule of yours did you break lately, and was it right?",
    "What should juniors here hear sooner than they do?",
)
_ANYBODY = (
    "What are you proud of that nobody has asked about?",
    "What would you make if nobody asked when it is done?",
    "What slowed your work down last week, and who could take it away?",
)


def suggested_question(ground: Ground, meeting: str) -> Question:
    """Choose the question for a meeting (any text that names it, such as its UID).

    The closest ground comes first: an open thread between them (or, in a session, on its request),
    the session's request, one that one of them posted and another looked at, a shared project, a
    shared skill, and then what suits their levels.
    """
    if ground.threads:
        thread = ground.threads[0]
        words = _chosen(_THREAD, meeting).format(
            title=thread.title, asked_by=thread.asked_by, words=thread.words
        )
        return Question(words, "thread")
    if ground.about:
        return Question(_chosen(_ABOUT, meeting).format(title=ground.about), "about")
    if ground.looked:
        one = ground.looked[0]
        words = _chosen(_LOOKED, meeting).format(
            title=one.title, author=one.author, reviewer=one.reviewer
        )
        return Question(words, "reviewed")
    if ground.projects:
        project = _chosen(ground.projects, meeting)
        return Question(_chosen(_PROJECT, meeting).format(project=project), "project")
    if ground.skills:
        skill = _chosen(ground.skills, meeting)
        ways = _SKILL if len(ground.levels) == 2 else _SKILL[1:]
        return Question(_chosen(ways, meeting).format(skill=skill), "skill")
    return Question(_chosen(_by_level(ground.levels), meeting), "level")


def _by_level(levels: Sequence[str]) -> Sequence[str]:
    if SENIOR in levels and JUNIOR in levels:
        return _MIXED
    if levels and set(levels) == {JUNIOR}:
        return _JUNIORS
    if levels and set(levels) == {SENIOR}:
        return _SENIORS
    return _ANYBODY


def _chosen(words: Sequence[str], meeting: str) -> str:
    lot = int.from_bytes(hashlib.sha256(meeting.encode()).digest()[:4])
    return words[lot % len(words)]
