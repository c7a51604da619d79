"""Commands about people: add them to a team, say who is away or reports to whom; tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError

from critique.accounts.access import memberships_of
from critique.accounts.models import LEVELS, ROLES, Membership, Person
from critique.accounts.operations import add_absence, add_person, issue_token, set_reports_to
from critique.accounts.passwords import MIN_LENGTH, hash_password, matches
from critique.accounts.queries import credentials_of, person_by_email
from critique.factory import create_app
from critique.plumbing import schema
from critique.plumbing.calendar import spoken_days
from critique.plumbing.db import db
from critique.plumbing.errors import CritiqueError, Invalid, NotFound
from critique.plumbing.transaction import as_critique_error, snapshot, transaction


class Refusal(click.ClickException):
    """Said as one sentence; the exit code is 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Say it on standard error, without decoration."""
        click.echo(self.message, err=True, file=file)


@contextmanager
def refusals() -> Iterator[None]:
    """Say what was refused as one sentence with exit code 2."""
    try:
        yield
    except CritiqueError as error:
        raise Refusal(" ".join(error.fields.values()) or error.sentence) from None
    except (OperationalError, ProgrammingError) as error:
        known = as_critique_error(error)
        raise Refusal(known.sentence if known else str(error.orig)) from None
    except ValueError as error:
        raise Refusal(str(error)) from None


@contextmanager
def application(*, with_tables: bool = False) -> Iterator[None]:
    """The application's context; its connections are closed when the command is done.

    `with_tables` sets an empty database up first.
    """
    app = create_app()
    with app.app_context():
        try:
            if with_tables and not sa.inspect(db.engine).has_table("people"):
                schema.upgrade(app)
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@click.group()
def people() -> None:
    """People and their teams."""


@people.command("add")
@click.argument("email")
@click.option("--name", required=True, help="As others call them.")
@click.option("--team", required=True, help="Made when there is none of that name.")
@click.option("--role", type=click.Choice(ROLES), default="author", show_default=True)
@click.option("--timezone", default="UTC", show_default=True, help="Such as Europe/London.")
@click.option("--level", type=click.Choice(LEVELS), default="mid", show_default=True)
@click.option("--password", help="Without it they set one by the reset page.")
@click.option("--skill", "skills", multiple=True, help="May be given several times.")
@click.option(
    "--holidays",
    metavar="COUNTRY[-SUBDIVISION]",
    help="Whose public holidays are days off, such as DE or DE-BE; '' for none.",
)
def add(
    *,
    email: str,
    name: str,
    team: str,
    role: str,
    timezone: str,
    level: str,
    password: str | None,
    skills: tuple[str, ...],
    holidays: str | None,
) -> None:
    """Add somebody to a team; a repeat changes what differs."""
    with refusals():
        if password is not None and len(password) < MIN_LENGTH:
            raise Invalid(f"A password has at least {MIN_LENGTH} characters.")
        with application(with_tables=True):
            hashed = _hash_if_new(email, password)
            with transaction():
                person = add_person(
                    by=None,
                    email=email,
                    name=name,
                    team=team,
                    role=role,
                    zone=timezone,
                    level=level,
                    skills=skills or None,
                    password_hash=hashed,
                    holidays=holidays,
                )
                words = f"{person.name} <{person.email}> is in {team} as {role}."
    click.echo(words)


@people.command("away")
@click.argument("email")
@click.argument("first_day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("last_day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--words", default="", help="Shown to their teams.")
def away(*, email: str, first_day: datetime, last_day: datetime, words: str) -> None:
    """Enter days somebody is out of office, both included: 2026-12-21 2027-01-03."""
    with refusals(), application(), transaction():
        person, days = _known(email), (first_day.date(), last_day.date())
        add_absence(by=None, person=person, first_day=days[0], last_day=days[1], words=words)
        said = f"{person.name} is away {spoken_days(*days, today=days[0])}."
    click.echo(said)


@people.command("line")
@click.argument("email")
@click.argument("above", required=False)
@click.option("--team", "team_name", required=True, help="The team in which it is so.")
@click.option("--nobody", is_flag=True, help="They report to nobody there (any more).")
def line(*, email: str, above: str | None, team_name: str, nobody: bool) -> None:
    """Say whom somebody reports to, so that the two are not drawn for each other's coffee."""
    with refusals():
        if (above is None) != nobody:
            raise Invalid("Name who is above them, or say --nobody.")
        with application(), transaction():
            person, boss = _known(email), _known(above) if above else None
            member = _member(person, team_name)
            set_reports_to(
                by=None,
                team_id=member.team_id,
                membership_id=member.id,
                reports_to_id=boss.id if boss else None,
            )
            said = f"{person.name} reports to {boss.name if boss else 'nobody'} in {team_name}."
    click.echo(said)


def _member(person: Person, team_name: str) -> Membership:
    found = next((one for one in memberships_of(person) if one.team.name == team_name), None)
    if found is None:
        raise NotFound(f"{person.name} is in no team named {team_name!r}.")
    return found


def _known(email: str) -> Person:
    person = person_by_email(email)
    if person is None:
        raise NotFound(
            f"Nobody has the address {email}: add them with `critique people add` first."
        )
    return person


def _hash_if_new(email: str, password: str | None) -> str | None:
    """The hash to store; None when there is nothing to change, so that repeats change nothing."""
    if password is None:
        return None
    with snapshot():
        known = credentials_of(email)
    if known and known.password_hash and matches(password, known.password_hash):
        return None
    return hash_password(password)


@click.group()
def tokens() -> None:
    """Bearer tokens for programs."""


@tokens.command("issue")
@click.argument("email")
def issue(email: str) -> None:
    """Print a new token of this person; earlier ones go on working."""
    with refusals(), application(), transaction():
        token = issue_token(by=None, person=_known(email))
    click.echo(token)


COMMANDS = (people, tokens)
