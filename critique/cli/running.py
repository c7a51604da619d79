"""Commands that run Critique: migrate, serve, worker, run."""

from __future__ import annotations

import os
import sys

import click

from critique import worker as worker_process
from critique.cli.people import refusals
from critique.cli.tether import tie_to_parent
from critique.config import settings_from_environment
from critique.factory import create_app
from critique.plumbing import schema

# One process with many threads: an open player or poll holds a thread, not the site.
THREADS = 64


@click.command()
def migrate() -> None:
    """Bring the database to the current schema."""
    schema.upgrade(create_app())


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, envvar="PORT", help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Answer web requests until stopped."""
    from critique.cli import supervisor

    argv = [sys.executable, "-m", *supervisor.web_command(host, port, THREADS)]
    os.execv(sys.executable, argv)  # noqa: S606 - our own interpreter, no shell wanted


@click.command()
@click.option("--name", help="Stable name of this worker; default: this machine's name.")
def worker(name: str | None) -> None:
    """Run jobs until stopped; a running job is given time to finish."""
    tie_to_parent()
    with refusals():
        worker_process.run(create_app(), name)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, envvar="PORT", help="Port to listen on.")
def run(host: str, port: int) -> None:
    """Migrate, seat the demo team in an empty database, then run web and worker together."""
    from critique.cli import supervisor

    os.environ["PORT"] = str(port)
    settings = settings_from_environment()
    supervisor.run(settings, host, port, THREADS)


COMMANDS = (migrate, serve, worker, run)
