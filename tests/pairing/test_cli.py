"""`critique pairing draw`, as somebody at a terminal uses it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from critique.accounts.models import Person
from critique.cli import main
from critique.events.models import Event
from critique.pairing.models import LeftOut, Meeting, Round, Seating
from critique.plumbing import jobs
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from tests.pairing.conftest import WEEK
from tests.people import team


@pytest.fixture
def run(app, settings, cast, clock_at, monkeypatch):
    monkeypatch.setattr("critique.cli.pairing.create_app", lambda: app)

    def command(*words: str):
        return CliRunner().invoke(main, ["pairing", "draw", *words])

    return command


def counted(app) -> list[int]:
    with app.app_context():
        found = [
            db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Round, Meeting, Seating, LeftOut, Letter, Event)
        ]
        found.append(len(jobs.unfinished()))
        db.session.rollback()
        return found


def test_a_dry_run_prints_everything_and_does_nothing(app, run):
    before = counted(app)
    done = run("--team", "Juniper", "--week", WEEK, "--dry-run")
    assert done.exit_code == 0, done.output
    for words in ("Maya + Oliver + Ada", "America/Chicago", "Europe/London", "first time together",
                  "Wei is left out", "no common 20 minutes", "seed ", "pool "):  # fmt: skip
        assert words in done.output
    assert counted(app) == before


def test_it_draws_once_and_says_so(app, run, run_jobs):
    first = run("--team", "Juniper", "--week", WEEK)
    run_jobs()
    assert (first.exit_code, counted(app)[0], counted(app)[4]) == (0, 1, 4)
    again = run("--team", "Juniper", "--week", WEEK)
    assert again.exit_code == 0
    assert "already" in again.output
    assert counted(app)[0] == 1


def test_a_dry_run_with_the_same_seed_prints_the_same(run):
    words = ("--team", "Juniper", "--week", WEEK, "--dry-run", "--seed", "17")
    assert run(*words).output == run(*words).output
    assert "seed 17" in run(*words).output


def test_a_dry_run_of_a_drawn_week_prints_the_draw_that_was_made(app, run):
    run("--team", "Juniper", "--week", WEEK)
    done = run("--team", "Juniper", "--week", WEEK, "--dry-run")
    with app.app_context():
        assert db.session.scalars(sa.select(Round.pool_digest)).one() in done.output


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("team", "week"),
    [("Nobody", WEEK), ("Juniper", "2026-W54"), ("Juniper", "48"), ("Juniper", ""), ("", WEEK)],
)
def test_what_does_not_exist_is_one_sentence(app, run, team, week, dry):
    before = counted(app)
    done = run("--team", team, "--week", week, *dry)
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.strip().endswith(".")
    assert counted(app) == before


def test_a_week_that_is_over_is_not_drawn(app, run):
    done = run("--team", "Juniper", "--week", "2026-W47")
    assert done.exit_code == 2
    assert "is over" in done.stderr
    past = run("--team", "Juniper", "--week", "2026-W47", "--dry-run")
    assert "Maya + Oliver + Ada" in past.output
    assert "2026-W47 is over: this is how its Monday morning would have drawn it" in past.output
    assert counted(app)[0] == 0


def test_a_team_of_nobody(app, run):
    with app.app_context(), transaction():
        team("Empty")
    done = run("--team", "Empty", "--week", WEEK, "--dry-run")
    assert done.exit_code == 0
    assert "0 in" in done.output


def pairing(*words: str):
    return CliRunner().invoke(main, ["pairing", *words])


def test_a_round_is_drawn_again_from_what_was_kept(app, run):
    run("--team", "Juniper", "--week", WEEK)
    done = pairing("replay", "--team", "Juniper", "--week", WEEK)
    assert done.exit_code == 0, done.output
    assert done.output.count("the same") == 2
    with app.app_context(), transaction():
        # People, hours and memberships may change afterwards; the round stays what it was.
        db.session.execute(sa.update(Person).values(zone="Asia/Tokyo", coffee_in=False))
    assert pairing("replay", "--team", "Juniper", "--week", WEEK).exit_code == 0
    with app.app_context(), transaction():
        db.session.execute(sa.update(Round).values(outcome_digest="0" * 64))
    assert pairing("replay", "--team", "Juniper", "--week", WEEK).exit_code == 1


@pytest.mark.parametrize("week", ["2026-W47", "2026-W99"])
def test_what_was_not_drawn_cannot_be_drawn_again(run, week):
    done = pairing("replay", "--team", "Juniper", "--week", week)
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_round_from_before_pools_were_kept_says_so(app, run):
    run("--team", "Juniper", "--week", WEEK)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Round).values(pool=None))
    done = pairing("replay", "--team", "Juniper", "--week", WEEK)
    assert (done.exit_code, "cannot be drawn again" in done.stderr) == (2, True)


def test_the_forecast_says_four_rounds_and_the_bound(app, run):
    before = counted(app)
    done = pairing("forecast", "--team", "Juniper")
    assert done.exit_code == 0, done.output
    assert all(f"2026-W{number}" in done.output for number in range(48, 52))
    assert "Wei would be left out" in done.output
    assert "Your roster lasts 2 rounds without a repeat" in done.output
    assert counted(app) == before


def test_a_group_is_named_and_an_unknown_one_lists_those_there_are(run):
    done = run("--team", "Juniper", "--group", "Everyone", "--week", WEEK, "--dry-run")
    assert done.exit_code == 0
    unknown = run("--team", "Juniper", "--group", "Nobody", "--week", WEEK, "--dry-run")
    assert (unknown.exit_code, "It has: Everyone" in unknown.stderr) == (2, True)


def test_on_friday_nobody_is_booked_with_hours_to_go_unless_asked(app, run, clock_at):
    clock_at(datetime(2026, 11, 27, 9, tzinfo=UTC))
    late = run("--team", "Juniper", "--week", WEEK)
    assert (late.exit_code, "--soon" in late.stderr) == (2, True)
    assert counted(app)[0] == 0
    asked = run("--team", "Juniper", "--week", WEEK, "--soon")
    assert (asked.exit_code, counted(app)[0]) == (0, 1)
