"""Commands about speech models."""

from __future__ import annotations

import click

from critique.config import settings_from_environment
from critique.media.errors import MediaError
from critique.media.speech.fetch import fetch as fetch_model


@click.group()
def speech() -> None:
    """Speech recognition."""


@speech.command()
@click.argument("model", default="small")
def fetch(model: str) -> None:
    """Fetch a Whisper MODEL once (tiny, base, small, medium, large-v3), to be used from then on."""
    folder = settings_from_environment().models
    try:
        path = fetch_model(model, folder)
    except MediaError as error:
        raise click.ClickException(error.sentence) from None
    click.echo(f"{model} is at {path}. New transcripts are written with it.")


COMMANDS = (speech,)
