"""Shapes of what people send about sessions, open blocks and wishes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator

from critique.pairing.sessions.models import DEFAULT_QUOTA
from critique.pairing.sessions.openings import Block
from critique.plumbing.calendar import Stretch, as_utc
from critique.plumbing.errors import Invalid
from critique.plumbing.hours import Span, WorkingHours, parse_span
from critique.web.forms import SENTENCE, Form

LARGEST_ID = 2**31 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class SlotQuery(Form):
    """How long, and perhaps about which thread."""

    minutes: Literal[15, 30] = 15
    comment: Id | None = None

    @field_validator("minutes", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value.isdecimal() else value


class BookingForm(SlotQuery):
    """One slot: with whom, and when it starts (UTC)."""

    host: Id
    starts_at: Annotated[datetime, AfterValidator(as_utc)]


class OpeningForm(Form):
    """A block each week ("Tuesday", from, until), or once on a date."""

    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    day: date | None = None
    start: str = Field(max_length=5)
    until: str = Field(max_length=5)

    def block(self, zone: str) -> Block:
        """In plain values, a date read on the clock of `zone`. Raises Invalid naming the field."""
        try:
            span = parse_span(f"{self.start}-{self.until}")
        except ValueError as error:
            raise Invalid(SENTENCE, fields={"until": str(error)}) from None
        if self.day is not None:
            return Block(once=self._once(self.day, span, zone))
        if self.weekday is None:
            raise Invalid(SENTENCE, fields={"weekday": "Choose a weekday, or a date."})
        return Block(weekday=self.weekday, span=span)

    @staticmethod
    def _once(day: date, span: Span, zone: str) -> Stretch:
        midnight = datetime.combine(day, time())
        try:
            opens, closes = (
                as_utc((midnight + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone)))
                for minute in span
            )
        except (OverflowError, ValueError):
            raise Invalid(
                SENTENCE, fields={"day": "Choose a day of this year or the next."}
            ) from None
        return opens, closes


class OpenNowForm(Form):
    """Be there for whoever needs it, for so many minutes from now."""

    minutes: int = Field(60, ge=15, le=240)

    @property
    def length(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(minutes=self.minutes)


class WishForm(Form):
    """What one wants of fast feedback."""

    a_week: int = Field(0, ge=0, le=3)
    quota: int = Field(DEFAULT_QUOTA, ge=0, le=20)
    stretch: str = Field("", max_length=200)

    def stretch_hours(self, zone: str) -> dict[str, Any]:
        """Hours beyond one's own, Monday to Friday ("07:00-09:00, 20:00-21:30"). Raises Invalid."""
        spans = [part for part in self.stretch.split(",") if part.strip()]
        try:
            hours = WorkingHours(
                zone, {day: tuple(parse_span(part) for part in spans) for day in range(5)}
            )
        except ValueError as error:
            raise Invalid(SENTENCE, fields={"stretch": str(error)}) from None
        found = hours.to_json()["days"]
        assert isinstance(found, dict)
        return found


class OutcomeForm(Form):
    """What one takes along, in a sentence."""

    words: str = Field(min_length=1, max_length=1000)


class FeedForm(Form):
    """The address of one's own calendar; empty takes it away."""

    address: str = Field("", max_length=2000)


Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class SignalForm(Form):
    """What one does in a live room: moments in ms, places as parts (0..1) of the picture."""

    kind: Literal["play", "pause", "seek", "pointer", "away", "stroke", "clear", "here"]
    at_ms: int = Field(0, ge=0, le=86_400_000)
    playing: bool = False
    x: Part = 0.0
    y: Part = 0.0
    points: list[tuple[Part, Part, Part]] = Field([], max_length=400)

    def data(self) -> dict[str, Any]:
        """What belongs to its kind, and nothing else."""
        match self.kind:
            case "play" | "pause" | "seek":
                return {"at_ms": self.at_ms, "playing": self.playing}
            case "pointer":
                return {"x": round(self.x, 4), "y": round(self.y, 4)}
            case "stroke":
                points = [[round(part, 4) for part in point] for point in self.points]
                return {"at_ms": self.at_ms, "points": points}
            case _:
                return {}
