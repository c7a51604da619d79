"""Feedback loops: a team's figures for who leads it, one's own for everybody."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response
from pydantic import BaseModel, Field

from critique.accounts.access import LEADING_ROLES, memberships_of, must_lead
from critique.accounts.login import asker
from critique.accounts.models import Person, Team
from critique.api.documentation import LARGEST_ID, blueprint, documented
from critique.api.exchange import answer
from critique.mentoring.forms import PeriodQuery
from critique.mentoring.growth import growth_of
from critique.mentoring.loops import Figures, Spread
from critique.mentoring.steering import steering_of
from critique.plumbing import clock
from critique.plumbing.errors import Forbidden
from critique.web.forms import check_query


class LoopsQuery(PeriodQuery):
    """Which team (needed only by who leads several), which days, before and after which."""

    team: int | None = Field(None, ge=1, le=LARGEST_ID)


class SpreadShape(BaseModel):
    """Minutes: half took at most `p50`, nine of ten at most `p90`; `count` cases."""

    count: int
    p50_minutes: int | None
    p90_minutes: int | None

    @classmethod
    def of(cls, found: Spread) -> SpreadShape:
        """From figures."""
        return cls(count=found.count, p50_minutes=found.p50, p90_minutes=found.p90)


class FiguresShape(BaseModel):
    """Loops and windows of a stretch of time; shares are 0..1, null where nothing was counted."""

    loops: int
    waiting: int
    first_feedback_working: SpreadShape
    first_feedback_wall: SpreadShape
    length_working: SpreadShape
    length_wall: SpreadShape
    windows: int
    windows_kept: float | None
    answers: int
    load_gini: float | None

    @classmethod
    def of(cls, found: Figures) -> FiguresShape:
        """From figures."""
        return cls(
            loops=found.loops,
            waiting=found.waiting,
            first_feedback_working=SpreadShape.of(found.answer_working),
            first_feedback_wall=SpreadShape.of(found.answer_wall),
            length_working=SpreadShape.of(found.length_working),
            length_wall=SpreadShape.of(found.length_wall),
            windows=found.windows,
            windows_kept=found.kept,
            answers=found.answers,
            load_gini=found.load_gini,
        )


class WeekShape(BaseModel):
    """One ISO week ("2026-W48")."""

    week: str
    figures: FiguresShape


class WaitShape(BaseModel):
    """Stretches in which it was somebody's move for one reason, in wall minutes; `now` go on."""

    reason: str
    waits: SpreadShape
    now: int


class LoopsShape(BaseModel):
    """A team's loops: of all days asked for, before and after the split, and by week."""

    team: str
    first: date
    last: date
    split: date | None
    zone: str
    whole: FiguresShape
    before: FiguresShape | None
    after: FiguresShape | None
    weeks: list[WeekShape]
    waiting: list[WaitShape]
    claims_ended: int
    claims_lapsed: int
    handed_over: int
    hand_offs_offered: int
    hand_offs_taken: int


class MyLoop(BaseModel):
    """One version that was answered in the last seven days."""

    review_id: int
    version: int
    posted: datetime
    answered: datetime | None
    working_minutes: int | None


class MyLoopsShape(BaseModel):
    """One's own week: loops, how many it usually is, and the words feedback comes back to."""

    loops: list[MyLoop]
    usual_a_week: float
    first_feedback_working: SpreadShape
    themes: list[str]


@blueprint.get("/loops")
@documented(asks=LoopsQuery, answers=LoopsShape)
def show_loops() -> Response:
    """Count a team's feedback loops; for leads and admins."""
    query, person, now = check_query(LoopsQuery), asker(), clock.now()
    team = led_team(person, query.team)
    period = query.period(now, team.zone)
    found = steering_of(team, period, now)
    return answer(
        LoopsShape(
            team=team.name,
            first=period.first,
            last=period.last,
            split=period.split,
            zone=period.zone,
            whole=FiguresShape.of(found.whole),
            before=FiguresShape.of(found.before) if found.before else None,
            after=FiguresShape.of(found.after) if found.after else None,
            waiting=[
                WaitShape(reason=one.name, waits=SpreadShape.of(one.waits), now=one.now)
                for one in found.reasons
            ],
            claims_ended=found.claims.ended,
            claims_lapsed=found.claims.lapsed,
            handed_over=found.hand_offs.given,
            hand_offs_offered=found.hand_offs.offered,
            hand_offs_taken=found.hand_offs.taken,
            weeks=[WeekShape(week=w.name, figures=FiguresShape.of(w.figures)) for w in found.weeks],
        )
    )


@blueprint.get("/loops/mine")
@documented(answers=MyLoopsShape)
def show_my_loops() -> Response:
    """Your own loops of the last seven days."""
    found = growth_of(asker(), clock.now())
    return answer(
        MyLoopsShape(
            loops=[
                MyLoop(
                    review_id=one.review_id,
                    version=one.version,
                    posted=one.posted,
                    answered=one.answered,
                    working_minutes=one.answer_minutes,
                )
                for one in found.loops
            ],
            usual_a_week=found.usual,
            first_feedback_working=SpreadShape.of(found.waited),
            themes=[theme.word for theme, _ in found.themes],
        )
    )


def led_team(person: Person, team_id: int | None) -> Team:
    """The team of that id, else the first one a person leads. Raises NotFound or Forbidden."""
    return must_lead(person, team_id or _led_by(person)).team


def _led_by(person: Person) -> int:
    led = [m.team_id for m in memberships_of(person) if m.role in LEADING_ROLES]
    if not led:
        raise Forbidden("Only a lead or an admin of a team can see this. Ask one of them.")
    return led[0]
