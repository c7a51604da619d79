"""The main job by API alone: from the first account to a moment that search finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from click.testing import CliRunner

from critique.cli import main
from critique.plumbing import clock
from tests.api.conftest import program
from tests.media.conftest import *  # noqa: F403 - the recordings are fixtures there
from tests.walkthroughs.conftest import BODY_TYPE, TUS, metadata

CAPTIONS = """WEBVTT

00:00.000 --> 00:02.000
So the total sits above the button now

00:02.000 --> 00:04.000
and the rule is lighter
"""


def add(settings, *words: str) -> str:
    environment = {
        "CRITIQUE_DATA": str(settings.data),
        "CRITIQUE_DATABASE_URL": settings.database_url,
        "CRITIQUE_SECRET_KEY": settings.secret_key,
    }
    result = CliRunner().invoke(main, list(words), env=environment)
    assert result.exit_code == 0, result.output
    return result.output.strip()


def seated(app, settings, name: str, role: str, zone: str, level: str):
    email = f"{name.lower()}@example.org"
    for _ in range(2):
        add(
            settings, "people", "add", email, "--name", name, "--team", "Fern", "--role", role,
            "--timezone", zone, "--level", level, "--skill", "checkout",
        )  # fmt: skip
    token = add(settings, "tokens", "issue", email)
    assert len(token.split()) == 1
    return program(app, token)


def test_the_whole_story(app, settings, plain, run_jobs):
    ines = seated(app, settings, "Ines", "author", "America/Chicago", "junior")
    omar = seated(app, settings, "Omar", "mentor", "Europe/London", "senior")
    lena = seated(app, settings, "Lena", "mentor", "Asia/Singapore", "senior")

    posted = ines.post(
        "/api/v1/reviews",
        json={
            "title": "Checkout", "brief": "Two steps *instead* of three.", "stage": "mid",
            "aims": ["Is the price found first?"], "review_by": "in 4 working hours",
            "reviewers": ["omar@example.org"], "skills": ["checkout"],
        },
    )  # fmt: skip
    assert posted.status_code == 201, posted.text
    review = posted.json
    assert review["url"] == f"http://localhost/reviews/{review['id']}"
    assert posted.headers["Location"] == f"http://localhost/api/v1/reviews/{review['id']}"
    assert [person["email"] for person in review["reviewers"]] == ["omar@example.org"]
    assert datetime.fromisoformat(review["review_by"]) > clock.now()

    walkthrough = upload(ines, review["id"], plain.read_bytes())
    shown = ines.get(f"/api/v1/reviews/{review['id']}").json["walkthroughs"]
    assert [(w["id"], w["version"], w["state"]) for w in shown] == [(walkthrough, 1, "processing")]
    assert {"reason", "steps"} <= set(shown[0])
    run_jobs()
    ready = omar.get(f"/api/v1/walkthroughs/{walkthrough}").json
    assert (ready["state"], ready["duration_ms"], ready["width"]) == ("ready", 4000, 320)
    for address in (ready["sources"][0]["url"], ready["poster"], ready["sprite"], ready["peaks"]):
        path = address.removeprefix("http://localhost")
        assert omar.get(path, buffered=True).status_code == 200
    assert {step["name"] for step in ready["steps"]} >= {"probe", "playable", "transcript"}

    brought = ines.put(
        f"/api/v1/walkthroughs/{walkthrough}/transcript", data=CAPTIONS, content_type="text/vtt"
    )
    assert brought.status_code == 202, brought.text
    run_jobs()
    transcript = omar.get(f"/api/v1/walkthroughs/{walkthrough}/transcript").json
    words = transcript["words"]
    assert [word["text"] for word in words][:3] == ["So", "the", "total"]
    assert all(type(word["start_ms"]) is int for word in words)
    base = f"/api/v1/walkthroughs/{walkthrough}/transcript"
    assert omar.get(f"{base}.vtt").text.startswith("WEBVTT")
    assert "the total sits" in " ".join(omar.get(f"{base}.txt").text.split())

    talk(ines, omar, walkthrough, words)
    queue(ines, omar, lena, review["id"])
    found = lena.get("/api/v1/search?q=total").json
    assert {moment["source"] for moment in found} >= {"transcript", "comment"}
    assert all(moment["review_id"] == review["id"] for moment in found)
    assert all(type(m["start_ms"]) is int for m in found if m["source"] != "review")


def upload(ines, review: int, data: bytes) -> int:
    """In two parts, the offset asked for in between, as after a lost connection."""
    made = ines.post(
        "/uploads/",
        headers={
            **TUS,
            "Upload-Length": str(len(data)),
            "Upload-Metadata": metadata(
                {"review": str(review), "filename": "v1.mp4", "filetype": "video/mp4", "note": "v1"}
            ),
        },
    )
    assert made.status_code == 201, made.text
    address, half = made.headers["Location"], len(data) // 2
    for start, part in ((0, data[:half]), (half, data[half:])):
        head = ines.head(address, headers=TUS)
        assert head.headers["Upload-Offset"] == str(start)
        sent = ines.patch(
            address, data=part, content_type=BODY_TYPE,
            headers={**TUS, "Upload-Offset": str(start)},
        )  # fmt: skip
        assert sent.status_code == 204, sent.text
    return int(sent.headers["Walkthrough-Id"])


def talk(ines, omar, walkthrough: int, words) -> None:
    first, last = words[1], words[3]
    posted = omar.post(
        f"/api/v1/walkthroughs/{walkthrough}/comments",
        json={
            "body": "The total is found **first** now.", "kind": "praise",
            "weight": "take_it_or_leave_it",
            "start_ms": first["start_ms"], "end_ms": last["end_ms"],
            "words": {"first": first["id"], "last": last["id"]},
        },
    )  # fmt: skip
    assert posted.status_code == 201, posted.text
    comment = posted.json
    assert comment["quote"] == "the total sits"
    assert comment["words"] == {"first": first["id"], "last": last["id"]}
    assert comment["url"].endswith(f"#comment-{comment['id']}")
    replied = ines.post(f"/api/v1/comments/{comment['id']}/replies", json={"body": "Good."})
    assert replied.status_code == 201
    for _ in range(2):
        settled = ines.put(
            f"/api/v1/comments/{comment['id']}/resolution", json={"how": "done", "note": "in v1"}
        )
        assert settled.status_code == 200
    listed = omar.get(f"/api/v1/walkthroughs/{walkthrough}/comments").json
    assert [c["id"] for c in listed] == [comment["id"]]
    assert listed[0]["resolution"]["how"] == "done"
    assert [reply["body"] for reply in listed[0]["replies"]] == ["Good."]
    for _ in range(2):
        reopened = ines.delete(f"/api/v1/comments/{comment['id']}/resolution")
        assert (reopened.status_code, reopened.json["resolution"]) == (200, None)


def queue(ines, omar, lena, review: int) -> None:
    row = omar.get("/api/v1/queue").json[0]
    assert set(row) == {
        "review", "why", "claimed_by", "claimed_until",
        "slack_minutes", "about_minutes", "savable",
    }  # fmt: skip
    assert (row["review"]["id"], row["claimed_by"]) == (review, None)
    assert row["why"]
    claimed = omar.put(f"/api/v1/reviews/{review}/claim")
    assert claimed.status_code == 200
    until = datetime.fromisoformat(claimed.json["claimed_until"])
    assert timedelta(minutes=29) < until - clock.now() <= timedelta(minutes=30)
    late = lena.put(f"/api/v1/reviews/{review}/claim")
    assert late.status_code == 409
    assert late.content_type == "application/problem+json"
    assert late.json["claimed_by"] == "Omar"
    assert datetime.fromisoformat(late.json["claimed_until"]) == until
    assert "Omar" in late.json["detail"]
    held = next(r for r in lena.get("/api/v1/queue").json if r["review"]["id"] == review)
    assert held["claimed_by"]["email"] == "omar@example.org"
    assert lena.delete(f"/api/v1/reviews/{review}/claim").status_code == 409
    for _ in range(2):
        assert omar.delete(f"/api/v1/reviews/{review}/claim").status_code == 200
    assert lena.put(f"/api/v1/reviews/{review}/claim").status_code == 200
    assert ines.put(f"/api/v1/reviews/{review}/claim").status_code == 403


def test_a_claim_ends_by_the_clock(maya, oliver, program_of, cast, room):
    wei = program_of(cast.wei)
    with time_machine.travel(clock.now(), tick=False) as now:
        assert oliver.put(f"/api/v1/reviews/{room.review}/claim").status_code == 200
        assert wei.put(f"/api/v1/reviews/{room.review}/claim").status_code == 409
        now.shift(timedelta(minutes=30, seconds=1))
        assert wei.put(f"/api/v1/reviews/{room.review}/claim").status_code == 200


def test_a_deadline_is_a_moment_or_words(maya):
    moment = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    for given in (moment.isoformat(), moment.isoformat().replace("+00:00", "Z")):
        made = maya.post("/api/v1/reviews", json={"title": "T", "review_by": given})
        assert made.status_code == 201, made.text
        assert datetime.fromisoformat(made.json["review_by"]) == moment
    assert maya.post(
        "/api/v1/reviews", json={"title": "T", "review_by": "end of my tomorrow"}
    ).json["review_by"]
    assert maya.post("/api/v1/reviews", json={"title": "T", "review_by": None}).status_code == 201


def test_requests_are_listed_by_state_a_page_at_a_time(app, maya, oliver, monkeypatch):
    from critique.api import reviews
    from critique.plumbing.db import db
    from critique.plumbing.transaction import transaction
    from critique.reviews.operations import close_review
    from tests.conftest import load_person

    monkeypatch.setattr(reviews, "PAGE", 2)
    ids = [maya.post("/api/v1/reviews", json={"title": f"R{n}"}).json["id"] for n in range(5)]
    with app.app_context(), transaction():
        from critique.reviews.models import Review

        author = db.session.get_one(Review, ids[0]).author_id
        close_review(by=load_person(author), review_id=ids[0])
    first = oliver.get("/api/v1/reviews?state=open")
    assert [row["id"] for row in first.json] == [ids[4], ids[3]]
    address = first.headers["Link"].removeprefix("<").split(">")[0]
    assert address.startswith("http://localhost/api/v1/reviews?")
    second = oliver.get(address.removeprefix("http://localhost"))
    assert [row["id"] for row in second.json] == [ids[2], ids[1]]
    assert "Link" not in second.headers
    assert [row["id"] for row in oliver.get("/api/v1/reviews?state=closed").json] == [ids[0]]
    assert oliver.get("/api/v1/reviews?state=lost").status_code == 422
