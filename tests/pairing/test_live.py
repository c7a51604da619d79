"""The live room: what one does reaches the other, and nobody else, and only in its time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from critique.accounts.models import Membership
from critique.pairing.models import Meeting, Seating
from critique.pairing.sessions import live
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.operations import create_review
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person


@pytest.fixture
def session(app, cast, monkeypatch):
    """A session of Maya and Oliver that is on now; its streams end after one look."""
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.05)
    with app.app_context(), transaction():
        review = create_review(by=load_person(cast.maya), team_id=cast.team, title="Checkout")
        db.session.add(
            Walkthrough(
                review_id=review.id, version=1, uploaded_by_id=cast.maya, filename="a.mp4",
                state="ready", created_at=clock.now(), duration_ms=60_000, playable_key="x",
                playable_type="video/mp4",
            )
        )  # fmt: skip
        now = clock.now()
        meeting = Meeting(
            kind="feedback", team_id=cast.team, review_id=review.id, host_id=cast.oliver,
            starts_at=now, ends_at=now + timedelta(minutes=15), uid="s@x", reason="Maya asked",
            seats=[Seating(person_id=who) for who in (cast.maya, cast.oliver)],
        )  # fmt: skip
        db.session.add(meeting)
        db.session.flush()
        return meeting.id


def heard(client, session, after=0):
    answer = client.get(f"/sessions/{session}/signals?after={after}", buffered=True)
    assert answer.mimetype == "text/event-stream"
    blocks = [block for block in answer.text.split("\n\n") if "data: " in block]
    return [json.loads(block.split("data: ")[1]) for block in blocks]


def tell(client, session, **signal):
    return client.post(f"/sessions/{session}/signals", json=signal)


def test_what_one_does_reaches_the_other_in_order_and_once(cast, client_of, session):
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    assert tell(maya, session, kind="play", at_ms=1200, playing=True).status_code == 201
    assert tell(maya, session, kind="pointer", x=0.25, y=0.5).status_code == 201
    first, second = heard(oliver, session)
    assert (first["kind"], first["at_ms"], first["by"]) == ("play", 1200, cast.maya)
    assert (second["kind"], second["x"], second["y"]) == ("pointer", 0.25, 0.5)
    assert "at_ms" not in second
    assert heard(oliver, session, after=second["id"]) == []
    assert heard(maya, session) == []


def test_who_comes_later_learns_where_the_video_stands(cast, client_of, session):
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    tell(maya, session, kind="seek", at_ms=9000)
    page = oliver.get("/sessions/1", follow_redirects=True).text
    assert "Open the live room" in page
    room = oliver.get(f"/reviews/1?session={session}").text
    data = json.loads(room.split('id="session-data"')[1].split(">", 1)[1].split("<")[0])
    assert data["steer"]["at_ms"] == 9000
    assert data["last"] == 1
    assert "Live with" in room
    assert "session-data" not in client_of(cast.wei).get(f"/reviews/1?session={session}").text


@pytest.mark.parametrize(
    "signal",
    [
        {"kind": "shout"}, {"kind": "pointer", "x": 1.5, "y": 0}, {"kind": "seek", "at_ms": -1},
        {"kind": "stroke", "points": [[0.1, 0.1, 0.5]] * 401}, {"kind": "pointer", "x": "NaN"},
        {"kind": "stroke", "points": [[0.1]]}, {},
    ],
)  # fmt: skip
def test_hostile_signals_are_refused(cast, client_of, session, signal):
    assert tell(client_of(cast.maya), session, **signal).status_code == 422
    assert heard(client_of(cast.oliver), session) == []


def test_strangers_and_who_left_hear_and_say_nothing(app, cast, client_of, session):
    for who in (cast.wei, cast.rival, cast.nia):
        assert tell(client_of(who), session, kind="here").status_code == 404
        assert client_of(who).get(f"/sessions/{session}/signals").status_code == 404
    oliver = client_of(cast.oliver)
    with app.app_context(), transaction():
        membership = db.session.query(Membership).filter_by(person_id=cast.oliver).one()
        membership.ended_at = clock.now()
    assert tell(oliver, session, kind="here").status_code == 404


def test_the_room_opens_before_and_closes_after(app, cast, client_of, session):
    maya = client_of(cast.maya)
    with app.app_context(), transaction():
        meeting = db.session.get_one(Meeting, session)
        meeting.starts_at += timedelta(hours=1)
        meeting.ends_at += timedelta(hours=1)
    refused = tell(maya, session, kind="here")
    assert refused.status_code == 409
    assert "opens ten minutes before" in refused.text
    text = maya.get(f"/sessions/{session}/signals", buffered=True).text
    assert "event: gone" in text


def test_signals_are_forgotten_after_a_day(app, cast, client_of, session):
    tell(client_of(cast.maya), session, kind="here")
    with app.app_context():
        for later, left in ((timedelta(hours=23), 1), (timedelta(hours=25), 0)):
            with transaction():
                live.forget_old_signals(clock.now() + later)
                assert len(live.signals_after(session, 0, cast.oliver)) == left
