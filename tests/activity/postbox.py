"""A mail server of a process of its own: it keeps, refuses, dawdles and hangs up as it is told.

It writes what it kept into a folder, one file a message, and reads what to do from a file there.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import select
import socket
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ORDERS = "orders"


class Box:
    """What one order says is done with the next message; then it is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = len(list(folder.glob("*.eml")))
        self.rude = False

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        orders = (self.folder / ORDERS).read_text().splitlines()
        order = orders.pop(0) if orders else "keep"
        (self.folder / ORDERS).write_text("\n".join(orders))
        if order.startswith(("4", "5")):
            return order
        self.number += 1
        (self.folder / f"{self.number:03}.eml").write_bytes(envelope.content)
        if order == "hang up":
            # Taken, but whoever sent it never hears so.
            server.transport.abort()
        if order == "dawdle":
            await asyncio.sleep(2)
        self.rude = order == "rude"
        return "250 Kept"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return "500 What?" if self.rude else "221 Bye"


class Postbox:
    """The process, from the test's side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        (folder / ORDERS).write_text("")

    def open(self) -> None:
        """Start the server; until then nothing answers at its address."""
        command = [sys.executable, "-m", "tests.activity.postbox", str(self.folder), str(self.port)]
        self.process = subprocess.Popen(command)
        # By number, not by the clock, which a test may have stopped.
        for _ in range(3000):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            select.select([], [], [], 0.01)
        raise AssertionError("The mail server did not start.")

    def order(self, *orders: str) -> None:
        """What to do with the next messages."""
        (self.folder / ORDERS).write_text("\n".join(orders))

    def kept(self) -> list[EmailMessage]:
        """What it took, in order."""
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(self.folder.glob("*.eml"))
        ]  # type: ignore[misc]

    def close(self) -> None:
        """Stop the server."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


if __name__ == "__main__":
    controller = Controller(Box(Path(sys.argv[1])), hostname="127.0.0.1", port=int(sys.argv[2]))
    controller.start()
    asyncio.new_event_loop().run_forever()
