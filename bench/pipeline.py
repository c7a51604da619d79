"""From the last byte to playable, against re-encoding the same file; then each step by itself.

Run `python -m bench.pipeline`. The first table goes the whole way: web and worker as `critique run`
starts them, an upload by tus, the state asked for every 50 ms until it is `ready`. The rival is the
same recording re-encoded as facts demand where nothing can be copied (x264 veryfast CRF 23).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from tusclient.client import TusClient

from bench import recordings

MINUTES = 5
RUNS = 3
BIN = Path(sys.executable).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = {
            "H.264/AAC MP4 1080p": recordings.mp4(folder, MINUTES),
            "MediaRecorder WebM 720p": recordings.webm(folder, MINUTES),
        }
        for name, file in files.items():
            whole_way(name, file, folder)
        print("\nEach step by itself (seconds and peak memory of its processes)")
        for name, file in files.items():
            steps(name, file)


def whole_way(name: str, file: Path, folder: Path) -> None:
    """Print seconds from the last byte to `ready`, the budget, and the ratio to re-encoding."""
    waits = []
    for run in range(RUNS):
        # Anew each time: the words of the run before would still be listened to.
        with running(folder / f"{file.suffix}{run}") as (url, token):
            waits.append(last_byte_to_playable(file, url, token))
    encoded = measured("encode", file)["seconds"]
    budget = 1 + 0.02 * MINUTES
    print(
        f"{name}, {MINUTES} min: last byte to playable {median(waits):.2f} s"
        f" (budget {budget:.2f} s); re-encoded {encoded:.1f} s;"
        f" ratio 1 : {encoded / median(waits):.0f}"
    )


def last_byte_to_playable(file: Path, url: str, token: str) -> float:
    """Upload one recording and wait until it can be played, in seconds."""
    review = ask(url, token, "POST", "/api/v1/reviews", {"title": file.name})["id"]
    client = TusClient(f"{url}/uploads/", headers={"Authorization": f"Bearer {token}"})
    uploader = client.uploader(
        file_path=str(file), metadata={"review": str(review), "filename": file.name}
    )
    uploader.upload()
    began = time.perf_counter()
    while True:
        versions = ask(url, token, "GET", f"/api/v1/reviews/{review}")["walkthroughs"]
        if versions and versions[0]["state"] == "ready":
            return time.perf_counter() - began
        if versions and versions[0]["state"] == "failed":
            sys.exit(f"The walkthrough failed: {versions[0]['reason']}")
        time.sleep(0.05)


def steps(name: str, file: Path) -> None:
    """Print seconds and peak memory a minute of video for each step."""
    for step in ("probe", "playable", "poster", "sprite", "peaks", "transcript"):
        found = measured(step, file)
        print(
            f"  {name:<24} {step:<11} {found['seconds'] / MINUTES:7.3f} s a minute"
            f"  {found['megabytes']:6.0f} MB"
        )


def measured(step: str, file: Path) -> dict[str, float]:
    """Run one step in a process of its own, so that its peak memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.pipeline", step, str(file)], capture_output=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_step(step: str, file: Path) -> None:
    """Do one step and print its seconds and the largest process's peak memory as JSON."""
    from critique.media import render
    from critique.media.probe import probe
    from critique.media.speech.engines import POCKETSPHINX, transcribe

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        found = probe(file)
        voice = render.voice(file, folder / "voice.wav", found) if step == "transcript" else None
        work = {
            "probe": lambda: probe(file),
            "playable": lambda: render.playable(file, found, folder),
            "encode": lambda: encode(file, folder / "encoded.mp4"),
            "poster": lambda: render.poster(file, found, folder / "poster.jpg"),
            "sprite": lambda: render.sprite(file, found, folder),
            "peaks": lambda: render.peaks(file, found, folder / "peaks.json"),
            "transcript": lambda: transcribe(voice, POCKETSPHINX) if voice else None,
        }
        began = time.perf_counter()
        work[step]()
        seconds = time.perf_counter() - began
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"seconds": seconds, "megabytes": peak / 1024}))


def encode(file: Path, target: Path) -> None:
    """The rival: encode what could have been copied."""
    from critique.media.binary import ffmpeg_path

    subprocess.run(
        [ffmpeg_path(), "-v", "error", "-y", "-i", file, *recordings.ENCODED, target],
        check=True,
    )


@contextmanager
def running(data: Path) -> Iterator[tuple[str, str]]:
    """Critique with an empty database on a free port; gives its address and a token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "CRITIQUE_DATA": str(data), "CRITIQUE_DEMO": "0"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    argv = [str(BIN / "critique"), "run", "--port", str(port)]
    process = subprocess.Popen(argv, env=environment, **quiet)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url)
        add = ["people", "add", "bench@example.com", "--name", "Bench", "--team", "Bench"]
        rest = ["--role", "lead", "--timezone", "UTC", "--level", "mid"]
        subprocess.run([BIN / "critique", *add, *rest], env=environment, check=True, **quiet)
        issue = [BIN / "critique", "tokens", "issue", "bench@example.com"]
        token = subprocess.run(issue, env=environment, check=True, capture_output=True, text=True)
        yield url, token.stdout.strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_until_healthy(url: str) -> None:
    """Wait up to a minute for /healthz to answer 200."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("Critique did not start within a minute.")


def ask(url: str, token: str, method: str, path: str, body: object = None) -> Any:
    """One request to the API."""
    request = urllib.request.Request(
        url + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one_step(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
