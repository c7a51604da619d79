"""The mail door itself, open on a port of this machine, and letters as mail programs send them."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from critique.activity.addresses import reply_address
from critique.comments.models import Comment, Reply
from critique.comments.operations import add_comment
from critique.letters.door import Door, opened
from critique.letters.models import IncomingLetter
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import Room, make_room
from tests.conftest import load_person
from tests.journeys.processes import free_port
from tests.people import Cast

QUOTE = """

On Mon, Nov 23, 2026 at 9:00 AM Critique <critique@example.com>
wrote:

> Your move: Oliver wrote about Checkout.
>
> Too heavy.
"""


def listen(app: Flask, monkeypatch: pytest.MonkeyPatch, scheme: str = "smtp") -> str:
    """Let the settings name a door on a free port; gives its address."""
    url = f"{scheme}://127.0.0.1:{free_port()}"
    known = app.extensions["critique_settings"]
    changed = replace(known, mail_door=url, reply_domain="reply.example.com")
    monkeypatch.setitem(app.extensions, "critique_settings", changed)
    return url


@contextmanager
def standing_open(app: Flask) -> Iterator[None]:
    """The door on a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(opened(Door(app)), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


@pytest.fixture
def door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an open SMTP door."""
    url = listen(app, monkeypatch)
    with standing_open(app):
        yield url


@pytest.fixture
def room(app: Flask, cast: Cast) -> Room:
    with app.app_context(), transaction():
        return make_room(cast.team, cast.maya)


@pytest.fixture
def comment(app: Flask, cast: Cast, room: Room) -> int:
    """What Oliver said, and Maya answers by mail."""
    with app.app_context(), transaction():
        return add_comment(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            body="Too heavy.",
            start_ms=1000,
        ).id


@pytest.fixture
def reply_to(app: Flask, cast: Cast, comment: int, door: str) -> str:
    """The address that Maya answers Oliver's comment at."""
    with app.app_context():
        address = reply_address(cast.maya, comment)
    assert address is not None
    return address


def letter(text: str | None = None, **more: Any) -> EmailMessage:
    """A letter of Maya's; `more` are headers, `_` for `-`."""
    message = EmailMessage()
    headers = {"From": "Maya <maya@example.com>", "Subject": "Re: Oliver wrote", **more}
    said = f"{text}{sorted(headers.items())}"
    headers.setdefault("Message_ID", f"<{hashlib.sha256(said.encode()).hexdigest()}@example.com>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text)
    return message


def hand_in(
    url: str, to: str, message: EmailMessage | bytes, sender: str = "maya@example.com"
) -> None:
    """What a mail server does; raises what smtplib raises when it is refused."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    kind = smtplib.LMTP if url.startswith("lmtp:") else smtplib.SMTP
    host, port = url.split("//")[1].split(":")
    with kind(host, int(port), timeout=20) as server:
        server.sendmail(sender, [to], raw)


@pytest.fixture
def send(door: str, reply_to: str, run_jobs: Callable[[], list[str]]) -> Callable[..., None]:
    """Hand a letter in at the door, and let the worker do the rest."""

    def sent(message: EmailMessage | bytes, **more: Any) -> None:
        hand_in(door, more.pop("to", reply_to), message, **more)
        run_jobs()

    return sent


@pytest.fixture
def posted(app: Flask, comment: int) -> Callable[[], list[str]]:
    """Bodies of the replies to the comment."""

    def read() -> list[str]:
        with app.app_context():
            rows = sa.select(Reply.body).where(Reply.comment_id == comment).order_by(Reply.id)
            return list(db.session.scalars(rows))

    return read


@pytest.fixture
def incoming(app: Flask) -> Callable[[], list[IncomingLetter]]:
    """Rows of letters that came in."""

    def read() -> list[IncomingLetter]:
        with app.app_context():
            rows = list(db.session.scalars(sa.select(IncomingLetter).order_by(IncomingLetter.id)))
            db.session.expunge_all()
            return rows

    return read


@pytest.fixture
def written(app: Flask) -> Callable[[], list[Letter]]:
    """Letters that Critique wrote."""

    def read() -> list[Letter]:
        with app.app_context():
            rows = list(db.session.scalars(sa.select(Letter).order_by(Letter.id)))
            db.session.expunge_all()
            return rows

    return read


def the_comment(comment_id: int) -> Comment:
    """The comment in the current session."""
    return db.session.get_one(Comment, comment_id)
