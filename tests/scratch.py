"""Where tests keep their files: in memory where there is room, so that no test waits for a disk.

`python -m tests.scratch` prints the folder.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED_BYTES = 4 * 1024**3


def folder() -> str:
    """The folder for everything that tests write."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= NEEDED_BYTES:
        return str(MEMORY)
    return tempfile.gettempdir()


if __name__ == "__main__":
    print(folder())  # noqa: T201 - that is what it is for
