"""The same key with the same request is done once, however often and however much at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.web.idempotency import KeptAnswer, forget_old_answers

KEY = {"Idempotency-Key": "9f1c-first"}


def rows(app, table=Review) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_repeat_gets_the_same_answer_and_makes_nothing(app, maya):
    first = maya.post("/api/v1/reviews", json={"title": "Once"}, headers=KEY)
    second = maya.post("/api/v1/reviews", json={"title": "Once"}, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers
    assert rows(app) == 1


def test_many_at_once_are_one(app, maya):
    barrier, answers = threading.Barrier(6), []

    def post() -> None:
        barrier.wait()
        body = {"title": "Once", "project": "Same"}
        answers.append(maya.post("/api/v1/reviews", json=body, headers=KEY))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert rows(app) == 1


def test_a_key_for_something_else_is_refused(app, maya):
    maya.post("/api/v1/reviews", json={"title": "Once"}, headers=KEY)
    other = maya.post("/api/v1/reviews", json={"title": "Other"}, headers=KEY)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert rows(app) == 1


def test_what_was_refused_may_be_tried_again(app, maya):
    assert maya.post("/api/v1/reviews", json={"title": ""}, headers=KEY).status_code == 422
    assert rows(app, KeptAnswer) == 0
    assert maya.post("/api/v1/reviews", json={"title": "Now"}, headers=KEY).status_code == 201


def test_what_broke_may_be_tried_again(app, maya, monkeypatch):
    from critique.api import reviews

    with monkeypatch.context() as broken:
        broken.setattr(reviews, "create_review", lambda **_: 1 / 0)
        assert maya.post("/api/v1/reviews", json={"title": "T"}, headers=KEY).status_code == 500
    assert maya.post("/api/v1/reviews", json={"title": "T"}, headers=KEY).status_code == 201
    assert rows(app) == 1


def test_keys_of_two_people_are_two(app, maya, oliver):
    ids = {
        person.post("/api/v1/reviews", json={"title": "T"}, headers=KEY).json["id"]
        for person in (maya, oliver)
    }
    assert len(ids) == 2


def test_every_post_takes_a_key(app, maya, oliver, room):
    comments = f"/api/v1/walkthroughs/{room.walkthrough}/comments"
    said = [oliver.post(comments, json={"body": "x", "start_ms": 1}, headers=KEY) for _ in range(2)]
    assert said[0].json == said[1].json
    replies = f"/api/v1/comments/{said[0].json['id']}/replies"
    for _ in range(2):
        assert maya.post(replies, json={"body": "y"}, headers=KEY).status_code == 201
    assert len(maya.get(comments).json) == 1
    assert len(maya.get(comments).json[0]["replies"]) == 1
    tus = {
        "Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "review MQ==",
        "Idempotency-Key": "upload-1",
    }  # fmt: skip
    made = [maya.post("/uploads/", headers=tus) for _ in range(2)]
    assert made[0].status_code == 201
    for name in ("Location", "Upload-Offset", "Walkthrough-Id", "Tus-Resumable"):
        assert made[0].headers[name] == made[1].headers[name]


def test_pages_take_a_key_as_well(app, client_of, cast):
    client = client_of(cast.maya)
    places = {
        client.post("/reviews", data={"title": "Once"}, headers=KEY).headers["Location"]
        for _ in range(2)
    }
    assert len(places) == 1
    assert rows(app) == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "zwei Worte", "\xe4"])
def test_a_key_nobody_can_keep_is_refused_by_name(maya, key):
    answer = maya.post("/api/v1/reviews", json={"title": "T"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["fields"]


def test_answers_are_forgotten_after_a_day(app, maya):
    with time_machine.travel(clock.now(), tick=False) as now:
        maya.post("/api/v1/reviews", json={"title": "Once"}, headers=KEY)
        now.shift(timedelta(hours=24, seconds=1))
        assert maya.post("/api/v1/reviews", json={"title": "Other"}, headers=KEY).status_code == 201
        now.shift(timedelta(hours=25))
        with app.app_context(), transaction():
            forget_old_answers(clock.now())
        assert rows(app, KeptAnswer) == 0
