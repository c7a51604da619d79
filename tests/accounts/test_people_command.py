"""`critique people add` and `critique tokens issue`, as a program runs them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from critique.accounts.models import Absence, ApiToken, Membership, Person, Team
from critique.accounts.passwords import matches
from critique.cli import main
from critique.events.models import Event
from critique.plumbing import clock
from critique.plumbing.db import db


@pytest.fixture
def critique(app, settings, monkeypatch):
    """Run the command on this test's database."""
    monkeypatch.setenv("CRITIQUE_DATA", str(settings.data))
    monkeypatch.setenv("CRITIQUE_DATABASE_URL", settings.database_url)

    def run(*words):
        return CliRunner().invoke(main, words)

    return run


ADD = (
    "people", "add", "Ana@Example.com", "--name", "Ana", "--team", "T", "--role", "author",
    "--timezone", "America/Chicago", "--level", "junior",
)  # fmt: skip


def test_adding_makes_person_and_team_and_is_safe_to_repeat(app, critique):
    for _ in range(2):
        done = critique(
            *ADD, "--skill", "type", "--skill", "icons", "--password", "long enough it is"
        )
        assert done.exit_code == 0, done.output
    with app.app_context():
        ana = db.session.scalars(sa.select(Person)).one()
        assert (ana.email, ana.zone, ana.level) == ("ana@example.com", "America/Chicago", "junior")
        assert ana.skill_names == ["icons", "type"]
        assert ana.working_hours.zone == "America/Chicago"
        assert db.session.scalars(sa.select(Team)).one().zone == "America/Chicago"
        assert db.session.scalars(sa.select(Membership)).one().role == "author"
        verbs = db.session.scalars(sa.select(Event.verb).order_by(Event.id)).all()
        assert verbs == [
            "person.added",
            "team.created",
            "coffee_group.created",
            "membership.started",
        ]
        stored = ana.password_hash
        db.session.rollback()
        assert matches("long enough it is", stored)


def test_a_repeat_changes_what_differs(app, critique):
    critique(*ADD, "--skill", "type")
    done = critique(
        "people", "add", "ana@example.com", "--name", "Ana B", "--team", "T", "--role", "lead",
        "--timezone", "Europe/London", "--level", "mid",
    )  # fmt: skip
    assert done.exit_code == 0
    with app.app_context():
        ana = db.session.scalars(sa.select(Person)).one()
        assert (ana.name, ana.zone, ana.level) == ("Ana B", "Europe/London", "mid")
        assert ana.memberships[0].role == "lead"
        assert ana.skill_names == ["type"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("--timezone", "Mars/Base"), "There is no time zone 'Mars/Base'"),
        (("--name", " "), "A name is needed."),
        (("--password", "short"), "at least 10 characters"),
        (("--role", "king"), "king"),
        (("--holidays", "QQ"), "No holidays are known for 'QQ'"),
        (("--holidays", "DE-QQ"), "Germany has no part 'QQ'"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_exit_code_2(app, critique, change, sentence):
    refused = critique(*ADD, *change)
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    with app.app_context():
        assert db.session.scalars(sa.select(Person)).all() == []


def test_holidays_are_given_kept_and_taken_back(app, critique):
    def now_off():
        with app.app_context():
            return db.session.scalars(sa.select(Person)).one().working_hours.holidays

    for words, code in [((), ""), (("--holidays", "de-be"), "DE-BE"), ((), "DE-BE")]:
        assert critique(*ADD, *words).exit_code == 0
        assert now_off() == code
    critique(*ADD, "--holidays", "")
    assert now_off() == ""


def test_days_away_are_entered_for_somebody(app, critique):
    critique(*ADD)
    today = clock.now().date()
    first, last = (str(today + timedelta(days=days)) for days in (10, 12))
    done = critique("people", "away", "ana@example.com", first, last, "--words", "Moving")
    assert done.exit_code == 0, done.output
    with app.app_context():
        ana = db.session.scalars(sa.select(Person)).one()
        assert ana.working_hours.is_off(today + timedelta(days=11))
        assert db.session.scalars(sa.select(Absence)).one().words == "Moving"
    again = critique("people", "away", "ana@example.com", last, last)
    assert again.exit_code == 2
    assert "is taken off already" in again.stderr


def test_the_last_admin_is_not_added_away(critique):
    critique(*ADD, "--role", "admin")
    refused = critique(*ADD, "--role", "author")
    assert refused.exit_code == 2
    assert "last admin" in refused.stderr


def test_a_token_is_all_that_is_printed_and_it_opens_the_door(app, critique, client_of):
    critique(*ADD)
    first, second = (
        critique("tokens", "issue", "ana@example.com"),
        critique("tokens", "issue", "ANA@example.com"),
    )
    assert first.exit_code == second.exit_code == 0
    tokens = [done.stdout.strip() for done in (first, second)]
    assert first.stdout == tokens[0] + "\n"
    for token in tokens:
        header = {"Authorization": f"Bearer {token}"}
        assert client_of(None).get("/profile", headers=header).status_code == 200
    assert client_of(None).get(
        "/profile", headers={"Authorization": f"Bearer {tokens[0]}x"}
    ).status_code == 401  # fmt: skip
    with app.app_context():
        assert not set(tokens) & set(db.session.scalars(sa.select(ApiToken.digest)))


def test_a_token_for_nobody_is_refused(critique):
    refused = critique("tokens", "issue", "nobody@example.com")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Nobody has the address" in refused.stderr


def test_an_empty_folder_is_set_up_by_the_first_person(tmp_path, monkeypatch):
    monkeypatch.setenv("CRITIQUE_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.delenv("CRITIQUE_DATABASE_URL", raising=False)
    refused = CliRunner().invoke(main, ["tokens", "issue", "maya@example.com"])
    assert refused.exit_code == 2
    assert "critique migrate" in refused.stderr
    added = CliRunner().invoke(main, ADD)
    assert added.exit_code == 0, added.output


def test_whom_somebody_reports_to(app, cast, critique):
    done = critique("people", "line", "maya@example.com", "oliver@example.com", "--team", "Juniper")
    assert (done.exit_code, done.output) == (0, "Maya reports to Oliver in Juniper.\n")
    refused = [
        ("people", "line", "oliver@example.com", "maya@example.com", "--team", "Juniper"),
        ("people", "line", "maya@example.com", "rival@example.com", "--team", "Juniper"),
        ("people", "line", "rival@example.com", "maya@example.com", "--team", "Juniper"),
        ("people", "line", "maya@example.com", "--team", "Juniper"),
        ("people", "line", "nobody@example.com", "--nobody", "--team", "Juniper"),
    ]
    said = [critique(*words) for words in refused]
    assert [one.exit_code for one in said] == [2] * 5
    assert "circle" in said[0].stderr
    assert "in no team named 'Juniper'" in said[2].stderr
    assert critique(
        "people", "line", "maya@example.com", "--nobody", "--team", "Juniper"
    ).output == ("Maya reports to nobody in Juniper.\n")
    with app.app_context():
        lines = db.session.scalars(sa.select(Event).where(Event.verb == "membership.line_changed"))
        assert [one.actor_id for one in lines] == [None, None]
        db.session.rollback()
