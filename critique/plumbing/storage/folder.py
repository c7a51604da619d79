"""Files in a folder: each appears whole, by one rename, and is on disk before that."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from critique.plumbing.storage.base import NoSuchFile, StorageFailed, checked


class FolderStorage:
    """Files under one folder on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, path: Path, content_type: str) -> None:  # noqa: ARG002 - S3's need
        """Link the file in (copy it across file systems), then rename it into place."""
        target = self.root / checked(key)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        with _failures():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                _link_or_copy(path, part)
                _to_disk(part)
                part.replace(target)
                _to_disk(target.parent)
            finally:
                part.unlink(missing_ok=True)

    def fetch(self, key: str, path: Path) -> None:
        """Copy the file out."""
        with _failures():
            shutil.copyfile(self.root / checked(key), path)

    def read(self, key: str) -> bytes:
        """The whole file."""
        with _failures():
            return (self.root / checked(key)).read_bytes()

    def local_path(self, key: str) -> Path | None:
        """The file itself. Raises NoSuchFile."""
        path = self.root / checked(key)
        if not path.is_file():
            raise NoSuchFile
        return path

    def link(
        self, key: str, *, content_type: str, filename: str | None, seconds: int
    ) -> str | None:
        """Nobody but us serves this folder."""
        del key, content_type, filename, seconds
        return None

    def size(self, key: str) -> int | None:
        """Size in bytes, None when it is not there."""
        path = self.root / checked(key)
        return path.stat().st_size if path.is_file() else None

    def delete(self, key: str) -> None:
        """Remove the file; empty folders above it stay."""
        with _failures():
            (self.root / checked(key)).unlink(missing_ok=True)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        # Another file system, or one without hard links.
        shutil.copyfile(source, target)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NoSuchFile from None
    except OSError as failure:
        raise StorageFailed(
            "The folder of files could not be used just now; it may be full. What was saved "
            "before is kept. Try again in a few minutes; if it stays, tell your admin."
        ) from failure
