"""Who may have which bytes, and as what they are served."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.storage import open_storage
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import media_path

KINDS = ("original", "playable", "poster", "sprite", "sprite.vtt", "peaks")
PARTS = ("steps", "transcript.txt", "transcript.vtt", *(f"media/{kind}" for kind in KINDS))


@pytest.fixture
def ready(maya, app, silent):
    """A walkthrough whose every file is there, without any work done for it."""
    made = maya.send_file(silent)
    with app.app_context():
        storage = open_storage(app.extensions["critique_settings"])
        values = {"state": "ready", "playable_type": "video/mp4"}
        for column, name in {
            "playable_key": "playable-1-1.mp4", "poster_key": "poster-1-1.jpg",
            "sprite_key": "sprite-1-1.jpg", "sprite_track_key": "sprite-1-1.vtt",
            "peaks_key": "peaks-1-1.json",
        }.items():  # fmt: skip
            values[column] = f"walkthroughs/{made}/{name}"
            storage.put(values[column], silent, "application/octet-stream")
        with transaction():
            db.session.execute(
                sa.update(Walkthrough).where(Walkthrough.id == made).values(**values)
            )
    return made


def get(client, made, part, **headers):
    return client.get(f"/walkthroughs/{made}/{part}", headers=headers, buffered=True)


@pytest.mark.parametrize("part", PARTS)
def test_strangers_get_nothing_not_even_a_range(ready, client_of, cast, part):
    for person in (cast.rival, cast.nia):
        for headers in ({}, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}):
            answer = get(client_of(person), ready, part, **headers)
            assert answer.status_code == 404
            assert answer.headers.get("Content-Range") is None
    answer = get(client_of(None), ready, part)
    assert answer.status_code == 401 or "/sign-in" in answer.headers.get("Location", "")


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_of_the_team_gets_it_until_they_are_removed(ready, client_of, app, cast, kind):
    client = client_of(cast.oliver)
    whole = get(client, ready, f"media/{kind}")
    assert whole.status_code == 200
    part = get(client, ready, f"media/{kind}", Range="bytes=2-5")
    assert (part.status_code, part.data) == (206, whole.data[2:6])
    etag = whole.headers["ETag"]
    assert get(client, ready, f"media/{kind}", **{"If-None-Match": etag}).status_code == 304
    with app.app_context(), transaction():
        db.session.execute(
            sa.update(Membership)
            .where(Membership.person_id == cast.oliver)
            .values(ended_at=clock.now())
        )
    for headers in ({}, {"Range": "bytes=2-5"}, {"If-None-Match": etag}):
        assert get(client, ready, f"media/{kind}", **headers).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_served_can_run_or_be_shared(maya, ready, kind):
    answer = get(maya.client, ready, f"media/{kind}")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.content_type in {
        "video/mp4", "image/jpeg", "text/vtt; charset=utf-8", "application/json",
        "application/octet-stream",
    }  # fmt: skip
    assert answer.headers.get("Content-Disposition", "").startswith("attachment") == (
        kind == "original"
    )


def test_a_type_that_is_not_on_the_list_is_only_bytes(maya, ready, app):
    with app.app_context(), transaction():
        db.session.execute(sa.update(Walkthrough).values(playable_type="text/html"))
    assert get(maya.client, ready, "media/playable").content_type == "application/octet-stream"


def test_a_bad_range_and_an_unknown_kind_are_told(maya, ready):
    assert get(maya.client, ready, "media/playable", Range="bytes=9999999-").status_code == 416
    assert get(maya.client, ready, "media/nothing").status_code == 404
    assert get(maya.client, 2**40, "media/playable").status_code == 404


def test_the_addresses_queries_give_are_the_ones_that_answer(app, ready):
    with app.test_request_context():
        found = db.session.get_one(Walkthrough, ready)
        for kind in KINDS:
            from flask import url_for

            url = url_for("walkthroughs.media", walkthrough_id=ready, kind=kind)
            assert media_path(found, kind) == url
        db.session.rollback()


def test_from_s3_comes_a_short_link_and_small_text_directly(
    maya,
    ready,
    app,
    s3_settings,
    silent,
):
    storage = open_storage(s3_settings)
    for name in ("original", "playable-1-1.mp4", "sprite-1-1.vtt", "peaks-1-1.json"):
        storage.put(f"walkthroughs/{ready}/{name}", silent, "application/octet-stream")
    app.extensions["critique_storage"] = storage
    answer = get(maya.client, ready, "media/playable")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(s3_settings.s3_endpoint)
    assert "X-Amz-Expires=300" in answer.headers["Location"]
    assert "response-content-type=video%2Fmp4" in answer.headers["Location"]
    original = get(maya.client, ready, "media/original").headers["Location"]
    assert "attachment" in original
    for kind in ("peaks", "sprite.vtt"):
        assert get(maya.client, ready, f"media/{kind}").data == silent.read_bytes()
    storage.client.close()


def test_the_partial_follows_along_and_then_stops(maya, ready, app):
    playing = get(maya.client, ready, "steps?was=processing")
    assert playing.headers["HX-Trigger"] == f'{{"playable": {{"walkthrough": {ready}}}}}'
    assert "every 2s" in playing.text, "the other steps are still under way"
    assert "HX-Trigger" not in get(maya.client, ready, "steps?was=ready").headers
    with app.app_context(), transaction():
        db.session.execute(sa.text("UPDATE steps SET state = 'done'"))
    done = get(maya.client, ready, "steps?was=ready")
    assert "every 2s" not in done.text
    assert "Version 1 is ready." in done.text


def test_a_stopped_step_says_why_and_offers_another_try_to_those_who_may(
    maya, ready, app, client_of, cast
):
    reason = "It <b>broke</b>."
    with app.app_context(), transaction():
        db.session.execute(
            sa.text("UPDATE steps SET state = 'failed', reason = :r WHERE name = 'poster'"),
            {"r": reason},
        )
    text = get(maya.client, ready, "steps").text
    assert "It &lt;b&gt;broke&lt;/b&gt;." in text
    assert f"/walkthroughs/{ready}/steps/poster/retry" in text
    assert "/retry" not in get(client_of(cast.oliver), ready, "steps").text


def test_an_upload_shows_how_much_is_here(maya):
    url = maya.begin(1000)
    made = int(maya.patch(url, bytes(430), 0).headers["Walkthrough-Id"])
    text = get(maya.client, made, "steps").text
    assert "43 % is here" in text
    assert "every 2s" in text
