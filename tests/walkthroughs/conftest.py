"""A review to upload to, a tus client by hand, and the recordings of the media tests."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from tests.media.conftest import *  # noqa: F403 - the recordings are fixtures there
from tests.people import Cast
from tests.plumbing.test_storage import s3_server, s3_settings  # noqa: F401 - fixtures

TUS = {"Tus-Resumable": "1.0.0"}
BODY_TYPE = "application/offset+octet-stream"


@dataclass
class Uploading:
    """tus spoken by hand, one header at a time."""

    client: FlaskClient
    review: int

    def create(self, length: int, *, headers: dict[str, str] | None = None, **told: str) -> Any:
        given = {"review": str(self.review), "filename": "walk.mp4", **told}
        return self.client.post(
            "/uploads/",
            headers={
                **TUS,
                "Upload-Length": str(length),
                "Upload-Metadata": metadata(given),
                **(headers or {}),
            },
        )

    def begin(self, length: int, **told: str) -> str:
        answer = self.create(length, **told)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def patch(self, url: str, data: bytes, offset: int, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.patch(
            url,
            data=data,
            content_type=BODY_TYPE,
            headers={**TUS, "Upload-Offset": str(offset), **named},
        )

    def offset(self, url: str) -> int:
        answer = self.client.head(url, headers=TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def send(self, data: bytes, **told: str) -> int:
        """Upload everything at once; gives the walkthrough's id."""
        answer = self.patch(self.begin(len(data), **told), data, 0)
        assert answer.status_code == 204, answer.text
        return int(answer.headers["Walkthrough-Id"])

    def send_file(self, path: Path, **told: str) -> int:
        return self.send(path.read_bytes(), filename=path.name, **told)


def metadata(told: dict[str, str]) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items())


@pytest.fixture
def review(app: Flask, cast: Cast) -> int:
    """Maya's open request."""
    with app.app_context(), transaction():
        made = Review(
            team_id=cast.team,
            author_id=cast.maya,
            title="Checkout",
            created_at=clock.now(),
        )
        db.session.add(made)
        db.session.flush()
        return made.id


@pytest.fixture
def maya(client_of: Any, cast: Cast, review: int) -> Uploading:
    return Uploading(client_of(cast.maya), review)


@pytest.fixture
def walkthrough(app: Flask) -> Any:
    """Look at a walkthrough by id: its columns, and its steps by name as (state, reason)."""

    def look(walkthrough_id: int) -> Any:
        with app.app_context():
            found = db.session.get(Walkthrough, walkthrough_id)
            if found is None:
                return None
            found.by_name = {step.name: step for step in found.steps}
            db.session.expunge_all()
            return found

    return look
