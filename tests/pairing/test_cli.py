"""`critique pairing draw`, as somebody at a terminal uses it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

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
    assert counted(app)[0] == 0


def test_a_team_of_nobody(app, run):
    with app.app_context(), transaction():
        team("Empty")
    done = run("--team", "Empty", "--week", WEEK, "--dry-run")
    assert done.exit_code == 0
    assert "0 in" in done.output
