"""Which ffmpeg to run."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg

# The first major version whose `-fps_mode` and `-max_alloc` behave as our commands rely on.
OLDEST_MAJOR = 5


def ffmpeg_path() -> str:
    """Absolute path of an ffmpeg: `CRITIQUE_FFMPEG`, else a recent one on PATH, else the wheel's.

    Raises FileNotFoundError when `CRITIQUE_FFMPEG` names no executable file.
    """
    return _find(os.environ.get("CRITIQUE_FFMPEG"), shutil.which("ffmpeg"))


@functools.cache
def _find(chosen: str | None, on_path: str | None) -> str:
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise FileNotFoundError("CRITIQUE_FFMPEG names no program that can be run")
        return str(Path(found).absolute())
    if on_path and _major(on_path) >= OLDEST_MAJOR:
        return str(Path(on_path).absolute())
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _major(program: str) -> int:
    """Read the major version; a build without a release number counts as too old."""
    try:
        told = subprocess.run(  # noqa: S603 - the program an operator put on PATH
            [program, "-version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.match(r"ffmpeg version n?(\d+)\.", told)
    return int(match[1]) if match else 0
