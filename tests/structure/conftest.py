"""The scene, clients for everybody in it, and a commit point that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from critique.plumbing.db import db
from critique.walkthroughs import uploads
from critique.web import app as web
from tests.people import Cast
from tests.structure.scene import Scene, set_scene


@pytest.fixture
def scene(app: Flask, cast: Cast, tmp_path: Path) -> Scene:
    """One of each thing in Juniper, and everybody around it."""
    folder = tmp_path / "scene"
    folder.mkdir()
    return set_scene(app, cast, folder)


@pytest.fixture
def clients(
    app: Flask, scene: Scene, client_of: Callable[[int | None], FlaskClient]
) -> dict[str, FlaskClient]:
    """A signed-in browser of each person; the guest's has a page open, so only its sender lacks."""
    made = {name: client_of(person_id) for name, person_id in scene.people.items()}
    guest, example = made["guest"], made["maya"]
    with guest.session_transaction() as session:
        session["csrf_token"] = "known-to-the-test"
    guest.environ_base["HTTP_X_CSRFTOKEN"] = example.environ_base["HTTP_X_CSRFTOKEN"]
    return made


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is rolled back in the end, so that hundreds of them meet the same scene."""

    def settle(_status: int) -> None:
        db.session.rollback()

    def keep() -> None:
        db.session.flush()

    monkeypatch.setattr(web, "settle", settle)
    monkeypatch.setattr(uploads, "keep", keep)
    # Its counts belong to the process: hundreds of requests would look like somebody guessing.
    monkeypatch.setattr(web.limiter, "enabled", False)


def codes(row: str) -> list[str]:
    return row.split()


def told(answer: Any) -> str:
    """A status as the rows write it: what succeeded is `ok`."""
    return "ok" if answer.status_code < 400 else str(answer.status_code)
