"""Commands about letters that could not be sent."""

from __future__ import annotations

import click
import sqlalchemy as sa

from critique.accounts.operations import let_letter_go, try_letter_again
from critique.accounts.parked import kind_words
from critique.cli.people import refusals
from critique.factory import create_app
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import snapshot, transaction

PARKED = sa.select(Letter).where(Letter.parked_at.is_not(None)).order_by(Letter.id)


@click.group()
def mail() -> None:
    """Letters that the mail server did not take."""


@mail.command()
def parked() -> None:
    """List them: number, kind, to whom, since when, why."""
    with refusals(), create_app().app_context(), snapshot():
        for letter in db.session.scalars(PARKED):
            since = f"{letter.parked_at:%Y-%m-%d %H:%M}" if letter.parked_at else ""
            click.echo(f"{letter.id}  {kind_words(letter)}  {letter.to_address}  {since}")
            click.echo(f"    {letter.failure}")


@mail.command()
@click.argument("number", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="All of them.")
def retry(number: int | None, *, everything: bool) -> None:
    """Have one of them, or all, tried again for 48 hours."""
    if (number is None) != everything:
        raise click.UsageError("Name one letter by its number, or say --all.")
    with refusals(), create_app().app_context(), transaction():
        letters = _parked(number)
        for letter in letters:
            try_letter_again(by=None, letter=letter)
        click.echo(f"{len(letters)} tried again.")


@mail.command()
@click.argument("number", type=int)
def drop(number: int) -> None:
    """Let one of them go for good."""
    with refusals(), create_app().app_context(), transaction():
        [letter] = _parked(number)
        let_letter_go(by=None, letter=letter)
        click.echo(f"The letter to {letter.to_address} is dropped.")


def _parked(number: int | None) -> list[Letter]:
    chosen = PARKED if number is None else PARKED.where(Letter.id == number)
    letters = list(db.session.scalars(chosen.with_for_update()))
    if number is not None and not letters:
        raise NotFound(f"No letter {number} is parked. Nothing was changed.")
    return letters


COMMANDS = (mail,)
