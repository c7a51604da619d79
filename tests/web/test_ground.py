"""The web's ground: errors as sentences, health by part, links from configuration alone."""

from __future__ import annotations

import dataclasses
import os
import re
from datetime import timedelta

import pytest

from critique.accounts import login
from critique.plumbing import clock, heartbeat
from critique.plumbing.transaction import transaction
from critique.web import health, templating
from tests.conftest import on_sqlite


@pytest.fixture
def broken(app):
    """An application whose library and API break in the middle."""

    def explode(**_):
        raise RuntimeError("the secret inside")

    app.view_functions["pages.library"] = explode
    app.view_functions["api.show_queue"] = explode
    return app


def test_what_breaks_is_told_with_a_number_and_without_its_inside(broken, client_of, cast, caplog):
    client = client_of(cast.maya)
    page = client.get("/library")
    assert page.status_code == 500
    assert "what was saved before is safe" in page.text.lower()
    number = re.search(r"\b[0-9a-f]{16}\b", page.text)[0]
    assert number in caplog.text
    for inside in ("Traceback", "RuntimeError", "the secret inside", "explode"):
        assert inside not in page.text
    problem = client.get("/api/v1/queue")
    assert (problem.status_code, problem.content_type) == (500, "application/problem+json")
    assert problem.json["request_id"] in problem.json["detail"]
    assert "secret" not in problem.text
    assert "Content-Security-Policy" in page.headers


def test_health_tells_which_part_is_missing(app, monkeypatch):
    client = app.test_client()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["missing"]) == (503, ["worker"])
    with app.app_context(), transaction():
        heartbeat.beat("worker-1")
    assert client.get("/healthz").status_code == 200

    def silent() -> str:
        raise OSError("/secret/place")

    for part in ("database", "files", "worker"):
        with monkeypatch.context() as patched:
            patched.setitem(health.PARTS, part, silent)
            answer = client.get("/healthz")
        assert (answer.status_code, answer.json["missing"]) == (503, [part])
        assert "/secret/place" not in answer.text


def test_a_worker_that_fell_silent_is_missing(app):
    with app.app_context(), transaction():
        from critique.plumbing.db import db

        db.session.add(
            heartbeat.Worker(
                name="old", seen_at=clock.now() - health.WORKER_SILENCE - timedelta(seconds=1)
            )
        )
    assert app.test_client().get("/healthz").json["missing"] == ["worker"]


def test_the_host_header_never_comes_back(client_of, cast, app, run_jobs):
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    client = client_of(cast.ada)
    client.set_cookie("critique", client.get_cookie("critique").value, domain="evil.example")
    for address in ("/", "/team", "/profile", "/library", "/api/v1/openapi.json", "/sign-in", "/x"):
        answer = client.get(address, headers=evil)
        assert "evil.example" not in answer.text + str(answer.headers), address
    posted = client.post("/api/v1/reviews", json={"title": "T"}, headers=evil)
    assert posted.status_code == 201
    assert "evil.example" not in posted.text + str(posted.headers)
    invited = client.post(
        "/team/invitations", data={"email": "new@example.com", "role": "author"}, headers=evil
    )
    assert invited.status_code == 303
    client.post("/reset", data={"email": "maya@example.com"}, headers=evil)
    run_jobs()
    with app.app_context():
        from critique.plumbing.db import db
        from critique.plumbing.delivery import as_message
        from critique.plumbing.mailer import Letter

        letters = db.session.query(Letter).all()
        assert letters
        for letter in letters:
            assert "evil.example" not in as_message(letter, "Critique <c@localhost>").as_string()
            assert "http://localhost/" in letter.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "http:evil.example", "/\t/evil.example", "/\n/evil.example", " //e",
        "/\r\nLocation: https://evil.example", "///evil.example", "",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(client_of, cast, target):
    answer = client_of(cast.maya).get("/sign-in", query_string={"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert login.safe_path(target) == "/"


def test_a_bearer_token_beats_the_cookie_in_any_case_of_letters(client_of, cast):
    client = client_of(cast.maya)
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = client.get("/api/v1/queue", headers={"Authorization": f"{scheme} nonsense"})
        assert answer.status_code == 401


def test_a_form_may_be_large_and_not_endless(client_of, cast):
    client = client_of(cast.maya)
    answer = client.post("/reviews", data={"title": "T", "brief": "x" * 9_000_000})
    assert answer.status_code == 413
    assert "more than fits" in answer.text


def test_addresses_no_person_types_are_not_found(client_of, cast):
    client = client_of(cast.maya)
    for address in ("/reviews/%00", "/walkthroughs/1/media/%00", "/invitations/%00", "/%00",
                    "/reviews/" + "9" * 5000, "/static/%00", "/static/../critique/config.py",
                    "/static/%2e%2e/pyproject.toml"):  # fmt: skip
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize(
    ("environment", "part_changed", "sheet"),
    [
        ("development", 100, "vendor/app.css"),
        ("development", 300, "css/app.css"),
        ("production", 300, "vendor/app.css"),
    ],
)
@on_sqlite
def test_pages_use_one_sheet_unless_somebody_is_at_work_on_its_parts(
    app, settings, tmp_path, monkeypatch, environment, part_changed, sheet
):
    static = tmp_path / "static"
    for name, changed in [("css/parts/row.css", part_changed), ("vendor/app.css", 200)]:
        path = static / name
        path.parent.mkdir(parents=True)
        path.write_text("")
        os.utime(path, (changed, changed))
    monkeypatch.setattr(templating, "ROOT", tmp_path)
    monkeypatch.setattr(
        templating, "settings", lambda: dataclasses.replace(settings, environment=environment)
    )
    with app.test_request_context():
        assert templating.style_sheet().startswith(f"/static/{sheet}?v=")
