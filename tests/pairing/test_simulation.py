"""A made-up year, counted from what `critique pairing simulate --json` prints, as anybody could."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from critique.cli import main
from critique.pairing.kept import outcome_digest, packed, unpacked
from critique.pairing.plan import plan_round
from critique.pairing.roster import made_up
from critique.pairing.simulation import Rules, simulated
from critique.plumbing.calendar import monday_morning

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def simulate(*words: str) -> str:
    done = CliRunner().invoke(main, ["pairing", "simulate", *words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def year() -> dict[str, Any]:
    return dict(json.loads(simulate("--people", "60", "--weeks", "52", "--seed", "7", "--json")))


def test_it_has_the_shape_that_others_count_by(year: dict[str, Any]) -> None:
    assert list(year) == ["roster", "weeks"]
    assert all(set(one) == {"id", "zone", "team", "hours", "do_not_pair"} for one in year["roster"])
    assert {one["zone"] for one in year["roster"]} == {
        "America/Chicago", "Europe/London", "Asia/Singapore",
    }  # fmt: skip
    assert Counter(one["team"] for one in year["roster"]).most_common(1)[0][1] == 8
    assert any(one["do_not_pair"] for one in year["roster"])
    for week in year["weeks"]:
        assert set(week) == {"week", "present", "groups", "unplaced"}
        assert all(set(group) == {"people", "start", "minutes"} for group in week["groups"])
        assert all(set(one) == {"id", "why"} and one["why"] for one in week["unplaced"])


def test_everybody_present_sits_once_or_is_told_why(year: dict[str, Any]) -> None:
    for week in year["weeks"]:
        seated = [one for group in week["groups"] for one in group["people"]]
        assert sorted([*seated, *(one["id"] for one in week["unplaced"])]) == week["present"]
        assert {len(group["people"]) for group in week["groups"]} <= {2, 3}
    share = sum(len(week["present"]) for week in year["weeks"]) / (52 * 60)
    assert 0.75 < share < 0.9


def test_every_meeting_is_inside_everybodys_hours_and_told_in_time(year: dict[str, Any]) -> None:
    people = {one["id"]: one for one in year["roster"]}
    for week in year["weeks"]:
        drawn = monday_morning(week["week"], "Europe/London")
        for group in week["groups"]:
            start = datetime.strptime(group["start"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            assert start >= drawn + timedelta(hours=18)
            assert group["minutes"] == 20
            for one in group["people"]:
                first = start.astimezone(ZoneInfo(people[one]["zone"]))
                last = (start + timedelta(minutes=20)).astimezone(ZoneInfo(people[one]["zone"]))
                spans = people[one]["hours"][DAYS[first.weekday()]]
                assert any(a <= f"{first:%H:%M}" and f"{last:%H:%M}" <= b for a, b in spans)


def test_a_year_of_sixty_people_keeps_its_promises(year: dict[str, Any]) -> None:
    wishes = {one["id"]: set(one["do_not_pair"]) for one in year["roster"]}
    last: dict[tuple[int, int], int] = {}
    gaps: list[int] = []
    threes = Counter(dict.fromkeys(wishes, 0))
    for at, week in enumerate(year["weeks"]):
        for group in week["groups"]:
            threes.update(group["people"] if len(group["people"]) == 3 else [])
            for pair in combinations(group["people"], 2):
                assert pair[1] not in wishes[pair[0]]
                assert pair[0] not in wishes[pair[1]]
                gaps += [at - last[pair]] if pair in last else []
                last[pair] = at
    assert min(gaps) > 12
    assert max(threes.values()) - min(threes.values()) <= 3


def test_the_same_seed_gives_the_same_and_words_say_it_too() -> None:
    words = ("--people", "20", "--weeks", "4", "--seed", "3")
    assert simulate(*words, "--json") == simulate(*words, "--json")
    assert simulate(*words, "--json") != simulate(*words[:-1], "4", "--json")
    assert "20 people" in simulate(*words)
    assert json.loads(simulate("--people", "0", "--weeks", "1", "--json"))["weeks"][0][
        "groups"
    ] == []  # fmt: skip
    alone = json.loads(simulate("--people", "1", "--weeks", "8", "--json"))
    told = {one["why"] for week in alone["weeks"] for one in week["unplaced"]}
    assert told <= {"nobody else is in"}


def test_tables_of_three_seat_everybody() -> None:
    weeks = list(simulated(made_up(45, 2, "2026-W48"), "2026-W48", 6, Rules(2, size=3)))
    sizes = Counter(len(booking.people) for plan in weeks for booking in plan.bookings)
    assert sizes[3] > 2 * sizes[2]
    for plan in weeks:
        seated = [one for booking in plan.bookings for one in booking.people]
        assert sorted([*seated, *(left.person_id for left in plan.left)]) == sorted(
            plan.inputs.guests
        )


def test_what_is_kept_with_a_round_draws_it_again() -> None:
    *_, plan = simulated(made_up(41, 5, "2026-W48"), "2026-W48", 5, Rules(5))
    kept = unpacked(packed(plan.inputs), team_id=1, team="Again")
    again = plan_round(kept, seed=plan.seed, now=plan.drawn_at, weights=plan.weights)
    assert again.pool_digest == plan.pool_digest
    assert outcome_digest(again.bookings, again.left) == outcome_digest(plan.bookings, plan.left)
    with pytest.raises(ValueError, match="cannot be read"):
        unpacked(b"no", team_id=1, team="Again")


def test_every_table_of_every_week_is_told_with_its_reason_when_asked_for():
    told = simulate("--people", "12", "--weeks", "2", "--seed", "1", "--pairs")
    tables = [line for line in told.splitlines() if line.startswith("  Person ")]
    reasons = [line for line in told.splitlines() if line.startswith("    why ")]
    assert len(tables) == len(reasons) > 4
    assert told.index("2026-W48") < told.index("2026-W49") < told.index("first repeat")
