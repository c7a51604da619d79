"""Recordings, made once a session by the same ffmpeg that plays them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from critique.media.binary import ffmpeg_path

Record = Callable[..., Path]

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=4")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")


def run_ffmpeg(*arguments: str) -> bytes:
    command = [ffmpeg_path(), "-v", "error", "-nostdin", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="session")
def record(recordings: Path) -> Record:
    """Make a file with ffmpeg once; `piped` leaves it as a stream leaves it, never seeked back."""

    def made(name: str, *arguments: str, piped: bool = False) -> Path:
        path = recordings / name
        if path.exists():
            return path
        if piped:
            path.write_bytes(run_ffmpeg(*arguments, "pipe:1"))
        else:
            run_ffmpeg(*arguments, str(path))
        return path

    return made


@pytest.fixture(scope="session")
def plain(record: Record) -> Path:
    return record("plain.mp4", *PICTURE, *TONE, *H264, "-c:a", "aac", "-shortest")


@pytest.fixture(scope="session")
def silent(record: Record) -> Path:
    return record("silent.mp4", *PICTURE, *H264)


@pytest.fixture(scope="session")
def recorded_vp8(record: Record) -> Path:
    codecs = ("-c:v", "libvpx", "-deadline", "realtime", "-g", "50", "-c:a", "libopus")
    return record("vp8.webm", *PICTURE, *TONE, *codecs, "-f", "webm", "-live", "1", piped=True)


@pytest.fixture(scope="session")
def recorded_vp9(record: Record) -> Path:
    codecs = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "50")
    sound = ("-c:a", "libopus", "-f", "webm", "-live", "1")
    return record("vp9.webm", *PICTURE, *TONE, *codecs, *sound, piped=True)


@pytest.fixture(scope="session")
def sound_only(record: Record) -> Path:
    return record("sound.m4a", *TONE, "-c:a", "aac")


@pytest.fixture(scope="session")
def sound_with_cover(record: Record, recordings: Path) -> Path:
    cover = record("cover.jpg", "-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1")
    attach = ("-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic")
    return record("cover.m4a", *TONE, "-i", str(cover), *attach, "-c:a", "aac", "-c:v", "copy")


@pytest.fixture(scope="session")
def rotated(record: Record, plain: Path) -> Path:
    return record("rotated.mp4", "-display_rotation", "90", "-i", str(plain), "-c", "copy")


@pytest.fixture(scope="session")
def variable(record: Record) -> Path:
    uneven = ("-vf", "select='not(mod(n,5))+lt(n,25)'", "-fps_mode", "vfr")
    return record("variable.mp4", *PICTURE, *uneven, *H264)


@pytest.fixture(scope="session")
def odd(record: Record) -> Path:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=321x181:rate=25:duration=2")
    return record("odd.mp4", *picture, "-c:v", "libx264", "-pix_fmt", "yuv444p", "-g", "25")


@pytest.fixture(scope="session")
def deep(record: Record) -> Path:
    """Ten-bit HEVC, as phones write it."""
    quiet = ("-x265-params", "log-level=error")
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", *quiet)
    return record("deep.mp4", *PICTURE, *TONE, *codec, "-c:a", "aac", "-shortest")


@pytest.fixture(scope="session")
def prores(record: Record) -> Path:
    return record("prores.mov", *PICTURE, "-c:v", "prores_ks", "-frames:v", "10")


@pytest.fixture(scope="session")
def late_sound(record: Record) -> Path:
    late = ("-itsoffset", "2", "-f", "lavfi", "-i", "sine=frequency=440:duration=2")
    return record("late.mp4", *PICTURE, *late, *H264, "-c:a", "aac")


@pytest.fixture(scope="session")
def far_keys(record: Record) -> Path:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=30:duration=16")
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "9999")
    return record("far.mp4", *picture, *codec)


@pytest.fixture(scope="session")
def endless(record: Record) -> Path:
    """Ten hours in a few kilobytes: one picture an hour."""
    picture = ("-f", "lavfi", "-i", "color=black:size=64x64:rate=1/3600", "-t", "36000")
    return record("endless.mp4", *picture, *H264)
