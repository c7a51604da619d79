"""Which workers are alive: one row each, renewed by the worker itself."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from critique.plumbing import clock
from critique.plumbing.db import Record, db


class Worker(Record):
    """A worker process and when it was last heard of."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    seen_at: Mapped[datetime]


def beat(name: str) -> None:
    """Say that worker `name` is alive now."""
    db.session.merge(Worker(name=name, seen_at=clock.now()))
    db.session.flush()


def leave(name: str) -> None:
    """Say that worker `name` has stopped in good order."""
    db.session.execute(sa.delete(Worker).where(Worker.name == name))


def alive_since(moment: datetime) -> set[str]:
    """Names of the workers heard of since `moment`."""
    return set(db.session.scalars(sa.select(Worker.name).where(Worker.seen_at >= moment)))
