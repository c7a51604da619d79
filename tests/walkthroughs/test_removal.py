"""Taking a version away: its files go, what was said about it stays; the same bytes sent again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.events.models import Event
from critique.plumbing import jobs
from critique.plumbing.db import db
from critique.plumbing.search import SearchEntry
from critique.plumbing.storage import storage
from critique.walkthroughs.models import Transcript, Walkthrough
from critique.walkthroughs.preparing import WORK
from critique.walkthroughs.removal import FILES
from tests.media.test_pictures import png_of


@pytest.fixture
def files(app):
    """Keys of a version's files that are stored."""

    def stored(walkthrough_id: int) -> list[str]:
        with app.app_context():
            folder = app.extensions["critique_settings"].files / "walkthroughs"
            found = folder / str(walkthrough_id)
            return sorted(p.name for p in found.iterdir()) if found.is_dir() else []

    return stored


@pytest.fixture
def posted(maya, run_jobs, silent):
    made = maya.send_file(silent)
    run_jobs()
    return made


@pytest.fixture
def said(maya, posted, client_of, cast):
    answer = client_of(cast.oliver).post(
        f"/api/v1/walkthroughs/{posted}/comments", json={"body": "Too small.", "start_ms": 500}
    )
    assert answer.status_code == 201
    return answer.json["id"]


def test_files_go_and_what_was_said_stays(maya, posted, said, run_jobs, files, app):
    words = maya.client.post(f"/walkthroughs/{posted}/transcript", data={"text": "the new total"})
    assert words.status_code == 303
    run_jobs()
    assert len(files(posted)) > 3
    assert maya.client.delete(f"/api/v1/walkthroughs/{posted}").status_code == 204
    assert len(files(posted)) > 3, "files go in a job, once the removal is committed"
    run_jobs()
    assert files(posted) == []
    found = maya.client.get(f"/api/v1/walkthroughs/{posted}").json
    assert found["removed_at"]
    assert (found["sources"], found["poster"], found["peaks"]) == ([], None, None)
    assert maya.client.get(f"/api/v1/comments/{said}").json["body"] == "Too small."
    with app.app_context():
        row = db.session.get_one(Walkthrough, posted)
        assert not any(getattr(row, name) for name in FILES)
        assert db.session.scalar(sa.select(sa.func.count(Transcript.id))) >= 1
        entries = sa.select(sa.func.count()).where(SearchEntry.source == "transcript")
        assert db.session.scalar(entries) == 0
        verbs = db.session.scalars(sa.select(Event.verb)).all()
        assert verbs.count("walkthrough.removed") == 1


@pytest.mark.parametrize("kind", ["original", "playable", "poster", "sprite", "peaks"])
def test_what_is_removed_is_gone_at_once(maya, posted, kind, client_of, cast):
    maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    assert maya.client.get(f"/walkthroughs/{posted}/media/{kind}").status_code == 410
    assert maya.client.get(f"/api/v1/walkthroughs/{posted}/transcript").status_code == 410
    assert maya.client.get(f"/walkthroughs/{posted}/transcript.vtt").status_code == 410
    assert client_of(cast.rival).get(f"/walkthroughs/{posted}/media/{kind}").status_code == 404


def test_pictures_go_too(maya, run_jobs, files):
    made = maya.send(png_of((20, 10), (1, 2, 3)))
    maya.send(png_of((20, 10), (3, 2, 1)), walkthrough=str(made))
    run_jobs()
    still = maya.client.get(f"/api/v1/walkthroughs/{made}").json["stills"][1]["id"]
    assert len(files(made)) == 7
    maya.client.post(f"/walkthroughs/{made}/removal")
    run_jobs()
    assert files(made) == []
    for kind in ("picture", "small", "original"):
        assert maya.client.get(f"/stills/{still}/{kind}").status_code == 410
    again = maya.create(10, walkthrough=str(made))
    assert (again.status_code, again.json["code"]) == (409, "version_removed")


def test_it_leaves_the_list_and_its_number_is_not_given_again(maya, posted, run_jobs, silent):
    second = maya.send_file(silent)
    run_jobs()
    maya.client.post(f"/walkthroughs/{second}/removal")
    listed = maya.client.get(f"/api/v1/reviews/{maya.review}").json["walkthroughs"]
    assert [row["version"] for row in listed] == [1]
    third = maya.send_file(silent)
    assert maya.client.get(f"/api/v1/walkthroughs/{third}").json["version"] == 3
    page = maya.client.get(f"/reviews/{maya.review}?v=2").text
    assert "Maya removed v2" in page


def test_a_comment_that_comes_too_late_keeps_its_text(maya, posted, client_of, cast):
    maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    oliver = client_of(cast.oliver)
    late = oliver.post(
        f"/api/v1/walkthroughs/{posted}/comments", json={"body": "Late.", "start_ms": 0}
    )
    assert (late.status_code, late.json["code"]) == (409, "version_removed")
    assert "Maya removed version 1" in late.json["detail"]
    page = oliver.post(
        f"/walkthroughs/{posted}/comments", data={"body": "My late words.", "start_ms": "0"}
    )
    assert page.status_code == 409
    assert "My late words." in page.text


def test_who_said_something_may_still_be_answered(maya, posted, said):
    maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    answer = maya.client.post(f"/api/v1/comments/{said}/replies", json={"body": "True."})
    assert answer.status_code == 201
    settled = maya.client.put(f"/api/v1/comments/{said}/resolution", json={"how": "done"})
    assert settled.status_code == 200


def test_the_question_says_what_goes_and_who_may(maya, posted, client_of, cast):
    url = f"/walkthroughs/{posted}/removal"
    page = maya.client.get(url).text
    assert "silent.mp4" in page
    assert "Every comment and reply" in page
    assert client_of(cast.oliver).get(url).status_code == 403
    assert client_of(cast.oliver).post(url).status_code == 403
    assert client_of(cast.rival).post(url).status_code == 404
    assert client_of(cast.wei).post(url).status_code == 303
    assert maya.client.get(url).status_code == 410
    assert maya.client.delete(f"/api/v1/walkthroughs/{posted}").status_code == 204


def test_a_closed_request_keeps_its_versions(maya, posted):
    maya.client.post(f"/reviews/{maya.review}/closure", data={"reason": ""})
    maya.client.post(f"/reviews/{maya.review}/close", data={"reason": ""})
    answer = maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    closed = maya.client.get(f"/api/v1/reviews/{maya.review}").json["state"] == "closed"
    assert closed
    assert answer.status_code == 409


def test_removed_while_it_is_made_leaves_nothing_behind(
    maya, run_jobs, silent, files, monkeypatch, app
):
    made = maya.send_file(silent)
    real = WORK["playable"]

    def work(task, bench):
        outcome = real(task, bench)
        assert maya.client.delete(f"/api/v1/walkthroughs/{made}").status_code == 204
        return outcome

    monkeypatch.setitem(WORK, "playable", work)
    run_jobs()
    assert files(made) == []
    with app.app_context():
        states = {s.name: s.state for s in db.session.get_one(Walkthrough, made).steps}
    assert set(states.values()) <= {"done", "skipped"}
    assert maya.client.post(f"/walkthroughs/{made}/steps/poster/retry").status_code == 409


def test_removed_while_it_is_uploaded_the_rest_is_refused(maya, files):
    url = maya.begin(100)
    maya.patch(url, b"x" * 40, 0)
    made = int(maya.client.head(url, headers={"Tus-Resumable": "1.0.0"}).headers["Walkthrough-Id"])
    maya.client.delete(f"/api/v1/walkthroughs/{made}")
    assert maya.patch(url, b"x" * 60, 40).status_code == 404
    assert files(made) == []


def test_a_storage_that_fails_is_asked_again_later(maya, posted, files, app, monkeypatch):
    from critique.plumbing import clock
    from critique.plumbing.storage import StorageFailed
    from critique.walkthroughs import expiry
    from critique.walkthroughs.uploads import spool

    maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    with app.app_context():
        with monkeypatch.context() as patched:

            def fail(key):
                raise StorageFailed("Not reachable.")

            patched.setattr(storage(), "delete", fail)
            with pytest.raises(StorageFailed):
                jobs.registry["remove_files"].run(posted)
        assert files(posted)
        expiry.clear(spool(), storage(), clock.now())
    assert files(posted) == []


def test_a_persons_share_grows_again(maya, posted, app, cast):
    from critique.walkthroughs.queries import bytes_of
    from tests.conftest import load_person

    with app.app_context():
        assert bytes_of(load_person(cast.maya)) > 0
    maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    with app.app_context():
        assert bytes_of(load_person(cast.maya)) == 0


def test_the_same_recording_twice_is_told_and_easy_to_take_back(maya, posted, silent, run_jobs):
    again = maya.send_file(silent)
    run_jobs()
    assert maya.client.get(f"/api/v1/walkthroughs/{again}").json["same_as"] == posted
    page = maya.client.get(f"/reviews/{maya.review}").text
    assert "the same file as v1, byte for byte" in page
    assert f'href="/walkthroughs/{again}/removal"' in page
    maya.client.delete(f"/api/v1/walkthroughs/{posted}")
    assert maya.client.get(f"/api/v1/walkthroughs/{again}").json["same_as"] is None


def test_what_is_sent_again_after_a_lost_answer_is_there_once(maya, silent, run_jobs):
    data = silent.read_bytes()
    key = {"Idempotency-Key": "one-beginning"}
    first, second = (maya.create(len(data), headers=key) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert maya.patch(first.headers["Location"], data, 0).status_code == 204
    again = maya.patch(first.headers["Location"], data, 0)
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, str(len(data)))
    assert maya.offset(first.headers["Location"]) == len(data)
    run_jobs()
    listed = maya.client.get(f"/api/v1/reviews/{maya.review}").json["walkthroughs"]
    assert [row["version"] for row in listed] == [1]
