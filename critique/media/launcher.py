"""Runs as its own tiny program: put limits on itself, then become the real command.

Started with `python -I -S launcher.py LIMITS COMMAND...` instead of `preexec_fn`, which can
deadlock in a process that has threads (warning in the standard library's `subprocess` page).
Imports the standard library only, so that it starts in about 15 ms.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def limit(kind: int, value: int) -> None:
    """Lower one limit; never ask for more than the hard limit already allows."""
    hard = resource.getrlimit(kind)[1]
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies; harmless where that is unknown."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def main() -> None:
    """Read the limits (JSON) from the first argument and become the command that follows."""
    limits = json.loads(sys.argv[1])
    die_with_parent(limits["parent"])
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, limits["output_bytes"])
    limit(resource.RLIMIT_CPU, limits["cpu_seconds"])
    # Python ignores these two, and what is ignored stays ignored across exec.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.nice(10)
    limit(resource.RLIMIT_AS, limits["memory_bytes"])
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main()
