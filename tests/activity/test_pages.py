"""Notices over HTTP: the page, the bell, reading, muting, wishes; and the same for programs."""

from __future__ import annotations

import re

from critique.activity.queries import wishes_of
from critique.activity.quiet import typed_week
from critique.plumbing.db import db
from critique.plumbing.lists import list_token
from critique.web import app as web


def bell(page: str) -> str:
    """What the first bell of a page says, hidden or not."""
    found = re.search(r"<span class=\"bell__count[^>]*>.*?</span></span>", page, re.DOTALL)
    assert found
    return found[0]


def test_the_page_groups_by_request_and_says_everything(cast, room, say, client_of):
    comment = say("The rule is **heavier** than the total.")
    maya = client_of(cast.maya)
    page = maya.get("/notices").text
    assert "One thing is new." in page
    assert "Checkout</a></h2>" in page
    assert "Oliver commented" in page
    assert "The rule is **heavier** than the total." in page
    assert f'href="/reviews/{room.review}?v=1#comment-{comment}"' in page
    assert "Nothing has happened yet." in client_of(cast.wei).get("/notices").text


def test_the_bell_is_red_only_for_what_asks(cast, room, say, client_of):
    maya, wei = client_of(cast.maya), client_of(cast.wei)
    assert "hidden" in bell(maya.get("/").text)
    say("@Wei?")
    assert "bell__count--asks" not in bell(maya.get("/").text)
    assert ">1<" in bell(maya.get("/").text)
    assert "bell__count--asks" in bell(wei.get("/notices/bell").text)


def test_one_and_all_are_marked_as_read(cast, room, say, client_of, told_to):
    say()
    say(start_ms=2000)
    maya = client_of(cast.maya)
    first, second = told_to(cast.maya)
    assert maya.post(f"/notices/{first.id}/seen").location == "/notices"
    assert [n.seen_at is None for n in told_to(cast.maya)] == [False, True]
    third = say(start_ms=3000)
    maya.post("/notices/seen", data={"until": second.id})
    assert [n.comment_id for n in told_to(cast.maya) if n.seen_at is None] == [third]
    maya.post("/notices/seen")
    assert all(n.seen_at for n in told_to(cast.maya))
    assert client_of(cast.oliver).post(f"/notices/{first.id}/seen").status_code == 404


def test_reading_the_room_is_noted_by_its_script_and_by_no_get(cast, room, say, client_of, told_to):
    say()
    maya = client_of(cast.maya)
    page = maya.get(f"/reviews/{room.review}").text
    assert told_to(cast.maya)[0].seen_at is None
    url = re.search(r'data-module="read_here" data-to="([^"]+)"', page)[1]
    assert "hidden" in maya.post(url).text
    assert told_to(cast.maya)[0].seen_at is not None


def test_a_request_is_muted_and_heard_of_again(cast, room, say, client_of, told_to):
    maya = client_of(cast.maya)
    address = f"/reviews/{room.review}/mute"
    assert "Mute this request" in maya.get(f"/reviews/{room.review}").text
    for _ in range(2):
        assert maya.post(address, data={"mute": "1"}).status_code == 303
    assert "Hear of it again" in maya.get(f"/reviews/{room.review}").text
    say()
    assert told_to(cast.maya) == []
    maya.post(address, data={"mute": "0"})
    say()
    assert len(told_to(cast.maya)) == 1


def test_wishes_are_kept_and_what_cannot_be_read_is_shown_again(app, cast, client_of):
    maya = client_of(cast.maya)
    page = maya.get("/notices/settings").text
    assert page.count(" checked") >= 2
    said = {"digest": "1", "quiet": "20:00-08:00", "quiet_4": "12:00-24:00"}
    assert maya.post("/notices/settings", data=said).status_code == 303
    with app.app_context():
        wishes = wishes_of(cast.maya)
        assert (wishes.digest, wishes.immediate) == (True, False)
        typed = typed_week(wishes.quiet)
        assert typed == {**dict.fromkeys(range(7), "20:00-08:00"), 4: "12:00-24:00"}
        db.session.rollback()
    assert 'value="12:00-24:00"' in maya.get("/notices/settings").text
    refused = maya.post("/notices/settings", data={"quiet": "8 to 9", "quiet_1": "25:00-26:00"})
    assert refused.status_code == 422
    assert 'href="#quiet"' in refused.text
    assert 'href="#quiet_1"' in refused.text
    assert 'value="8 to 9"' in refused.text


def test_a_list_is_left_by_its_letter_alone_and_by_no_get(app, cast, client_of):
    guest = client_of(None)
    with app.app_context():
        token, coffee = list_token("digest", cast.maya), list_token("coffee", cast.maya)
    address = f"/notices/letters/{token}/leave"
    for _ in range(3):
        assert "No more morning digest?" in guest.get(address).text
        guest.head(address)
    with app.app_context():
        assert wishes_of(cast.maya).digest is True
        db.session.rollback()
    for _ in range(2):
        answer = guest.post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    with app.app_context():
        wishes = wishes_of(cast.maya)
        assert (wishes.digest, wishes.immediate) == (False, True)
        db.session.rollback()
    assert "No more morning digest." in guest.get(address).text
    for wrong in (coffee, token[:-2], "nothing"):
        assert guest.post(f"/notices/letters/{wrong}/leave").status_code == 404


def test_a_program_reads_marks_mutes_and_wishes(cast, room, say, client_of, monkeypatch):
    monkeypatch.setattr(web.limiter, "enabled", False)
    comment = say("@Wei, is it?")
    wei = client_of(cast.wei)
    [row] = wei.get("/api/v1/notices?unseen=true").json
    assert row["words"] == "Oliver mentioned you"
    assert (row["direct"], row["seen_at"], row["comment_id"]) == (True, None, comment)
    assert row["url"] == f"http://localhost/reviews/{room.review}?v=1#comment-{comment}"
    assert wei.put(f"/api/v1/notices/{row['id']}/seen").json["seen_at"]
    assert wei.get("/api/v1/notices?unseen=true").json == []
    assert wei.put("/api/v1/notices/seen").json == {"unseen": 0, "asks": 0}
    assert wei.put(f"/api/v1/reviews/{room.review}/mute").json["muted"] is True
    assert wei.delete(f"/api/v1/reviews/{room.review}/mute").json["muted"] is False
    changed = wei.patch("/api/v1/notices/settings", json={"quiet": {"0": "22:00-07:00"}})
    assert changed.json["quiet"] == {"0": "22:00-07:00"}
    assert [changed.json[name] for name in ("weekly", "digest", "immediate")] == [False, True, True]
    wrong = wei.patch("/api/v1/notices/settings", json={"quiet": {"0": "late"}})
    assert (wrong.status_code, list(wrong.json["fields"])) == (422, ["quiet_0"])
    assert wei.get("/api/v1/notices/settings").json["quiet"] == {"0": "22:00-07:00"}
