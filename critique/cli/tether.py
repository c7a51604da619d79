"""Children that end with their parent: nobody is left behind to hold the port or run jobs.

Also gunicorn's configuration file: it ties its own two processes, and reads nothing else here.
"""

from __future__ import annotations

import os
from typing import Any

from critique.media.launcher import die_with_parent

# Who started this process and wants it to end with them: a process id.
PARENT = "CRITIQUE_PARENT"


def tie_to_parent() -> None:
    """End this process when the one named in the environment ends, however that comes about."""
    parent = os.environ.get(PARENT)
    if parent:
        die_with_parent(int(parent))


def on_starting(_server: Any) -> None:
    """Gunicorn's master, before it listens."""
    tie_to_parent()


def post_fork(server: Any, _worker: Any) -> None:
    """Gunicorn's worker: on its own it would go on answering for as long as requests last."""
    die_with_parent(server.pid)
