"""The mail door: an SMTP or LMTP server that takes letters to addresses Critique wrote itself.

A letter is acknowledged once its row is committed, and only then. A sender who heard nothing (the
process was killed, the line was cut) sends again, and the row's `once` makes that harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from critique.config import MB, Settings
from critique.letters.envelope import goes_round
from critique.letters.kinds import registry
from critique.letters.mailbox import known_address
from critique.letters.operations import keep_letter
from critique.plumbing.errors import TooMany
from critique.plumbing.transaction import transaction

LARGEST_LETTER = 10 * MB
# Behind a mail server there are a few at a time; each may hold the largest letter in memory.
MOST_CONNECTIONS = 32
FINISH_SECONDS = 5
GOODBYE_SECONDS = 0.1
# RFC 5321 wants 1,000; some programs that write HTML are not as careful.
LONGEST_LINE = 100_000

TOO_LARGE = (
    f"552 5.3.4 Letters of more than {LARGEST_LETTER // MB} MB are not taken. Nothing was posted; "
    "send your words without the files."
)
UNKNOWN = (
    "550 5.1.1 This address takes no letters. Answer the mail itself, with the address it gives."
)
ONE_BY_ONE = "452 4.5.3 One address at a time; send the letter again to each of the others."
ROUND = "554 5.4.6 This letter was passed on too often; it goes round in a circle."
TOO_MANY = "452 4.7.0 Too many letters to this address within an hour; send it again later."
NOT_KEPT = "451 4.3.0 The letter could not be kept just now. Nothing was lost; send it again later."
KEPT = "250 2.0.0 The letter is kept and will be read."
BUSY = b"421 4.3.2 Too many connections at once; come again in a minute.\r\n"

log = logging.getLogger(__name__)


class Door:
    """What the server asks: whether an address is known, and to keep a letter."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.extensions["critique_settings"]
        self.guests = 0
        self.keeping = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        recipient: str,
        _options: list[str],
    ) -> str:
        """Let only addresses through that carry our signature."""
        address = known_address(recipient, self.settings)
        if address is None or address.kind not in registry:
            return UNKNOWN
        if envelope.rcpt_tos:
            # One row and one answer a letter: LMTP would want an answer for each recipient.
            return ONE_BY_ONE
        envelope.rcpt_tos.append(recipient)
        return "250 2.1.5 Go on."

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter; what is answered is true whatever happens afterwards."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        if goes_round(raw):
            return ROUND
        self.keeping += 1
        self.idle.clear()
        try:
            # Not on the loop: other senders must not wait for the database.
            return await asyncio.to_thread(
                self._keep, envelope.rcpt_tos[0], envelope.mail_from or "", raw
            )
        finally:
            self.keeping -= 1
            if not self.keeping:
                self.idle.set()

    async def handle_exception(self, error: Exception) -> str:
        """Tell the sender to come again, and nothing of what went wrong."""
        log.error("The mail door failed.", exc_info=error)
        return NOT_KEPT

    def _keep(self, recipient: str, mail_from: str, raw: bytes) -> str:
        address = known_address(recipient, self.settings)
        assert address is not None
        try:
            with self.app.app_context(), transaction():
                keep_letter(address=address, recipient=recipient, mail_from=mail_from, raw=raw)
        except TooMany:
            return TOO_MANY
        except Exception:
            # Whatever it was, the row is not there, so the sender must keep the letter.
            log.exception("A letter could not be kept.")
            return NOT_KEPT
        return KEPT


class Manners:
    """What every protocol here does: sentences for people, and not too many guests at once."""

    event_handler: Door
    line_length_limit = LONGEST_LINE

    async def push(self, status: Any) -> None:
        """Say something; aiosmtpd has no hook for what it says about size."""
        if isinstance(status, str) and status.startswith("552 "):
            status = TOO_LARGE
        await super().push(status)  # type: ignore[misc]

    def connection_made(self, transport: Any) -> None:
        """Greet, unless there are too many already."""
        self.event_handler.guests += 1
        if self.event_handler.guests > MOST_CONNECTIONS:
            transport.write(BUSY)
            transport.close()
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for the next."""
        self.event_handler.guests -= 1
        super().connection_lost(error)  # type: ignore[misc]


class SmtpDoor(Manners, SMTP):
    """SMTP, as mail servers pass letters on to each other (RFC 5321)."""


class LmtpDoor(Manners, LMTP):
    """LMTP, as a mail server hands a letter over for good (RFC 2033)."""


def stand_open(app: Flask) -> None:
    """Take letters until SIGTERM or SIGINT. Raises OSError when the address cannot be had."""
    asyncio.run(_stand_open(app))


async def _stand_open(app: Flask) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    door = Door(app)
    server = await opened(door)
    await stop.wait()
    server.close()
    # A letter that is being kept is acknowledged still; who is cut off before that sends again.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(door.idle.wait(), FINISH_SECONDS)
    await asyncio.sleep(GOODBYE_SECONDS)


async def opened(door: Door) -> asyncio.Server:
    """The server, listening where the settings say, on the running loop."""
    assert door.settings.mail_door is not None
    url = urlsplit(door.settings.mail_door)
    protocol = LmtpDoor if url.scheme == "lmtp" else SmtpDoor
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: protocol(
            door,
            loop=loop,
            hostname=door.settings.reply_domain,
            ident="Critique",
            data_size_limit=LARGEST_LETTER,
            enable_SMTPUTF8=True,
        ),
        url.hostname,
        url.port or 0,
    )
