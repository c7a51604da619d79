"""Shapes of what people send to this slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from critique.plumbing.calendar import as_utc
from critique.plumbing.errors import Invalid
from critique.web.forms import SENTENCE, Form

SHOWN_WEEKS = 8
LONGEST_WEEKS = 104


@dataclass(frozen=True)
class Period:
    """Whole local days [first, last] of a zone, and perhaps the day something changed."""

    first: date
    last: date
    split: date | None
    zone: str

    @property
    def start(self) -> datetime:
        """The first instant, UTC."""
        return self.at(self.first)

    @property
    def end(self) -> datetime:
        """The instant after the last, UTC."""
        return self.at(self.last + timedelta(days=1))

    def at(self, day: date) -> datetime:
        """The first instant of a local day, UTC."""
        return as_utc(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)))


class PeriodQuery(Form):
    """Which days, and the day to compare before and after; eight whole weeks without any."""

    first: date | None = None
    last: date | None = None
    split: date | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        """An empty input of the page's form means "not given"."""
        return None if value == "" else value

    def period(self, now: datetime, zone: str) -> Period:
        """The days asked for. Raises Invalid naming the field."""
        today = now.astimezone(ZoneInfo(zone)).date()
        last = self.last or today
        first = self.first or last - timedelta(days=last.weekday(), weeks=SHOWN_WEEKS - 1)
        wrong = {}
        if not today - timedelta(weeks=5 * LONGEST_WEEKS) <= first <= last:
            wrong["first"] = "Begin before the last day, within ten years."
        elif last - first > timedelta(weeks=LONGEST_WEEKS):
            wrong["first"] = f"At most {LONGEST_WEEKS} weeks at a time."
        if last > today + timedelta(days=1):
            wrong["last"] = "There is nothing to count after today."
        if self.split is not None and not first < self.split <= last:
            wrong["split"] = "Choose a day inside the period, after its first."
        if wrong:
            raise Invalid(SENTENCE, fields=wrong)
        return Period(first, last, self.split, zone)


class ShareForm(Form):
    """Whom to show one's loops to."""

    with_id: int = Field(ge=1, le=2**31 - 1)


class HandOverForm(Form):
    """To whom, and what they should know."""

    to: int = Field(ge=1, le=2**31 - 1)
    note: str = Field("", max_length=1000)


class CapacityForm(Form):
    """How many requests somebody wants to have at once."""

    capacity: int = Field(ge=0, le=10)
