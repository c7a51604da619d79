"""Bytes on their way in: on disk before they are acknowledged, hashed as they come.

One file an upload, one writer at a time. The file may hold more than was acknowledged (a kill came
between the two); whatever lies beyond the acknowledged offset is cut off and asked for again.
"""

from __future__ import annotations

import base64
import errno
import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from werkzeug.exceptions import ClientDisconnected

from critique.plumbing.errors import Conflict, CritiqueError, Unavailable

READ_BYTES = 64 * 1024
# At most this much is sent again when the server is killed in the middle of one long request.
DURABLE_BYTES = 8 * 1024 * 1024
HASHES_KEPT = 256
STALE_SECONDS = 3600
CHECKSUMS: dict[str, Callable[[], hashlib._Hash]] = {
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}

FULL = (
    "The disk of this Critique is nearly full, so no more of this recording was taken. What came "
    "before is kept, and you can still write comments. Tell your admin, then resume the upload."
)


class ChecksumMismatch(CritiqueError):
    """The bytes are not the ones that were sent (tus: 460)."""

    status = 460
    code = "checksum_mismatch"
    title = "Damaged on the way"


class Body(Protocol):
    """What bytes are read from; raises OSError or ClientDisconnected when the line is cut."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


@dataclass(frozen=True)
class Checksum:
    """What the client says its bytes hash to."""

    algorithm: str
    digest: bytes

    @classmethod
    def from_header(cls, value: str) -> Checksum:
        """Read `Upload-Checksum: sha1 <base64>`. Raises ValueError."""
        name, _, encoded = value.partition(" ")
        if name not in CHECKSUMS:
            raise ValueError(f"Use one of: {', '.join(CHECKSUMS)}.")
        return cls(name, base64.b64decode(encoded, validate=True))


class Spool:
    """The folder of unfinished uploads, and the running SHA-256 of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hashes: OrderedDict[str, tuple[int, hashlib._Hash]] = OrderedDict()
        self._guard = threading.Lock()

    def path(self, upload_id: str) -> Path:
        """Where the bytes of an upload lie."""
        return self.folder / f"{upload_id}.part"

    def room(self) -> int:
        """Free bytes of the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free

    @contextmanager
    def writing(self, upload_id: str) -> Iterator[Tray]:
        """The only writer of this upload. Raises Conflict (423) while there is another one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path(upload_id).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    "This upload is being sent from another tab or connection. Nothing is lost; "
                    "wait for that one, or close it and resume here.",
                    status=423,
                    code="locked",
                    headers={"Retry-After": "2"},
                ) from None
            with self.path(upload_id).open("r+b") as file:
                yield Tray(self, upload_id, file)

    def remove(self, upload_id: str) -> None:
        """Forget the bytes of an upload."""
        with self._guard:
            self._hashes.pop(upload_id, None)
        self.path(upload_id).unlink(missing_ok=True)

    def leftovers(self) -> list[str]:
        """Ids of the uploads whose bytes nobody touched for an hour."""
        before = time.time() - STALE_SECONDS
        found = self.folder.glob("*.part") if self.folder.is_dir() else ()
        return [path.stem for path in found if path.stat().st_mtime < before]

    def hash_at(self, upload_id: str, offset: int) -> hashlib._Hash:
        """The running SHA-256 of the first `offset` bytes; read again after a restart."""
        with self._guard:
            known = self._hashes.get(upload_id)
        if known and known[0] == offset:
            return known[1].copy()
        return _hash_prefix(self.path(upload_id), offset)

    def keep_hash(self, upload_id: str, offset: int, running: hashlib._Hash) -> None:
        """Remember the running hash for the next request."""
        with self._guard:
            self._hashes[upload_id] = (offset, running.copy())
            self._hashes.move_to_end(upload_id)
            while len(self._hashes) > HASHES_KEPT:
                self._hashes.popitem(last=False)


class Tray:
    """One upload, held by one writer."""

    def __init__(self, spool: Spool, upload_id: str, file: IO[bytes]) -> None:
        self._spool = spool
        self._id = upload_id
        self._file = file
        self.sha256 = ""

    def receive(
        self, body: Body, offset: int, length: int, checksum: Checksum | None = None
    ) -> Iterator[int]:
        """Take bytes from `offset` on, up to `length`; yield each offset that is safe on disk.

        A connection that breaks ends it quietly: what arrived is kept, except under a checksum,
        which cannot be proven for a part. Raises ChecksumMismatch, and Unavailable (507) when the
        disk is full.
        """
        running = self._spool.hash_at(self._id, offset)
        proof = CHECKSUMS[checksum.algorithm]() if checksum else None
        self._file.truncate(offset)
        self._file.seek(offset)
        at = safe = offset
        for chunk in _chunks(body, length - offset):
            self._write(chunk)
            running.update(chunk)
            if proof:
                proof.update(chunk)
            at += len(chunk)
            if proof is None and at - safe >= DURABLE_BYTES and at < length:
                safe = self._make_durable(at, running)
                yield at
        if proof and checksum and proof.digest() != checksum.digest:
            self._file.truncate(offset)
            raise ChecksumMismatch(
                "These bytes were damaged on the way. They were thrown away and nothing else was "
                "changed; send them once more."
            )
        self._make_durable(at, running)
        self.sha256 = running.hexdigest()
        yield at

    def _write(self, chunk: bytes) -> None:
        try:
            self._file.write(chunk)
        except OSError as failure:
            raise _full(failure) from failure

    def _make_durable(self, at: int, running: hashlib._Hash) -> int:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as failure:
            raise _full(failure) from failure
        self._spool.keep_hash(self._id, at, running)
        return at


def disk_full() -> Unavailable:
    """The disk is nearly full (507)."""
    return Unavailable(FULL, status=507, code="disk_full")


def _full(failure: OSError) -> Exception:
    return disk_full() if failure.errno in (errno.ENOSPC, errno.EDQUOT) else failure


def _chunks(body: Body, room: int) -> Iterator[bytes]:
    while room > 0:
        try:
            chunk = body.read(min(READ_BYTES, room))
        except (OSError, ClientDisconnected):
            return
        if not chunk:
            return
        room -= len(chunk)
        yield chunk


def _hash_prefix(path: Path, length: int) -> hashlib._Hash:
    running = hashlib.sha256()
    with path.open("rb") as file:
        while length > 0 and (chunk := file.read(min(1024 * 1024, length))):
            running.update(chunk)
            length -= len(chunk)
    return running
