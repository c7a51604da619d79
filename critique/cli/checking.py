"""Commands that check: doctor and the audit chain."""

from __future__ import annotations

import os
import sys

import click

from critique.config import misread_settings, settings_from_environment
from critique.doctor import Finding, findings
from critique.events.record import first_broken_event
from critique.factory import create_app
from critique.plumbing.transaction import snapshot


@click.command()
def doctor() -> None:
    """List everything that is misconfigured or missing, at once, with the cure for each."""
    wrong = misread_settings(os.environ)
    try:
        # With the defaults instead, so that one wrong number does not hide the rest.
        readable = {name: value for name, value in os.environ.items() if name not in wrong}
        settings = settings_from_environment(readable)
    except OSError as error:
        raise click.ClickException(
            f"The data folder cannot be used ({error}). Point CRITIQUE_DATA to a folder this "
            "account may write to."
        ) from None
    found = [
        Finding("settings", "problem", sentence, f"Correct {name}, or unset it for the default.")
        for name, sentence in wrong.items()
    ] + findings(settings)
    for finding in found:
        mark = {"fine": "ok  ", "advice": "note", "problem": "MEND"}[finding.state]
        click.echo(f"{mark}  {finding.part:<12} {finding.words}")
        if finding.cure:
            click.echo(f"      {'':<12} -> {finding.cure}")
    sys.exit(1 if any(f.state == "problem" for f in found) else 0)


@click.group()
def audit() -> None:
    """The log of who did what."""


@audit.command()
def verify() -> None:
    """Check the chain of events from the first to the last."""
    with create_app().app_context(), snapshot():
        broken = first_broken_event()
    if broken is not None:
        raise click.ClickException(
            f"The log is broken at event {broken}: a row was changed or removed."
        )
    click.echo("The log is whole.")


COMMANDS = (doctor, audit)
