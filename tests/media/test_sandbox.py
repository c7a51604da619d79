"""A child cannot outgrow its limits, and leaves nothing behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from critique.media import sandbox
from critique.media.errors import Broken, Exhausted

MEGABYTE = 1_000_000


def python(code: str, *, timeout_s: float = 20, output: Path | None = None, **limits: int) -> bytes:
    return sandbox.run(
        [sys.executable, "-I", "-c", code],
        timeout_s=timeout_s,
        output=output,
        **{"max_output_bytes": MEGABYTE, **limits},
    )


def test_answer_is_what_the_child_printed():
    assert python("print('heard')") == b"heard\n"


def test_time_is_up_for_the_whole_group(tmp_path):
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pids)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(Exhausted) as caught:
        python(code, timeout_s=2)
    assert time.monotonic() - started < 20
    assert not caught.value.permanent
    assert gone(int(pids.read_text()))


def gone(pid: int) -> bool:
    """Killed at once, though its new parent may take a moment to bury it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_memory_has_an_end():
    with pytest.raises(Exhausted):
        python("bytearray(2_000_000_000)", memory_bytes=1_000_000_000)


def test_output_has_an_end_and_is_removed(tmp_path):
    target = tmp_path / "big"
    code = f"f = open({str(target)!r}, 'wb')\nwhile True: f.write(bytes(100_000))"
    with pytest.raises((Exhausted, Broken)):
        python(code, output=target)
    assert not target.exists()


def test_printing_has_an_end():
    with pytest.raises((Exhausted, Broken)):
        python("while True: print('x' * 100_000)")


def test_failure_tells_people_nothing_about_the_machine(tmp_path):
    with pytest.raises(Broken) as caught:
        python(f"raise SystemExit('{tmp_path}/secret')")
    assert str(tmp_path) not in caught.value.sentence
    assert "secret" not in str(caught.value)


def test_success_without_the_promised_file_is_a_failure(tmp_path):
    with pytest.raises(Broken):
        python("pass", output=tmp_path / "nothing")


def test_secrets_of_the_environment_stay_outside(monkeypatch):
    monkeypatch.setenv("CRITIQUE_SECRET_KEY", "canary")
    assert b"canary" not in python("import os; print(dict(os.environ))")


def test_polite_and_without_a_core_dump():
    told = python(
        "import os, resource; print(os.nice(0), resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    assert told.split() == [str(min(19, os.nice(0) + 10)).encode(), b"0"]


def test_many_threads_may_run_children_at_once():
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(python(f"print({n})"))) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [f"{n}\n".encode() for n in range(6)]
