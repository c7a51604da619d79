"""Recurring work of the mentoring slice."""

from __future__ import annotations

from datetime import datetime

from critique.mentoring.falling import let_fall
from critique.mentoring.watching import watch
from critique.plumbing import clock, jobs
from critique.plumbing.jobs import job


@job("rounds")
def keep_moving(_when: str) -> None:
    """See to it that every open request is somebody's move, and end the turns that are over."""
    let_fall(clock.now())


def enqueue_moving(now: datetime) -> None:
    """Enqueue that, once for each quarter of an hour of UTC."""
    quarter = f"{now:%Y-%m-%dT%H}:{now.minute // 15 * 15:02d}"
    jobs.enqueue("keep_moving", quarter, key=f"keep-moving-{quarter}")


@job("rounds")
def watch_requests(_when: str) -> None:
    """Offer what its owner is not there for, remind who is asked, tell leads what is overdue."""
    watch(clock.now())


def enqueue_watching(now: datetime) -> None:
    """Enqueue that, once for each five minutes of UTC."""
    moment = f"{now:%Y-%m-%dT%H}:{now.minute // 5 * 5:02d}"
    jobs.enqueue("watch_requests", moment, key=f"watch-requests-{moment}")
