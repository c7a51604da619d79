"""One policy works through one world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from critique.mentoring.simulation.desks import POLICIES
from critique.mentoring.simulation.world import REVIEW, Request, Visit, World

# How often the schedule looks for what is to be handed over.
LOOK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request; None for all where nobody answered by the end. Moments are UTC."""

    request: Request
    answered: datetime | None
    by: int | None
    by_site: str | None
    handed_off: bool

    @property
    def in_time(self) -> bool:
        """Whether it was answered by its deadline."""
        return self.answered is not None and self.answered <= self.request.due


def outcomes(world: World, policy: str) -> list[Outcome]:
    """Let that policy work; what became of every counted request, in the order of posting.

    Raises KeyError for a policy that is none of `POLICIES`.
    """
    desk = POLICIES[policy](world)
    done: dict[int, tuple[datetime, int]] = {}
    for now, _, happens in _happenings(world):
        match happens:
            case Request():
                desk.post(happens)
            case Visit():
                begun = desk.begin(happens.mentor, now)
                if begun is not None and now + REVIEW <= world.end:
                    done[begun.id] = (now + REVIEW, happens.mentor)
            case None:
                desk.look_after(now)
    return [
        _outcome(world, one, done.get(one.id), handed_off=one.id in desk.handed)
        for one in world.requests
        if one.posted < world.counted_until
    ]


def _happenings(world: World) -> Iterator[tuple[datetime, int, Request | Visit | None]]:
    """Everything in the order of time; at one moment posting first, then looking, then visits."""
    posts = ((one.posted, 0, one) for one in world.requests)
    visits = ((one.at, 2, one) for one in world.visits)
    looks = (
        (world.start + turn * LOOK, 1, None) for turn in range((world.end - world.start) // LOOK)
    )
    return merge(posts, looks, visits, key=lambda each: each[:2])


def _outcome(
    world: World, one: Request, done: tuple[datetime, int] | None, *, handed_off: bool
) -> Outcome:
    if done is None:
        return Outcome(one, None, None, None, handed_off)
    answered, mentor = done
    return Outcome(one, answered, mentor, world.mentors[mentor].site, handed_off)
