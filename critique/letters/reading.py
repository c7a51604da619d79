"""Reading a letter in a process of its own: a hostile one costs seconds, never the worker."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass

from critique.media import sandbox
from critique.media.errors import MediaError

READ_SECONDS = 20
MEMORY_BYTES = 1024**3
ANSWER_BYTES = 4_000_000


class Unreadable(Exception):
    """The letter is no mail that can be read, or reading it took more than is allowed."""


@dataclass(frozen=True)
class Reading:
    """What a letter says.

    `writer` is the address in From, None unless there is exactly one. `machine` says by which sign
    no person wrote it. `words` are the writer's own, without quotes and signature. `files` are the
    names of what came along, `calendar` the text of a calendar part. `results` are the values of
    Authentication-Results, newest first.
    """

    writer: str | None
    machine: str | None
    message_id: str | None
    words: str
    files: tuple[str, ...]
    calendar: str | None
    results: tuple[str, ...]

    def as_json(self) -> str:
        """As the reading process says it."""
        return json.dumps(asdict(self))


def read_apart(raw: bytes, mail_from: str) -> Reading:
    """Read a letter within 20 s and 1 GB. Raises Unreadable."""
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        file.write(raw)
        file.flush()
        command = [sys.executable, "-m", "critique.letters.reader", file.name, mail_from]
        try:
            answer = sandbox.run(
                command,
                timeout_s=READ_SECONDS,
                max_output_bytes=ANSWER_BYTES,
                memory_bytes=MEMORY_BYTES,
            )
        except MediaError as error:
            raise Unreadable from error
    said = json.loads(answer)
    return Reading(**{**said, "files": tuple(said["files"]), "results": tuple(said["results"])})
