"""Why something can be somebody's move, and the facts the rules decide it from. UTC throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

# By weight: of several reasons of one person the first of these is the one that is told.
REASONS = (
    "handed_over", "requested", "claimed", "asked", "to_confirm", "new_version",
    "to_post", "another_round", "talk", "replied", "approved", "reopened",
    "fell_back", "mentioned", "remarked",
)  # fmt: skip
# How a turn ended: the person acted; somebody else's act lifted it; the clock; closed; "I am done
# here"; given to somebody else; the claim given back; out of the team.
ENDINGS = (
    "answered", "lifted", "lapsed", "withdrawn", "done", "handed_over", "released", "left",
)  # fmt: skip
# May be put aside with one press, without a word.
DISMISSIBLE = frozenset({"asked", "to_confirm", "mentioned"})
# Beside these a request still waits for somebody to look at it: they are answered in passing.
ASIDE = frozenset({"mentioned", "remarked"})
# With these alone a request stands in everybody's queue all the same.
LEAVES_FREE = ASIDE | {"requested", "fell_back"}
# Somebody has to look at the work; the others have to answer, to confirm, or are the author's.
TO_LOOK = frozenset({"handed_over", "requested", "claimed", "new_version"})
# The author has to go on with it, because of what a reviewer said.
ANSWERED = frozenset({"another_round", "talk", "replied"})
# These make somebody one who took the request on; who only remarks in passing did not.
TAKES_ON = frozenset({"handed_over", "requested", "claimed"})


@dataclass(frozen=True, slots=True)
class Note:
    """A comment that wants an answer; one of the author's own, once somebody has given it.

    `back_at` is when it was written or last taken up again; `how` the answer in force, None while
    open. Of the thread: the newest words of its writer, of the author, and the author's newest
    question.
    """

    id: int
    by_id: int
    back_at: datetime
    how: str | None = None
    answered_at: datetime | None = None
    answered_by_id: int | None = None
    confirmed: bool = False
    writer_at: datetime | None = None
    author_at: datetime | None = None
    question_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The newest verdict of somebody."""

    verdict: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody was named in a thread and has neither looked nor answered since."""

    person_id: int
    by_id: int
    comment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim that is in force."""

    person_id: int
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A turn in force, as it is written down."""

    person_id: int
    reason: str
    since: datetime
    by_id: int | None = None
    comment_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One reason why it is somebody's move; `at` is when it arose, `by_id` None if whoever acts."""

    person_id: int
    reason: str
    at: datetime
    by_id: int | None = None
    comment_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What is so in a request at `now`.

    `posted_at` is when the newest version was posted that can be looked at; `broken` says that a
    newer one cannot. `acted` is the newest comment,
    verdict or confirmation of each person, `spoke` the newest comment or verdict. `gone_on` says
    that the author did something since the request was reopened; `stirred` that they changed just
    now what they ask. `aside` and `passed` are when somebody last pressed "I am done here" or
    handed over. With `falls` an empty set falls to the author, in their absence to `stand_in_id`.
    """

    now: datetime
    author_id: int
    is_open: bool = True
    members: AbstractSet[int] = frozenset()
    posted_at: datetime | None = None
    broken: bool = False
    asked: Mapping[int, datetime] = field(default_factory=dict)
    lease: Lease | None = None
    notes: Sequence[Note] = ()
    verdicts: Mapping[int, Given] = field(default_factory=dict)
    spoke: Mapping[int, datetime] = field(default_factory=dict)
    acted: Mapping[int, datetime] = field(default_factory=dict)
    calls: Sequence[Call] = ()
    reopened_at: datetime | None = None
    gone_on: bool = False
    stirred: bool = False
    took_on: AbstractSet[int] = frozenset()
    held: Sequence[Held] = ()
    aside: Mapping[int, datetime] = field(default_factory=dict)
    passed: Mapping[int, datetime] = field(default_factory=dict)
    falls: bool = False
    stand_in_id: int | None = None
