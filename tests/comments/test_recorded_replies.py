"""Replies people record: who may hear them when, what a thread says of them, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.comments.models import Reply
from critique.comments.talk import talk_of
from critique.media.speech.words import Transcript as Heard
from critique.media.speech.words import Word
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.search import SearchEntry
from critique.plumbing.storage import storage
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs import expiry, preparing
from critique.walkthroughs.limits import REPLY_BYTES
from critique.walkthroughs.models import Transcript, Upload, Walkthrough
from critique.walkthroughs.queries import bytes_of
from critique.walkthroughs.uploads import spool
from tests.comments.test_queries import Counted
from tests.conftest import load_person
from tests.media.conftest import record, recordings, silent  # noqa: F401 - fixtures
from tests.media.test_pictures import png_of
from tests.walkthroughs.conftest import Uploading

SPOKEN = "marmalade goes above the button"
KINDS = ("original", "playable", "poster")


@pytest.fixture(autouse=True)
def ears(monkeypatch):
    """An engine that hears the same in everything, at once."""
    words = [Word(w, at * 300, at * 300 + 250, 0.4) for at, w in enumerate(SPOKEN.split())]
    heard = Heard(words=words, language="en", engine="test", draft=True)
    monkeypatch.setattr(preparing, "transcribe", lambda *_: heard)


@pytest.fixture
def voice(record):  # noqa: F811 - the fixture
    """Two seconds as a browser records them: Opus in WebM, without a length in its head."""
    tone = ("-f", "lavfi", "-i", "sine=frequency=300:duration=2")
    return record("voice.webm", *tone, "-c:a", "libopus", "-f", "webm", "-live", "1", piped=True)


@pytest.fixture
def send(client_of, cast, room, voice):
    """Upload a recording for a comment as somebody; gives its id."""

    def upload(comment, path=voice, who=cast.maya, **told):
        uploading = Uploading(client_of(who), room.review)
        return uploading.send_file(path, reply=str(comment), **told)

    return upload


@pytest.fixture
def recorded(say, send, client_of, cast, run_jobs):
    """A comment of Oliver's, and Maya's spoken reply to it, sent and worked on."""

    def make(path=None, **body):
        comment = say()
        made = send(comment, **({"path": path} if path else {}))
        answer = client_of(cast.maya).post(
            f"/api/v1/comments/{comment}/replies", json={"recording": made, **body}
        )
        assert answer.status_code == 201, answer.text
        run_jobs()
        return comment, made, answer.json["id"]

    return make


def talk(client, room) -> str:
    """The threads of the room as a page has them."""
    return client.get(f"/walkthroughs/{room.walkthrough}/threads").text


def test_a_voice_is_a_reply_that_plays_and_can_be_read(recorded, client_of, cast, room):
    comment, made, reply = recorded()
    oliver = client_of(cast.oliver)
    told = oliver.get(f"/api/v1/comments/{comment}").json["replies"][0]
    assert (told["id"], told["body"]) == (reply, "")
    recording = told["recording"]
    assert (recording["id"], recording["state"], recording["reason"]) == (made, "ready", None)
    assert 1900 <= recording["duration_ms"] <= 2100
    source = recording["sources"][0]
    assert source["type"].startswith("audio/")
    played = oliver.get(source["url"].removeprefix("http://localhost"), buffered=True)
    assert played.status_code == 200
    assert len(played.data) > 1000
    words = oliver.get(recording["transcript_url"].removeprefix("http://localhost"))
    assert " ".join(word["text"] for word in words.json["words"]) == SPOKEN
    page = talk(oliver, room)
    assert (
        f'<audio class="recorded__sound" controls preload="none" src="/walkthroughs/{made}/' in page
    )
    assert SPOKEN in page
    assert "Draft" in page.split(f'id="reply-{reply}"')[1]


def test_a_screen_has_a_picture_before_it_plays(recorded, client_of, cast, room, silent):  # noqa: F811
    _, made, reply = recorded(path=silent, body="Look here:")
    page = talk(client_of(cast.oliver), room).split(f'id="reply-{reply}"')[1]
    assert f'poster="/walkthroughs/{made}/media/poster"' in page
    assert "Look here:" in page
    assert "There is no sound in it" in page


def test_nobody_else_knows_of_it_until_it_is_sent(say, send, client_of, cast, room, run_jobs, app):
    comment = say()
    made = send(comment)
    run_jobs()
    addresses = [f"/walkthroughs/{made}/media/{kind}" for kind in KINDS[:2]]
    addresses += [f"/api/v1/walkthroughs/{made}", f"/api/v1/walkthroughs/{made}/transcript"]
    addresses += [f"/walkthroughs/{made}/transcript.{form}" for form in ("txt", "vtt")]
    for address in addresses:
        assert client_of(cast.maya).get(address, buffered=True).status_code == 200, address
        for who in (cast.oliver, cast.wei, cast.ada, cast.rival, cast.nia):
            assert client_of(who).get(address).status_code == 404, address
        assert client_of(None).get(address).status_code in (401, 302), address
    assert client_of(cast.maya).get("/api/v1/search?q=marmalade").json == []
    assert client_of(cast.wei).post(f"/walkthroughs/{made}/steps/probe/retry").status_code == 404
    with app.app_context(), snapshot():
        assert talk_of(room.walkthrough)[0].replies == []


def test_a_recorded_reply_is_no_version_to_anybody(recorded, client_of, cast, room):
    _, made, _ = recorded()
    maya = client_of(cast.maya)
    assert [w["id"] for w in maya.get(f"/api/v1/reviews/{room.review}").json["walkthroughs"]] == [
        room.walkthrough
    ]
    said = {"body": "On a reply?", "start_ms": 1}
    assert maya.post(f"/api/v1/walkthroughs/{made}/comments", json=said).status_code == 404
    assert maya.delete(f"/api/v1/walkthroughs/{made}").status_code == 404
    assert maya.get(f"/walkthroughs/{made}/threads").status_code == 404
    assert maya.get(f"/api/v1/walkthroughs/{room.walkthrough}/map/{made}").status_code == 404
    put = maya.put(f"/api/v1/walkthroughs/{made}/transcript", data="x", content_type="text/plain")
    assert put.status_code == 404


def test_its_words_are_found_in_the_thread(recorded, client_of, cast, room):
    _, made, reply = recorded()
    found = client_of(cast.oliver).get("/api/v1/search?q=marmalade").json
    assert [(one["source"], one["source_id"], one["version"]) for one in found] == [
        ("transcript", made, 1)
    ]
    assert found[0]["url"].endswith(f"/reviews/{room.review}?v=1&t=1000#reply-{reply}")
    assert "said in a reply on version 1" in client_of(cast.oliver).get("/library?q=marmalade").text
    assert client_of(cast.rival).get("/api/v1/search?q=marmalade").json == []


def test_words_heard_before_it_was_sent_are_found_too(say, send, client_of, cast, run_jobs):
    comment = say()
    made = send(comment)
    run_jobs()
    client_of(cast.maya).post(f"/comments/{comment}/replies", data={"recording": str(made)})
    assert client_of(cast.oliver).get("/api/v1/search?q=marmalade").json != []


def test_what_is_taken_back_is_gone_with_its_files_and_words(
    recorded, client_of, cast, run_jobs, app, room
):
    comment, made, reply = recorded()
    maya = client_of(cast.maya)
    assert maya.post(f"/replies/{reply}/removal", data={"revision": "1"}).status_code == 303
    assert maya.get(f"/walkthroughs/{made}/media/playable").status_code == 410
    run_jobs()
    folder = app.extensions["critique_settings"].files / "walkthroughs" / str(made)
    assert not folder.is_dir() or list(folder.iterdir()) == []
    assert maya.get("/api/v1/search?q=marmalade").json == []
    told = maya.get(f"/api/v1/comments/{comment}").json["replies"][0]
    assert (told["body"], told["recording"]) == (None, None)
    assert "Removed by Maya" in talk(maya, room)
    assert SPOKEN not in talk(maya, room)
    with app.app_context(), snapshot():
        of_it = sa.select(Transcript).where(Transcript.walkthrough_id == made)
        assert db.session.scalars(of_it).all() == []
        assert bytes_of(load_person(cast.maya)) == 0


@pytest.mark.parametrize("why", ["another", "elsewhere", "version", "nothing", "coming"])
def test_only_ones_own_whole_recording_for_this_comment_is_sent(
    why, say, send, client_of, cast, room, voice
):
    comment = say()
    made = {
        "another": lambda: send(comment, who=cast.oliver),
        "elsewhere": lambda: send(say("Another one.")),
        "version": lambda: room.walkthrough,
        "nothing": lambda: 987_654,
        "coming": lambda: _begun(client_of(cast.maya), room, comment),
    }[why]()
    answer = client_of(cast.maya).post(
        f"/api/v1/comments/{comment}/replies", json={"recording": made, "body": "Kept?"}
    )
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"recording"}
    assert client_of(cast.maya).get(f"/api/v1/comments/{comment}").json["replies"] == []


def _begun(client, room, comment):
    answer = Uploading(client, room.review).create(10, reply=str(comment))
    assert answer.status_code == 201
    return int(answer.headers["Walkthrough-Id"])


def test_sent_twice_is_sent_once(say, send, client_of, cast, app):
    comment = say()
    made = send(comment)
    maya = client_of(cast.maya)
    form = {"recording": str(made), "once": "a-token-of-the-page"}
    for _ in range(2):
        assert maya.post(f"/comments/{comment}/replies", data=form).status_code == 303
    again = maya.post(f"/api/v1/comments/{comment}/replies", json={"recording": made})
    assert (again.status_code, again.json["code"]) == (409, "sent_already")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Reply.id))) == 1


def test_nothing_at_all_is_no_reply(say, client_of, cast):
    answer = client_of(cast.maya).post(f"/api/v1/comments/{say()}/replies", json={"body": " "})
    assert (answer.status_code, answer.json["fields"]) == (422, {"body": "This is needed."})


def test_who_may_record_where(say, client_of, cast, room):
    comment = say()
    for who, expected in ((cast.oliver, 201), (cast.wei, 201), (cast.rival, 404), (cast.nia, 404)):
        answer = Uploading(client_of(who), room.review).create(10, reply=str(comment))
        assert answer.status_code == expected, who
    maya = Uploading(client_of(cast.maya), room.review)
    assert maya.create(10, reply="987654").status_code == 404
    assert maya.create(10, reply="seven").status_code == 422
    assert maya.create(10, reply=str(comment), review="987654").status_code in (404, 422)
    client_of(cast.oliver).post(f"/comments/{comment}/removal", data={"revision": "1"})
    assert maya.create(10, reply=str(comment)).status_code == 409


def test_a_mentor_goes_on_with_a_cut_upload_and_a_colleague_does_not(
    say, client_of, cast, room, voice
):
    oliver = Uploading(client_of(cast.oliver), room.review)
    data = voice.read_bytes()
    url = oliver.begin(len(data), reply=str(say()))
    assert oliver.patch(url, data[:100], 0).status_code == 204
    assert oliver.offset(url) == 100
    assert client_of(cast.maya).head(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 404
    assert oliver.patch(url, data[100:], 100).status_code == 204


def test_limits_are_held_and_told(say, client_of, cast, room):
    comment = say()
    maya = Uploading(client_of(cast.maya), room.review)
    large = maya.create(REPLY_BYTES + 1, reply=str(comment))
    assert large.status_code == 413
    assert "100.0 MB" in large.json["detail"]
    picture = png_of((8, 8), (200, 30, 30))
    url = maya.begin(len(picture), reply=str(comment))
    refused = maya.patch(url, picture, 0)
    assert (refused.status_code, refused.json["code"]) == (422, "not_a_recording")
    form = client_of(cast.maya).get(f"/comments/{comment}/replies").text
    assert 'data-longest="120000"' in form
    assert f'data-largest="{REPLY_BYTES}"' in form


def test_longer_than_two_minutes_says_both_lengths(recorded, client_of, cast, room, record):  # noqa: F811
    tone = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "151.5", "-c:a", "libopus")
    long = record("long.webm", *tone, "-b:a", "6k")
    comment, made, reply = recorded(path=long)
    told = client_of(cast.oliver).get(f"/api/v1/comments/{comment}").json["replies"][0]["recording"]
    assert told["state"] == "failed"
    assert "2:31 long; a reply can be 2:00" in told["reason"]
    page = talk(client_of(cast.oliver), room).split(f'id="reply-{reply}"')[1]
    assert told["reason"] in page
    assert f"/walkthroughs/{made}/media/original" in page
    assert "/steps/probe/retry" not in page, "trying again is its speaker's"
    retry = f"/walkthroughs/{made}/steps/probe/retry"
    assert retry in talk(client_of(cast.maya), room)
    assert client_of(cast.oliver).post(retry).status_code == 403
    assert client_of(cast.maya).post(retry).status_code == 303


def test_other_rooms_hear_of_each_step(say, send, client_of, cast, room, run_jobs):
    comment = say()
    made = send(comment)
    client_of(cast.maya).post(f"/comments/{comment}/replies", data={"recording": str(made)})
    oliver, path = client_of(cast.oliver), f"/walkthroughs/{room.walkthrough}/threads"
    first = oliver.get(path)
    assert "is being made playable" in first.text
    at = first.headers["Newest-Change"]
    assert oliver.get(f"{path}?after={at}").status_code == 204
    run_jobs()
    then = oliver.get(f"{path}?after={at}")
    assert then.status_code == 200
    assert then.text.count("<article") == 1
    assert SPOKEN in then.text
    assert _revision(then.text) != _revision(first.text)


def _revision(page: str) -> str:
    return page.split('data-revision="')[1].partition('"')[0]


def test_reading_many_costs_what_reading_one_does(app, cast, room, say, answer):
    comment = say()
    costs = []
    for wanted in (1, 12):
        for _ in range(wanted):
            reply = answer(comment)
            with app.app_context(), transaction():
                made = Walkthrough(
                    review_id=room.review, version=None, uploaded_by_id=cast.maya, filename="v",
                    state="ready", created_at=clock.now(), shared_at=clock.now(),
                )  # fmt: skip
                db.session.add(made)
                db.session.flush()
                db.session.get_one(Reply, reply).recording_id = made.id
        with app.app_context(), Counted() as counted, snapshot():
            threads = talk_of(room.walkthrough)
        assert all(one.recording for one in threads[0].replies)
        costs.append(len([s for s in counted.statements if s.startswith("SELECT")]))
    assert costs == [6, 6]


def test_what_nobody_sent_is_cleared_after_a_day(
    say, send, recorded, client_of, cast, app, run_jobs
):
    _, sent, _ = recorded()
    kept = send(say("Second."))
    forgotten = send(say("Third."))
    run_jobs()
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Upload)
                .where(Upload.walkthrough_id.in_([sent, forgotten]))
                .values(finished_at=clock.now() - timedelta(hours=25))
            )
        expiry.clear(spool(), storage(), clock.now())
        with snapshot():
            gone = {
                row.id: (row.removed_at is not None, row.original_key is None)
                for row in db.session.scalars(sa.select(Walkthrough))
            }
            entries = db.session.scalars(sa.select(SearchEntry.source_id)).all()
    assert [gone[one] for one in (sent, kept, forgotten)] == [
        (False,) * 2,
        (False,) * 2,
        (True,) * 2,
    ]
    assert forgotten not in entries
    original = f"/walkthroughs/{forgotten}/media/original"
    assert client_of(cast.maya).get(original).status_code == 410
    assert client_of(cast.oliver).get(original).status_code == 404
