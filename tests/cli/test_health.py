"""`/healthz` when a part really goes away, and when it is back."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.factory import create_app
from critique.plumbing import clock, heartbeat
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from tests.conftest import on_postgres, on_sqlite, settings_for


def missing(app) -> tuple[int, list[str]]:
    answer = app.test_client().get("/healthz")
    return answer.status_code, answer.json["missing"]


def beat(app, seconds_ago: int = 0) -> None:
    with app.app_context(), transaction():
        db.session.merge(
            heartbeat.Worker(name="w1", seen_at=clock.now() - timedelta(seconds=seconds_ago))
        )


@on_sqlite
def test_a_worker_that_is_silent_for_20_seconds_is_missing(app):
    beat(app, 21)
    assert missing(app) == (503, ["worker"])
    beat(app, 15)
    assert missing(app) == (200, [])


@on_sqlite
def test_a_database_that_an_update_left_behind_is_missing_and_a_newer_one_is_not(app, cast):
    beat(app)
    for revision, found in (("0001", (503, ["database"])), ("9999", (200, []))):
        with app.app_context(), transaction():
            db.session.execute(
                sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision}
            )
        assert missing(app) == found


def test_what_a_missing_column_needs_is_told_and_it_is_not_called_busy(app, client_of, cast):
    client = client_of(cast.maya)
    with app.app_context(), transaction():
        db.session.execute(sa.text("ALTER TABLE reviews RENAME COLUMN brief TO brief_of_old"))
    try:
        told = client.get("/api/v1/reviews")
    finally:
        with app.app_context(), transaction():
            db.session.execute(sa.text("ALTER TABLE reviews RENAME COLUMN brief_of_old TO brief"))
    assert (told.status_code, told.json["code"]) == (503, "not_migrated")
    assert "critique migrate" in told.json["detail"]


@on_sqlite
def test_a_database_file_that_is_gone_is_missing_until_it_is_back(app, tmp_path):
    beat(app)
    assert missing(app) == (200, [])
    path = tmp_path / "critique.sqlite"
    away = tmp_path / "away.sqlite"
    path.rename(away)
    status, parts = missing(app)
    assert (status, "database" in parts) == (503, True)
    assert not path.exists()
    away.rename(path)
    assert missing(app) == (200, [])


@on_sqlite
def test_files_that_cannot_be_written_are_missing(app, settings):
    beat(app)
    shutil.rmtree(settings.files, ignore_errors=True)
    settings.files.write_text("in the way")
    assert missing(app) == (503, ["files"])
    settings.files.unlink()
    assert missing(app) == (200, [])


class Line:
    """A line to a server that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self.whole = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if not self.whole:
                    near.close()
                    continue
                far = socket.create_connection(self.target)
                self.open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)

    def cut(self) -> None:
        self.whole = False
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open = []

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self.listener.close()
        self.cut()


@pytest.fixture
def line(database_url: str) -> Iterator[Line]:
    url = sa.make_url(database_url)
    made = Line(url.host or "127.0.0.1", url.port or 5432)
    yield made
    made.close()


@on_postgres
def test_a_database_server_that_is_down_is_missing_until_it_is_back(line, database_url, tmp_path):
    url = sa.make_url(database_url).set(host="127.0.0.1", port=line.port)
    app = create_app(settings_for(tmp_path, url.render_as_string(hide_password=False)))
    beat(app)
    assert missing(app) == (200, [])
    line.cut()
    status, parts = missing(app)
    assert (status, "database" in parts) == (503, True)
    line.mend()
    assert missing(app) == (200, [])
    with app.app_context():
        db.engine.dispose()
