"""Ways to share the work of a team: ours, shared and assigned, and what others do.

A desk is told of what happens and asked what a mentor begins next. It knows what pages know: the
calendars as people wrote them, what is open, who was asked; never who is really there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np

from critique.mentoring.clock import epoch_seconds, halfway, on_shift, staffing
from critique.mentoring.handing import Colleague, Need, hand_off_due, hand_off_to, proposals
from critique.mentoring.ordering import Group, Waiting, ordered
from critique.mentoring.pace import Pace, pace_of
from critique.mentoring.simulation.world import REVIEW, Mentor, Request, World, author_hours
from critique.plumbing.calendar import zone_named

ABOUT = REVIEW // timedelta(minutes=1)
RECENT = timedelta(days=30)
_TEAM = 0


class Desk(ABC):
    """What is open and whose it is; `handed` are those that were handed over once or more."""

    def __init__(self, world: World) -> None:
        self.mentors = world.mentors
        self.open: dict[int, Request] = {}
        self.owner: dict[int, int] = {}
        self.handed: set[int] = set()

    def post(self, request: Request) -> None:
        """A request comes in."""
        self.open[request.id] = request

    def begin(self, mentor: int, now: datetime) -> Request | None:
        """A mentor has time for one; None when there is nothing for them."""
        chosen = self.choose(mentor, now)
        if chosen is not None:
            del self.open[chosen.id]
        return chosen

    def look_after(self, now: datetime) -> None:  # noqa: B027 - most have nothing to look after
        """Some minutes have passed."""

    @abstractmethod
    def choose(self, mentor: int, now: datetime) -> Request | None:
        """What the mentor begins."""

    def owned(self, mentor: int) -> list[Request]:
        """What was given to a mentor and is not begun yet, in the order it was asked."""
        return [one for one in self.open.values() if self.owner[one.id] == mentor]


class Ordered(Desk):
    """A desk in the order that the queue's page shows."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._calendars = [one.hours for one in world.mentors]
        days = (world.end - world.start).days + 60
        self._staffed = staffing(self._calendars, world.start, days)
        self._suggested: Counter[int] = Counter()
        self._pace: tuple[date, Pace] | None = None

    def begin(self, mentor: int, now: datetime) -> Request | None:
        """Likewise, and count what was suggested."""
        chosen = super().begin(mentor, now)
        self._suggested[mentor] += chosen is not None
        return chosen

    def choose(self, mentor: int, now: datetime) -> Request | None:
        """The first suggestion of the page, unless that is somebody else's."""
        if not self.open:
            return None
        waiting = self._waiting(mentor, now)
        paces = {_TEAM: self._pace_on(now)}
        first = ordered(waiting, paces, suggested=self._suggested[mentor], wanted=1)[0]
        if waiting.group[first.index] == Group.OTHERS:
            return None
        return self.open[first.id]

    def group(self, request: Request, mentor: int) -> Group:  # noqa: ARG002
        """Whose a request is, to that mentor."""
        return Group.FITS

    def _waiting(self, mentor: int, now: datetime) -> Waiting:
        requests = list(self.open.values())
        count = len(requests)
        due = epoch_seconds(one.due for one in requests)
        posted = epoch_seconds(one.posted for one in requests)
        return Waiting(
            ids=np.array([one.id for one in requests], np.int64),
            group=np.array([self.group(one, mentor) for one in requests], np.int64),
            team=np.full(count, _TEAM),
            due=due,
            left=self._staffed.minutes_until(due, since=now),
            waited=-self._staffed.minutes_until(posted, since=now),
            about=np.full(count, ABOUT),
            favoured=np.zeros(count, np.bool_),
        )

    def _pace_on(self, now: datetime) -> Pace:
        if self._pace is None or self._pace[0] != now.date():
            self._pace = (now.date(), pace_of(self._calendars, now, ABOUT))
        return self._pace[1]


class Assigned(Ordered):
    """Every request is given to somebody as it comes in, and handed over where that is due."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: dict[int, deque[datetime]] = {one.id: deque() for one in world.mentors}
        self._half: dict[int, datetime | None] = {}

    def post(self, request: Request) -> None:
        """Give it to the first that is proposed."""
        need = Need(request.posted, request.due, ABOUT)
        best = proposals(self._colleagues(request.posted), need, wanted=1)[0]
        self._give(request, best.id, need.now)
        self._half[request.id] = halfway(author_hours(request.site), request.posted, request.due)
        super().post(request)

    def look_after(self, now: datetime) -> None:
        """Hand over what is due."""
        for owner in self._off_shift(now):
            for one in self.owned(owner):
                if not hand_off_due(self._half[one.id], now, on_shift=False):
                    continue
                colleagues = self._colleagues(now)
                need = Need(now, one.due, ABOUT)
                chosen = hand_off_to(colleagues[owner], colleagues, need)
                if chosen is None:
                    break  # Nobody comes before this owner does, whichever request it is.
                self._give(one, chosen.id, now)
                self.handed.add(one.id)

    def _off_shift(self, now: datetime) -> list[int]:
        """Who has something half of whose time is gone, and is off shift."""
        owners = {
            self.owner[number]
            for number in self.open
            if hand_off_due(self._half[number], now, on_shift=False)
        }
        return [one for one in sorted(owners) if not on_shift(self.mentors[one].hours, now)]

    def group(self, request: Request, mentor: int) -> Group:
        """Theirs, or somebody else's."""
        return Group.MINE if self.owner[request.id] == mentor else Group.OTHERS

    def _give(self, request: Request, mentor: int, now: datetime) -> None:
        self.owner[request.id] = mentor
        self._asked[mentor].append(now)

    def _colleagues(self, now: datetime) -> list[Colleague]:
        theirs = Counter(self.owner[number] for number in self.open)
        return [
            Colleague(one.id, one.hours, open=theirs[one.id], recent=self._recent(one, now))
            for one in self.mentors
        ]

    def _recent(self, mentor: Mentor, now: datetime) -> int:
        asked = self._asked[mentor.id]
        while asked and asked[0] < now - RECENT:
            asked.popleft()
        return len(asked)


class OldestFirst(Desk):
    """A shared queue in the order of asking, as Exercism's."""

    def choose(self, mentor: int, now: datetime) -> Request | None:  # noqa: ARG002
        """The oldest."""
        return next(iter(self.open.values()), None)


class RoundRobin(Desk):
    """Given in turn to whoever is not away that day; each works in the order of asking."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._turn = 0

    def post(self, request: Request) -> None:
        """Give it to the next."""
        for _ in self.mentors:
            self._turn = (self._turn + 1) % len(self.mentors)
            if not _is_away(self.mentors[self._turn], request.posted):
                break
        self.owner[request.id] = self._turn
        super().post(request)

    def choose(self, mentor: int, now: datetime) -> Request | None:  # noqa: ARG002
        """Their oldest."""
        return next(iter(self.owned(mentor)), None)


class FewestOpen(Desk):
    """Given to whoever has the fewest open and is not away, then had the fewest, as GitHub's."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._total: Counter[int] = Counter()

    def post(self, request: Request) -> None:
        """Give it to the least loaded."""
        theirs = Counter(self.owner[number] for number in self.open)
        chosen = min(
            self.mentors,
            key=lambda one: (
                _is_away(one, request.posted), theirs[one.id], self._total[one.id], one.id,
            ),
        )  # fmt: skip
        self.owner[request.id] = chosen.id
        self._total[chosen.id] += 1
        super().post(request)

    def choose(self, mentor: int, now: datetime) -> Request | None:  # noqa: ARG002
        """Their oldest."""
        return next(iter(self.owned(mentor)), None)


def _is_away(mentor: Mentor, now: datetime) -> bool:
    return mentor.hours.is_off(now.astimezone(zone_named(mentor.hours.zone)).date())


POLICIES: dict[str, Callable[[World], Desk]] = {
    "shared": Ordered,
    "assigned": Assigned,
    "oldest-first": OldestFirst,
    "round-robin": RoundRobin,
    "fewest-open": FewestOpen,
}
