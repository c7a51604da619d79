"""The `critique` command: one group, its commands by topic in files beside this one.

A topic is imported when one of its commands is asked for: what needs no database starts at once.
"""

from __future__ import annotations

from importlib import import_module

import click

TOPICS = {
    "audit": "checking",
    "doctor": "checking",
    "mail": "mail",
    "mail-door": "letters",
    "migrate": "running",
    "pairing": "pairing",
    "people": "people",
    "placement": "placement",
    "run": "running",
    "serve": "running",
    "simulate": "simulate",
    "speech": "speech",
    "tokens": "people",
    "worker": "running",
}


class Topics(click.Group):
    """A group that knows the names of its commands, and where each of them is."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for the help."""
        return sorted({*TOPICS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name in TOPICS:
            offered = import_module(f"critique.cli.{TOPICS[cmd_name]}").COMMANDS
            return next((command for command in offered if command.name == cmd_name), None)
        return super().get_command(ctx, cmd_name)


@click.group(cls=Topics, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="critique")
def main() -> None:
    """Critique: mentorship and async design critique for remote teams."""
