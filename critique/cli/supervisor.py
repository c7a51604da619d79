"""Web, worker and mail door: started together, started again when one dies, stopped together."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click

from critique.accounts.operations import setup_link
from critique.cli import tether
from critique.cli.tether import PARENT
from critique.config import Settings
from critique.demo.team import PASSWORD, seat_demo_team, seated_people
from critique.factory import create_app
from critique.plumbing import schema
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction

# Within this time both must answer, else the banner says where to look.
START_SECONDS = 30
# The parts themselves take 5 s at most to finish what they are at.
STOP_SECONDS = 10
CHECK_SECONDS = 0.5
# A part that ends sooner than this ends for a reason that a restart does not cure.
STEADY_SECONDS = 10
LONGEST_PAUSE = 30.0


def web_command(host: str, port: int, threads: int) -> list[str]:
    """Arguments behind `python -m` that answer web requests."""
    return [
        "gunicorn", "critique.factory:create_app()", "--config", tether.__file__,
        "--bind", f"{host}:{port}",
        "--worker-class", "gthread", "--workers", "1", "--threads", str(threads),
        "--timeout", "120", "--graceful-timeout", "5", "--keep-alive", "15",
        "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip


def run(settings: Settings, host: str, port: int, threads: int) -> None:
    """Run web and worker until Ctrl-C or SIGTERM; a second Ctrl-C does not wait for them.

    Raises ClickException, with nothing started, when the data folder or the port is in use.
    """
    with _alone(settings.data):
        _refuse_taken_port(host, port)
        link, people = _prepare(settings)
        stop = threading.Event()
        parts = [
            Part("web", [sys.executable, "-m", *web_command(host, port, threads)]),
            Part("worker", [sys.executable, "-m", "critique.cli", "worker"]),
        ]
        _listen_for_stop(stop, parts)
        try:
            for part in parts:
                part.start()
            health = f"http://{_reachable(host)}:{port}/healthz"
            if _wait_for(health, parts, stop):
                answers = _open_mail_door(settings, parts)
                _say_where(settings, health, link, people, answers)
            while not stop.wait(CHECK_SECONDS):
                _restart_dead(parts)
        finally:
            _end(parts)
            click.echo("Critique has stopped.")


def _prepare(settings: Settings) -> tuple[str | None, list[tuple[str, str]]]:
    """Migrate and seat the demo; gives the first admin's link and the demo people, if any."""
    app = create_app(settings)
    schema.upgrade(app)
    with app.app_context():
        if settings.demo:
            seat_demo_team(settings)
        with transaction():
            link = setup_link()
        with snapshot():
            people = seated_people() if settings.demo else []
        db.session.remove()
        db.engine.dispose()
    return link, people


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    path = data / "run.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise click.ClickException(
                f"Critique runs on {data} already (process {lock.read().strip() or 'unknown'}). "
                "Nothing was started; use that one, stop it first, or name another folder: "
                "make run CRITIQUE_DATA=..."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


class Part:
    """One child process that is kept alive."""

    def __init__(self, name: str, argv: list[str]) -> None:
        self.name = name
        self.argv = argv
        self.process: subprocess.Popen[bytes] | None = None
        self.started = self.died = 0.0
        self.pause = 1.0

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches it through us only."""
        self.started, self.died = time.monotonic(), 0.0
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            self.argv,
            start_new_session=True,
            env={**os.environ, PARENT: str(os.getpid())},
        )

    def restart_if_dead(self) -> None:
        """Start it again: the sooner it died, the more often, the longer the wait before."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        if not self.died:
            self.died = now
            lived = now - self.started
            self.pause = min(2 * self.pause, LONGEST_PAUSE) if lived < STEADY_SECONDS else 1
        if now < self.died + self.pause - 1:
            return
        click.echo(f"The {self.name} process ended ({self.process.returncode}); starting it again.")
        self.start()

    def stop(self) -> None:
        """Ask it to finish."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until it has finished; end it and its children at the deadline (monotonic)."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    def kill(self) -> None:
        """End it and its children at once."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)


def _listen_for_stop(stop: threading.Event, parts: list[Part]) -> None:
    def asked(*_: object) -> None:
        if stop.is_set():
            for part in parts:
                part.kill()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)


def _restart_dead(parts: list[Part]) -> None:
    for part in parts:
        part.restart_if_dead()


def _end(parts: list[Part]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        part.stop()
    for part in parts:
        part.wait(deadline)


def _open_mail_door(settings: Settings, parts: list[Part]) -> str | None:
    """Start taking answers to mails, if that is configured; the rest runs without it, too.

    Gives what to say about it.
    """
    if settings.mail_door is None or settings.reply_domain is None:
        return None
    url = urlsplit(settings.mail_door)
    refusal = _refusal_of(url.hostname or "", url.port or 0)
    if refusal is not None:
        return (
            f"The mail door stays shut: it cannot listen at {settings.mail_door} "
            f"({refusal.strerror}). All else runs; name another address with CRITIQUE_MAIL_DOOR."
        )
    door = Part("mail door", [sys.executable, "-m", "critique.cli", "mail-door"])
    door.start()
    parts.append(door)
    return f"Answers to mails come in at {settings.mail_door}"


def _refuse_taken_port(host: str, port: int) -> None:
    error = _refusal_of(host, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        raise click.ClickException(
            f"Port {port} is taken by another program. Nothing was started; "
            f"choose another one: make run PORT={port + 1}"
        )
    raise click.ClickException(
        f"Critique may not listen on {host}:{port} ({error.strerror}). Nothing was "
        "started; choose another address with --host, or a port above 1023."
    )


def _refusal_of(host: str, port: int) -> OSError | None:
    """Why nobody could listen there now; None when somebody could."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _reachable(host: str) -> str:
    """How this machine itself reaches what listens on `host`."""
    known = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound
    return known.get(host, f"[{host}]" if ":" in host else host)


def _wait_for(health: str, parts: list[Part], stop: threading.Event) -> bool:
    """Wait until everything answers, 30 s at most; False when a stop was asked for meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not stop.is_set() and not _answers(health):
        _restart_dead(parts)
        stop.wait(0.2)
    return not stop.is_set()


def _say_where(
    settings: Settings,
    health: str,
    link: str | None,
    people: list[tuple[str, str]],
    answers: str | None,
) -> None:
    click.echo(f"\nCritique is at {settings.base_url}   (Ctrl-C stops it)")
    if not _answers(health):
        click.echo(f"Not everything is up yet; {health} says what is missing.")
    if people:
        click.echo(f"Sign in as one of the demo team, password {PASSWORD}:")
        for address, words in people:
            click.echo(f"  {address:<24} {words}")
    if link:
        click.echo(f"Make the first admin with this one-time link:\n  {link}")
    if answers:
        click.echo(answers)
    if not settings.production:
        click.echo(f"Every mail can be read at {settings.base_url}/outbox")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
