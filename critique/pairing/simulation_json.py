"""A simulated company and its weeks as plain data, so that others can count for themselves."""

from __future__ import annotations

from typing import Any

from critique.pairing.plan import COFFEE, Plan
from critique.pairing.roster import Colleague
from critique.plumbing.calendar import format_span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def roster_to_json(one: Colleague) -> dict[str, Any]:
    """Give `{id, zone, team, hours: {mon: [["09:00", "17:00"]], ...}, do_not_pair: [ids]}`.

    Hours are those of an ordinary week; on public holidays and leave nobody works.
    """
    return {
        "id": one.id,
        "zone": one.zone,
        "team": one.team,
        "hours": {
            name: [format_span(span).split("-") for span in one.hours.days.get(day, ())]
            for day, name in enumerate(DAYS)
        },
        "do_not_pair": sorted(one.do_not_pair),
    }


def week_to_json(plan: Plan) -> dict[str, Any]:
    """Give `{week, present: [ids], groups: [{people, start, minutes}], unplaced: [{id, why}]}`.

    Starts are UTC ("2026-11-24T09:30:00Z").
    """
    minutes = int(COFFEE.total_seconds()) // 60
    return {
        "week": plan.inputs.week,
        "present": sorted(plan.inputs.guests),
        "groups": [
            {
                "people": list(booking.people),
                "start": f"{booking.starts_at:%Y-%m-%dT%H:%M:%SZ}",
                "minutes": minutes,
            }
            for booking in plan.bookings
        ],
        "unplaced": [{"id": left.person_id, "why": left.reason} for left in plan.left],
    }
