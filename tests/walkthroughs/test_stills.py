"""A version that is pictures: how it comes, what is made of it, what is said about it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from critique.media.images import image_of
from critique.media.stills import MAX_SIDE
from critique.plumbing.db import db
from critique.walkthroughs.joining import MOST_PICTURES
from critique.walkthroughs.models import Walkthrough
from tests.media.test_pictures import CANARY, jpeg_with_place, png_of


@pytest.fixture
def pictures() -> list[bytes]:
    """Three pictures of different sizes and colours."""
    return [png_of((40 + at, 30), (200, 40 * at, 10)) for at in range(3)]


@pytest.fixture
def post(maya, run_jobs):
    """Post pictures as one version; gives its id."""

    def send(*found: bytes) -> int:
        made = maya.send(found[0], filename="one.png", filetype="image/png")
        for data in found[1:]:
            assert maya.send(data, filename="more.png", walkthrough=str(made)) == made
        run_jobs()
        return made

    return send


@pytest.fixture
def shape(maya):
    return lambda made: maya.client.get(f"/api/v1/walkthroughs/{made}").json


def test_pictures_make_a_version_in_the_order_they_were_sent(post, shape, pictures, maya):
    found = shape(post(*pictures))
    assert (found["kind"], found["state"], found["version"]) == ("stills", "ready", 1)
    assert [(s["width"], s["height"]) for s in found["stills"]] == [(40, 30), (41, 30), (42, 30)]
    assert [s["position"] for s in found["stills"]] == [1, 2, 3]
    assert found["sources"] == []
    assert found["duration_ms"] is None
    assert {step["name"]: step["state"] for step in found["steps"]} == {
        "pictures": "done", "poster": "done",
    }  # fmt: skip
    for still in found["stills"]:
        answer = maya.client.get(f"/stills/{still['id']}/picture", buffered=True)
        assert answer.content_type == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        seen = image_of(answer.data)
        assert (seen.width, seen.height) == (still["width"], still["height"])
    poster = maya.client.get(found["poster"].removeprefix("http://localhost"), buffered=True)
    assert poster.content_type == "image/jpeg"


def test_the_bytes_decide_not_the_name_or_the_type(maya, run_jobs, shape, plain, pictures):
    pictured = maya.send(pictures[0], filename="walk.mp4", filetype="video/mp4")
    played = maya.send(plain.read_bytes(), filename="screen.png", filetype="image/png")
    run_jobs()
    assert shape(pictured)["kind"] == "stills"
    assert (shape(played)["kind"], shape(played)["state"]) == ("recording", "ready")


def test_what_was_sent_is_never_served_as_it_came(maya, post, shape, app):
    sent = jpeg_with_place() + b"<script>alert(1)</script>"
    still = shape(post(sent))["stills"][0]
    for kind in ("picture", "small"):
        served = maya.client.get(f"/stills/{still['id']}/{kind}", buffered=True).data
        assert CANARY not in served
        assert b"<script>" not in served
    original = maya.client.get(f"/stills/{still['id']}/original", buffered=True)
    assert original.data == sent
    assert original.content_type == "application/octet-stream"
    assert original.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"GIF89a" + bytes(40), "a GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "an SVG"),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "a HEIC"),
        (b"%PDF-1.7\n", "a PDF"),
    ],
    ids=["gif", "svg", "heic", "pdf"],
)
def test_other_pictures_are_refused_by_name_and_kept(maya, run_jobs, shape, pictures, data, word):
    made = maya.send(data, filename="screen.png", filetype="image/png")
    run_jobs()
    found = shape(made)
    assert found["state"] == "failed"
    assert word in found["reason"]
    assert "PNG, JPEG or WebP" in found["reason"]
    good = maya.send(pictures[0])
    answer = maya.patch(maya.begin(len(data), walkthrough=str(good)), data, 0)
    assert (answer.status_code, answer.json["code"]) == (422, "not_a_picture")
    run_jobs()
    assert len(shape(good)["stills"]) == 1


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and packs a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (bomb(60_000, 60_000), f"at most {MAX_SIDE} on a side"),
        (bomb(30_000, 30_000), "megapixels"),
        (bomb(0, 10), "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "damaged"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(30), "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8X\0\0\0\0", "damaged"),
    ],
    ids=["bomb", "large", "no size", "png head", "jpeg head", "webp head"],
)
def test_hostile_pictures_are_refused_in_words_before_they_are_decoded(
    post, shape, maya, data, word
):
    found = shape(post(data))
    assert found["state"] == "failed"
    assert word in found["reason"]
    assert "kept" in found["reason"]
    assert maya.client.get(f"/reviews/{maya.review}").status_code == 200


def test_one_damaged_picture_leaves_the_others_to_be_seen(post, shape, maya, pictures):
    made = post(pictures[0], pictures[1][:60], pictures[2])
    found = shape(made)
    assert found["state"] == "ready"
    assert [bool(still["url"]) for still in found["stills"]] == [True, False, True]
    steps = {step["name"]: step for step in found["steps"]}
    assert steps["pictures"]["state"] == "failed"
    assert "Picture 2" in steps["pictures"]["reason"]
    assert steps["poster"]["state"] == "done"
    assert maya.client.post(f"/walkthroughs/{made}/steps/pictures/retry").status_code == 303


def test_a_picture_that_joins_while_the_others_are_read_is_read_too(
    maya, shape, pictures, app, run_jobs, monkeypatch
):
    from critique.walkthroughs.preparing import WORK

    made = maya.send(pictures[0])
    real, late = WORK["pictures"], [pictures[1]]

    def work(task, bench):
        outcome = real(task, bench)
        while late:
            maya.send(late.pop(), walkthrough=str(made))
        return outcome

    monkeypatch.setitem(WORK, "pictures", work)
    run_jobs()
    assert [bool(still["url"]) for still in shape(made)["stills"]] == [True, True]


def test_the_same_picture_again_adds_nothing(maya, post, shape, pictures, app):
    made = post(pictures[0], pictures[1], pictures[1])
    assert len(shape(made)["stills"]) == 2
    with app.app_context():
        kept = db.session.get_one(Walkthrough, made).original_size
    assert kept == len(pictures[0]) + len(pictures[1])


def test_a_version_holds_so_many_pictures_and_no_more(maya):
    made = maya.send(png_of((8, 8), (9, 9, 9)))
    for at in range(1, MOST_PICTURES):
        maya.send(png_of((8, 8), (at, 0, 0)), walkthrough=str(made))
    full = maya.create(10, walkthrough=str(made))
    assert (full.status_code, full.json["code"]) == (409, "too_many_pictures")


def test_pictures_join_pictures_only(maya, run_jobs, silent, pictures, client_of, cast):
    recording = maya.send_file(silent)
    assert maya.create(10, walkthrough=str(recording)).status_code == 409
    assert maya.create(10, walkthrough="999999").status_code == 404
    assert maya.create(10, walkthrough="one").status_code == 422
    stopped = maya.begin(10, walkthrough=str(maya.send(pictures[0])))
    assert maya.client.delete(stopped, headers={"Tus-Resumable": "1.0.0"}).status_code == 204


def test_a_comment_is_about_one_picture(post, shape, maya, pictures, client_of, cast):
    made = post(*pictures)
    second = shape(made)["stills"][1]["id"]
    oliver = client_of(cast.oliver)
    url = f"/api/v1/walkthroughs/{made}/comments"
    said = oliver.post(url, json={"body": "Too red.", "still": second})
    assert said.status_code == 201, said.text
    assert (said.json["still"], said.json["start_ms"], said.json["end_ms"]) == (second, 0, 0)
    unsaid = oliver.post(url, json={"body": "Which?"})
    assert (unsaid.status_code, list(unsaid.json["fields"])) == (422, ["still"])
    assert oliver.post(url, json={"body": "No.", "still": 999_999}).status_code == 422
    page = maya.client.get(f"/reviews/{maya.review}?still={second}").text
    assert "Picture 2 of 3" in page
    assert f'href="?v=1&still={second}#comment-{said.json["id"]}"' in page
    form = {"body": "By form.", "still_id": str(second), "start_ms": "0"}
    assert oliver.post(f"/walkthroughs/{made}/comments", data=form).status_code == 303


def test_a_picture_has_no_transcript(post, maya, pictures):
    made = post(pictures[0])
    answer = maya.client.post(f"/walkthroughs/{made}/transcript", data={"text": "the new total"})
    assert answer.status_code == 409


def test_the_same_file_as_a_new_version_says_so(post, shape, pictures):
    first, second, third = post(pictures[0]), post(pictures[0]), post(*pictures[:2])
    assert (shape(first)["same_as"], shape(second)["same_as"]) == (None, first)
    assert shape(third)["same_as"] is None


def test_page_of_pictures_works_without_scripts(post, shape, maya, pictures):
    stills = shape(post(*pictures))["stills"]
    page = maya.client.get(f"/reviews/{maya.review}").text
    assert f'src="/stills/{stills[0]["id"]}/picture"' in page
    for still in stills:
        assert f'href="?v=1&amp;still={still["id"]}"' in page
    second = maya.client.get(f"/reviews/{maya.review}?v=1&still={stills[1]['id']}").text
    assert f'src="/stills/{stills[1]["id"]}/picture"' in second
    assert f'name="still_id" value="{stills[1]["id"]}"' in second


def test_original_files_lie_apart(post, app, pictures):
    made = post(*pictures)
    with app.app_context():
        keys = [s.original_key for s in db.session.get_one(Walkthrough, made).stills]
    assert len(set(keys)) == 3
    assert all(Path(key).parts[1] == str(made) for key in keys)
