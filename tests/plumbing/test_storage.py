"""The same promises from a folder and from S3, the latter spoken to a real server process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from critique.config import Settings
from critique.plumbing.storage import NoSuchFile, StorageFailed, open_storage
from critique.plumbing.storage.folder import FolderStorage

KEY = "walkthroughs/17/playable-1-1.mp4"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """moto's server on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def s3_settings(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"critique-{os.urandom(4).hex()}"
    settings = Settings(
        data=tmp_path,
        database_url="sqlite://",
        base_url="http://localhost",
        secret_key="test",
        s3_bucket=bucket,
        s3_endpoint=s3_server,
    )
    made = open_storage(settings)
    made.client.create_bucket(Bucket=bucket)
    made.client.close()
    return settings


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "folder":
        yield FolderStorage(tmp_path / "files")
        return
    made = open_storage(request.getfixturevalue("s3_settings"))
    yield made
    made.client.close()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording"
    path.write_bytes(b"first version")
    return path


def test_what_is_put_can_be_had_back_and_removed(storage, recording, tmp_path):
    assert storage.size(KEY) is None
    storage.put(KEY, recording, "video/mp4")
    assert recording.exists(), "the file stays where it was"
    assert storage.size(KEY) == 13
    assert storage.read(KEY) == b"first version"
    storage.fetch(KEY, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"first version"
    storage.delete(KEY)
    storage.delete(KEY)
    assert storage.size(KEY) is None


def test_a_second_put_replaces_the_first(storage, recording, tmp_path):
    storage.put(KEY, recording, "video/mp4")
    second = tmp_path / "second"
    second.write_bytes(b"second")
    storage.put(KEY, second, "video/mp4")
    assert storage.read(KEY) == b"second"


def test_several_parts_arrive_as_one_file(storage, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(os.urandom(1024 * 1024) * 19)
    storage.put(KEY, large, "video/mp4")
    storage.fetch(KEY, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == large.read_bytes()


def test_what_is_not_there_is_a_permanent_failure_in_words(storage, tmp_path):
    for act in (lambda: storage.read(KEY), lambda: storage.fetch(KEY, tmp_path / "x")):
        with pytest.raises(NoSuchFile) as failure:
            act()
        assert failure.value.permanent
        assert "admin" in failure.value.sentence


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "A/b", "a b", "a\n", "a" * 201],
)
def test_no_key_leads_out_of_the_storage(storage, recording, key):
    for act in (
        lambda: storage.put(key, recording, "video/mp4"),
        lambda: storage.read(key),
        lambda: storage.size(key),
        lambda: storage.local_path(key),
        lambda: storage.delete(key),
    ):
        with pytest.raises(ValueError, match="not a storage key"):
            act()


def test_a_folder_serves_itself_and_gives_no_links(tmp_path, recording):
    storage = FolderStorage(tmp_path / "files")
    storage.put(KEY, recording, "video/mp4")
    assert storage.local_path(KEY) == tmp_path / "files" / KEY
    assert storage.link(KEY, content_type="video/mp4", filename=None, seconds=60) is None
    with pytest.raises(NoSuchFile):
        storage.local_path("walkthroughs/18/poster-1-1.jpg")


def test_a_folder_that_cannot_be_written_is_a_transient_failure(tmp_path, recording):
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StorageFailed) as failure:
        FolderStorage(tmp_path / "files").put(KEY, recording, "video/mp4")
    assert not failure.value.permanent
    assert failure.value.status == 503


def test_a_failed_put_leaves_nothing_behind(tmp_path):
    storage = FolderStorage(tmp_path / "files")
    with pytest.raises(NoSuchFile):
        storage.put(KEY, tmp_path / "missing", "video/mp4")
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_s3_links_say_type_and_name_and_live_five_minutes_at_most(s3_settings, recording):
    storage = open_storage(s3_settings)
    storage.put(KEY, recording, "application/octet-stream")
    link = storage.link(
        KEY, content_type="application/octet-stream", filename='a "b"\r\nX: y ü.mp4', seconds=9999
    )
    assert "X-Amz-Expires=300" in link
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"first version"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X"] is None
    storage.client.close()


def test_an_s3_that_is_not_there_is_transient_and_a_missing_bucket_is_permanent(
    s3_settings, recording
):
    from dataclasses import replace

    missing = open_storage(replace(s3_settings, s3_bucket="no-such-bucket"))
    with pytest.raises(StorageFailed) as failure:
        missing.put(KEY, recording, "video/mp4")
    assert failure.value.permanent
    missing.client.close()
    away = open_storage(replace(s3_settings, s3_endpoint="http://127.0.0.1:9"))
    with pytest.raises(StorageFailed) as failure:
        away.size(KEY)
    assert not failure.value.permanent
    away.client.close()
