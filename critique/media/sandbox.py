"""Run one untrusted piece of media work in a child that cannot outgrow its limits."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from critique.media.errors import Broken, Exhausted

GIGABYTE = 1024**3
LAUNCHER = Path(__file__).with_name("launcher.py")
PACKAGE_ROOT = Path(__file__).parents[2]
CPUS_USED = 2
DIAGNOSTICS_BYTES = 4_000

TOO_LONG = (
    "Working on this recording took longer than allowed and was stopped. The original is kept. "
    "Try again; if it stops again, upload a shorter or smaller version."
)
TOO_MUCH = (
    "Working on this recording needed more memory or disk than allowed and was stopped. The "
    "original is kept. Try again; if it stops again, upload a shorter or smaller version."
)
DAMAGED = (
    "This recording could not be read to its end; the file seems to be damaged. The original is "
    "kept. Export it again and upload it as a new version."
)
STARVED = ("Cannot allocate memory", "MemoryError", "bad_alloc", "No space left on device")


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    output: Path | None = None,
    max_output_bytes: int,
    memory_bytes: int = 3 * GIGABYTE,
) -> bytes:
    """Run `argv` (absolute program first) to its end and return what it wrote to stdout.

    The child gets its own process group, address space of `memory_bytes`, files (stdout among
    them) of at most `max_output_bytes` each, CPU time of twice `timeout_s`, no core dump, nice 10
    and a bare environment. After `timeout_s` seconds the whole group is killed. `output` is the
    file it should write: removed when the child fails, and required when it succeeds.

    Raises Exhausted when a limit was hit, Broken for any other failure.
    """
    limits = {
        "parent": os.getpid(),
        "output_bytes": max_output_bytes,
        "cpu_seconds": int(timeout_s * CPUS_USED) + 1,
        "memory_bytes": memory_bytes,
    }
    command = [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(limits), *argv]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            code = _wait(command, timeout_s, out, err)
            _judge(code, argv[0], _tail(err))
            _expect(output)
        except BaseException:
            if output is not None:
                output.unlink(missing_ok=True)
            raise
        out.seek(0)
        return out.read()


def _expect(output: Path | None) -> None:
    if output is not None and (not output.exists() or output.stat().st_size == 0):
        raise Broken(DAMAGED)


def _wait(command: list[str], timeout_s: float, out: IO[bytes], err: IO[bytes]) -> int:
    child = subprocess.Popen(  # noqa: S603 - no shell, and arguments made by us
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        env=_environment(),
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    )
    try:
        return child.wait(timeout_s)
    except subprocess.TimeoutExpired as expired:
        raise Exhausted(TOO_LONG) from expired
    finally:
        _kill_group(child)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what the child left behind too; a group that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _environment() -> dict[str, str]:
    """Only what a media program needs: no secrets, and no reason to ask the network."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": tempfile.gettempdir(),
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": str(CPUS_USED),
        "OPENBLAS_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
    }


def _tail(err: IO[bytes]) -> str:
    err.seek(0, os.SEEK_END)
    err.seek(max(0, err.tell() - DIAGNOSTICS_BYTES))
    return err.read().decode("utf-8", "replace")


def _judge(code: int, program: str, diagnostics: str) -> None:
    if code == 0:
        return
    logging.getLogger(__name__).warning(
        "%s ended with %s: %s", Path(program).name, code, diagnostics
    )
    if code == -signal.SIGXCPU:
        raise Exhausted(TOO_LONG)
    starved = any(sign in diagnostics for sign in STARVED)
    if code in (-signal.SIGKILL, -signal.SIGXFSZ) or starved:
        raise Exhausted(TOO_MUCH)
    raise Broken(DAMAGED)
