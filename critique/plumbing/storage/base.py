"""What every storage can do, and the one way it fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from critique.plumbing.errors import Unavailable

LONGEST_KEY = 200
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")


class StorageFailed(Unavailable):
    """The storage did not do what it was asked; `permanent` decides whether a retry makes sense."""

    def __init__(self, sentence: str, *, permanent: bool = False) -> None:
        super().__init__(sentence, code="storage", headers={"Retry-After": "30"})
        self.permanent = permanent


class NoSuchFile(StorageFailed):
    """There is no file under this key."""

    def __init__(self) -> None:
        super().__init__(
            "This file is not in the storage any more. Everything else of this page is kept; "
            "tell your admin, who can bring it back from the backup.",
            permanent=True,
        )


class Storage(Protocol):
    """Files under keys such as `walkthroughs/17/poster-1.jpg`; sizes in bytes.

    Every method may raise StorageFailed, and ValueError for a key that could not be one of ours.
    None may be called while a transaction is open, `local_path` excepted.
    """

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Keep the bytes of `path` under `key`: durable and whole when it returns, or not at all.

        The file stays where it is; an older one under the same key is replaced.
        """
        ...

    def fetch(self, key: str, path: Path) -> None:
        """Write the file to `path`. Raises NoSuchFile."""
        ...

    def read(self, key: str) -> bytes:
        """The whole (small) file. Raises NoSuchFile."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Where the file lies on this machine, when it does: nothing is copied."""
        ...

    def link(
        self, key: str, *, content_type: str, filename: str | None, seconds: int
    ) -> str | None:
        """A link anybody may follow for `seconds`; None where files are served by ourselves.

        With `filename` the browser saves the file instead of showing it.
        """
        ...

    def size(self, key: str) -> int | None:
        """Size in bytes, None when there is no such file."""
        ...

    def delete(self, key: str) -> None:
        """Remove the file; one that is not there is fine."""
        ...


def checked(key: str) -> str:
    """The key, when it is one of ours: no way out of the folder, nothing a URL would bend.

    Raises ValueError.
    """
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError("This is not a storage key.")
    return key
