"""tus 1.0 as a client meets it: every promise of the protocol, and every refusal."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.accounts.login import digest
from critique.accounts.models import ApiToken
from critique.events.models import Event
from critique.factory import create_app
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.storage import storage
from critique.plumbing.transaction import OpenTransaction, must_be_closed, transaction
from critique.walkthroughs import expiry, uploads
from critique.walkthroughs.models import Upload, Walkthrough
from critique.walkthroughs.spool import Spool
from tests.walkthroughs.conftest import BODY_TYPE, TUS, Uploading

DATA = bytes(range(256)) * 40


@pytest.fixture
def resettled(app, monkeypatch):
    """Change settings of the running application."""

    def change(**changes):
        settings = app.extensions["critique_settings"]
        monkeypatch.setitem(app.extensions, "critique_settings", replace(settings, **changes))

    return change


@pytest.fixture
def program(app, cast, review):
    """Maya's program, with a token that outlives every session."""
    with app.app_context(), transaction():
        issued = ApiToken(person_id=cast.maya, digest=digest("token"), issued_at=clock.now())
        db.session.add(issued)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer token"
    return Uploading(client, review)


def cut(uploading, url, data, at, offset=0, **headers):
    """Send `data`, but lose the line after `at` bytes of it."""
    return uploading.client.patch(
        url,
        input_stream=io.BytesIO(data[:at]),
        content_type=BODY_TYPE,
        headers={**TUS, "Upload-Offset": str(offset), "Content-Length": str(len(data)), **headers},
    )


def checksum(name, data):
    return f"{name} {base64.b64encode(hashlib.new(name, data).digest()).decode()}"


def original(app, walkthrough):
    with app.app_context():
        return storage().read(walkthrough.original_key)


def test_the_server_says_what_it_can_to_everybody(client_of, app):
    answer = client_of(None).options("/uploads/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(
        app.extensions["critique_settings"].max_upload_bytes
    )
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation", "expiration", "checksum", "termination",
    }  # fmt: skip
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_walkthrough_has_its_number_from_the_start(maya, walkthrough):
    answer = maya.create(len(DATA), note="  Now with \n two steps ")
    assert answer.headers["Upload-Offset"] == "0"
    assert "GMT" in answer.headers["Upload-Expires"]
    made = walkthrough(int(answer.headers["Walkthrough-Id"]))
    assert (made.state, made.version, made.note) == ("uploading", 1, "Now with two steps")
    url = answer.headers["Location"]
    maya.patch(url, DATA[:5], 0)
    head = maya.client.head(url, headers=TUS)
    assert head.headers["Upload-Offset"] == "5"
    assert head.headers["Upload-Length"] == str(len(DATA))
    assert head.headers["Cache-Control"] == "no-store"
    assert "filename d2Fsay5tcDQ=" in head.headers["Upload-Metadata"]


@pytest.mark.parametrize("at", [0, 1, 37, 5000, len(DATA) - 1])
def test_cut_at_any_byte_it_goes_on_there(maya, app, walkthrough, at):
    url = maya.begin(len(DATA))
    cut(maya, url, DATA, at)
    assert maya.offset(url) == at
    answer = maya.patch(url, DATA[at:], at)
    assert answer.status_code == 204
    made = walkthrough(int(answer.headers["Walkthrough-Id"]))
    assert original(app, made) == DATA
    assert made.sha256 == hashlib.sha256(DATA).hexdigest()


def test_many_cuts_and_a_restart_between_them_lose_nothing(maya, app, walkthrough):
    url, at = maya.begin(len(DATA)), 0
    for step in (3, 1, 999, 4096, 17, 2048):
        cut(maya, url, DATA[at:], step, offset=at)
        at += step
        assert maya.offset(url) == at
        # What a restarted process knows: the database and the files.
        app.extensions.pop("critique_spool")
    made = walkthrough(int(maya.patch(url, DATA[at:], at).headers["Walkthrough-Id"]))
    assert original(app, made) == DATA
    assert made.sha256 == hashlib.sha256(DATA).hexdigest()


def test_bytes_that_were_not_acknowledged_are_asked_for_again(maya, app, walkthrough):
    url = maya.begin(len(DATA))
    maya.patch(url, DATA[:100], 0)
    upload_id = url.rsplit("/", 1)[-1]
    with app.app_context():
        path = uploads.spool().path(upload_id)
    # Killed after the bytes were written, before the offset was.
    path.write_bytes(path.read_bytes() + b"torn")
    assert maya.offset(url) == 100
    made = walkthrough(int(maya.patch(url, DATA[100:], 100).headers["Walkthrough-Id"]))
    assert made.sha256 == hashlib.sha256(DATA).hexdigest()
    assert original(app, made) == DATA


def test_a_kill_between_storing_and_posting_posts_once(maya, app, walkthrough, monkeypatch):
    url = maya.begin(len(DATA))

    class Killed(BaseException):
        pass

    def die(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("critique.walkthroughs.operations.finish_upload", die)
        with pytest.raises(Killed):
            maya.patch(url, DATA, 0)
    app.extensions.pop("critique_spool")
    at = maya.offset(url)
    made = walkthrough(int(maya.patch(url, DATA[at:], at).headers["Walkthrough-Id"]))
    assert original(app, made) == DATA
    with app.app_context():
        assert len(jobs.unfinished()) == 1
        posted = sa.select(sa.func.count()).where(Event.verb == "walkthrough.posted")
        assert db.session.scalar(posted) == 1


def test_the_last_byte_again_changes_nothing(maya, walkthrough, app):
    url = maya.begin(len(DATA))
    maya.patch(url, DATA, 0)
    assert maya.offset(url) == len(DATA)
    assert maya.patch(url, b"", len(DATA)).status_code == 204
    with app.app_context():
        assert len(jobs.unfinished()) == 1
        assert not list(uploads.spool().folder.glob("*.part"))


def test_a_long_request_is_acknowledged_as_it_goes(maya, monkeypatch):
    monkeypatch.setattr("critique.walkthroughs.spool.DURABLE_BYTES", 4096)
    monkeypatch.setattr("critique.walkthroughs.spool.READ_BYTES", 1024)
    seen = []
    save = "critique.walkthroughs.operations.save_progress"
    from critique.walkthroughs.operations import save_progress

    def watch(upload_id, received):
        seen.append(received)
        save_progress(upload_id, received)

    monkeypatch.setattr(save, watch)
    maya.patch(maya.begin(len(DATA)), DATA, 0)
    assert seen == [4096, 8192]


def test_no_transaction_is_open_while_bytes_stream_in(maya):
    class Watched(io.BytesIO):
        open_while_reading = None

        def read(self, size=-1):
            try:
                must_be_closed()
                Watched.open_while_reading = False
            except OpenTransaction:
                Watched.open_while_reading = True
            return super().read(size)

        def readinto(self, buffer):
            data = self.read(len(buffer))
            buffer[: len(data)] = data
            return len(data)

    answer = maya.client.patch(
        maya.begin(len(DATA)),
        input_stream=Watched(DATA),
        content_type=BODY_TYPE,
        headers={**TUS, "Upload-Offset": "0", "Content-Length": str(len(DATA))},
    )
    assert answer.status_code == 204
    assert Watched.open_while_reading is False


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_checksum_is_held(maya, name):
    url = maya.begin(len(DATA))
    bad = maya.patch(url, DATA[:99], 0, Upload_Checksum=checksum(name, b"others"))
    assert bad.status_code == 460
    assert "once more" in bad.json["detail"]
    assert maya.offset(url) == 0
    good = maya.patch(url, DATA, 0, Upload_Checksum=checksum(name, DATA))
    assert good.status_code == 204


def test_under_a_checksum_a_cut_part_is_thrown_away(maya):
    url = maya.begin(len(DATA))
    header = {"Upload-Checksum": checksum("sha1", DATA)}
    assert cut(maya, url, DATA, 500, **header).status_code == 460
    assert maya.offset(url) == 0


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (409, {"Upload-Offset": "7"}),
        (400, {"Upload-Offset": "-1"}),
        (400, {"Upload-Offset": ""}),
        (412, {"Tus-Resumable": "0.2.2"}),
        (412, {"Tus-Resumable": ""}),
        (415, {"Content-Type": "video/mp4"}),
        (400, {"Upload-Checksum": "md5 AAAA"}),
        (400, {"Upload-Checksum": "sha1 ###"}),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(maya, status, changes):
    url = maya.begin(len(DATA))
    given = {**TUS, "Upload-Offset": "0", "Content-Type": BODY_TYPE, **changes}
    answer = maya.client.patch(url, data=DATA, headers=given)
    assert answer.status_code == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.content_type == "application/problem+json"
    assert maya.offset(url) == 0


@pytest.mark.parametrize("client", ["maya", "program"])
def test_one_request_may_carry_more_than_any_form(request, app, client):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    uploading = request.getfixturevalue(client)
    url = uploading.begin(len(DATA))
    assert uploading.patch(url, DATA, 0).status_code == 204
    assert uploading.offset(url) == len(DATA)


def test_more_bytes_than_announced_are_refused(maya):
    url = maya.begin(10)
    assert maya.patch(url, b"12345678901", 0).status_code == 413
    assert maya.offset(url) == 0


def test_methods_may_be_named_in_a_header(maya):
    url = maya.begin(len(DATA))
    given = {**TUS, "Upload-Offset": "0", "Content-Type": BODY_TYPE}

    def post(method, **rest):
        override = {"X-HTTP-Method-Override": method}
        return maya.client.post(url, headers={**given, **override}, **rest)

    assert post("PATCH", data=DATA[:9]).status_code == 204
    assert post("HEAD").headers["Upload-Offset"] == "9"
    assert post("DELETE").status_code == 204
    assert post("GET").status_code == 405


def test_one_writer_at_a_time(maya, app):
    url = maya.begin(len(DATA))
    with app.app_context(), uploads.spool().writing(url.rsplit("/", 1)[-1]):
        answer = maya.patch(url, DATA, 0)
        assert answer.status_code == 423
        assert "another tab" in answer.json["detail"]
    assert maya.patch(url, DATA, 0).status_code == 204


def test_an_empty_file_is_refused_in_words(maya):
    answer = maya.create(0)
    assert answer.status_code == 422
    assert "empty" in answer.json["detail"]


def test_limits_are_held_at_the_start(maya, resettled):
    resettled(max_upload_bytes=2_000_000)
    answer = maya.create(2_000_001)
    assert answer.status_code == 413
    assert "at most 2.0 MB" in answer.json["detail"]
    assert answer.json["limit_bytes"] == 2_000_000


def test_a_share_counts_what_is_still_on_its_way(maya, resettled):
    resettled(quota_bytes=1000)
    url = maya.begin(600)
    answer = maya.create(600)
    assert (answer.status_code, answer.json["code"]) == (413, "quota")
    assert "400 bytes left" in answer.json["detail"]
    maya.client.delete(url, headers=TUS)
    assert maya.create(600).status_code == 201


def test_a_full_disk_is_told_and_keeps_what_came(maya, resettled):
    url = maya.begin(len(DATA))
    maya.patch(url, DATA[:50], 0)
    resettled(disk_reserve_bytes=2**62)
    for answer in (maya.create(5), maya.patch(url, DATA[50:], 50)):
        assert (answer.status_code, answer.json["code"]) == (507, "disk_full")
        assert "nearly full" in answer.json["detail"]
    resettled(disk_reserve_bytes=0)
    assert maya.offset(url) == 50
    assert maya.patch(url, DATA[50:], 50).status_code == 204


def test_a_disk_that_fills_up_in_between_keeps_what_was_acknowledged(maya, monkeypatch):
    import errno

    from critique.walkthroughs.spool import Tray

    url = maya.begin(len(DATA))
    maya.patch(url, DATA[:50], 0)

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, _chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name):
            return getattr(self.file, name)

    with monkeypatch.context() as patched:
        before = Tray.__init__

        def made(self, spool, upload_id, file):
            before(self, spool, upload_id, Full(file))

        patched.setattr(Tray, "__init__", made)
        assert maya.patch(url, DATA[50:], 50).status_code == 507
    assert maya.offset(url) == 50
    assert maya.patch(url, DATA[50:], 50).status_code == 204


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Upload-Length": "many"}, "upload-length"),
        ({"Upload-Length": "-5"}, "upload-length"),
        ({"Upload-Length": "9" * 30}, "upload-length"),
        ({"Upload-Defer-Length": "1"}, "upload-defer-length"),
        ({"Upload-Metadata": "review ###"}, "upload-metadata"),
        ({"Upload-Metadata": "review /w=="}, "upload-metadata"),
    ],
)
def test_a_creation_that_cannot_be_read_names_the_field(maya, headers, field):
    answer = maya.create(10, headers=headers)
    assert answer.status_code == 400
    assert field in answer.json["fields"]


@pytest.mark.parametrize("review", ["", "x", "-1", "²", "1.5"])
def test_a_creation_without_a_review_is_invalid(maya, review):
    answer = maya.create(10, review=review)
    assert answer.status_code == 422
    assert "review" in answer.json["fields"]


@pytest.mark.parametrize("review", ["999999", "9" * 40])
def test_a_review_that_does_not_exist_is_not_found(maya, review):
    assert maya.create(10, review=review).status_code == 404


def test_versions_count_up_and_a_stopped_one_is_free_again(maya, walkthrough, app):
    first = maya.send(DATA)
    url = maya.begin(50)
    second = maya.begin(60)
    assert maya.client.delete(url, headers=TUS).status_code == 204
    assert maya.client.head(url, headers=TUS).status_code == 404
    assert walkthrough(first).version == 1
    with app.app_context():
        versions = db.session.scalars(sa.select(Walkthrough.version)).all()
        assert sorted(versions) == [1, 3]
        assert not uploads.spool().path(url.rsplit("/", 1)[-1]).exists()
        assert uploads.spool().folder.exists()
    maya.client.delete(second, headers=TUS)
    assert walkthrough(maya.send(DATA)).version == 2


def test_a_finished_upload_cannot_be_stopped(maya, walkthrough):
    url = maya.begin(len(DATA))
    made = int(maya.patch(url, DATA, 0).headers["Walkthrough-Id"])
    assert maya.client.delete(url, headers=TUS).status_code == 409
    assert walkthrough(made).state == "processing"


def test_a_version_that_was_spoken_about_stays_when_its_upload_is_stopped(
    maya, app, cast, walkthrough
):
    from critique.comments.models import Comment

    answer = maya.create(50)
    made = int(answer.headers["Walkthrough-Id"])
    with app.app_context(), transaction():
        db.session.add(
            Comment(
                walkthrough_id=made, author_id=cast.oliver, body="Waiting for it",
                start_ms=0, end_ms=0, created_at=clock.now(),
            )
        )  # fmt: skip
    assert maya.client.delete(answer.headers["Location"], headers=TUS).status_code == 204
    after = walkthrough(made)
    assert after.state == "failed"
    assert "new version" in after.reason


def test_what_nobody_came_back_for_is_gone_after_a_day(program, app, run_jobs, walkthrough):
    with time_machine.travel(clock.now(), tick=False) as now:
        answer = program.create(len(DATA))
        url, made = answer.headers["Location"], int(answer.headers["Walkthrough-Id"])
        now.shift(timedelta(hours=23))
        program.patch(url, DATA[:9], 0)
        now.shift(timedelta(hours=23, minutes=59))
        assert program.offset(url) == 9
        now.shift(timedelta(minutes=2))
        gone = program.client.head(url, headers=TUS)
        assert gone.status_code == 410
        assert program.patch(url, DATA[9:], 9).status_code == 410
        with app.app_context(), transaction():
            expiry.enqueue_expired_uploads(clock.now())
            expiry.enqueue_expired_uploads(clock.now())
        assert len(run_jobs()) == 1
        assert program.client.head(url, headers=TUS).status_code == 404
        assert walkthrough(made) is None
        with app.app_context():
            assert db.session.scalars(sa.select(Upload)).all() == []
            assert not uploads.spool().path(url.rsplit("/", 1)[-1]).exists()


def test_a_program_uploads_with_its_token(program, walkthrough):
    assert walkthrough(program.send(DATA)).state == "processing"


def test_a_session_must_prove_that_the_page_asked(maya):
    del maya.client.environ_base["HTTP_X_CSRFTOKEN"]
    answer = maya.create(10)
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")


def test_only_the_author_and_those_who_lead_may_bring_a_version(client_of, cast, review):
    status = {
        name: Uploading(client_of(person), review).create(10).status_code
        for name, person in {
            "guest": None, "nia": cast.nia, "rival": cast.rival, "oliver": cast.oliver,
            "wei": cast.wei, "ada": cast.ada, "maya": cast.maya,
        }.items()
    }  # fmt: skip
    # A guest has no session, so the missing proof of the page is met first.
    assert status.pop("guest") in (400, 401)
    assert status == {
        "nia": 404, "rival": 404, "oliver": 403, "wei": 201, "ada": 201, "maya": 201,
    }  # fmt: skip


def test_nobody_touches_the_upload_of_another(maya, client_of, cast, review):
    url = maya.begin(len(DATA))
    for person in (cast.wei, cast.oliver, cast.rival, cast.nia):
        other = Uploading(client_of(person), review)
        assert other.client.head(url, headers=TUS).status_code == 404
        assert other.patch(url, DATA, 0).status_code == 404
        assert other.client.delete(url, headers=TUS).status_code == 404
    assert maya.offset(url) == 0


def test_who_was_removed_cannot_go_on(maya, app, cast):
    from critique.accounts.models import Membership

    url = maya.begin(len(DATA))
    maya.patch(url, DATA[:5], 0)
    with app.app_context(), transaction():
        db.session.execute(
            sa.update(Membership)
            .where(Membership.person_id == cast.maya)
            .values(ended_at=clock.now())
        )
    assert maya.client.head(url, headers=TUS).status_code == 404
    assert maya.patch(url, DATA[5:], 5).status_code == 404


def test_a_closed_request_takes_no_versions(maya, app, cast, review):
    from critique.reviews.models import Closure

    with app.app_context(), transaction():
        db.session.add(Closure(review_id=review, by_id=cast.maya, at=clock.now()))
    answer = maya.create(10)
    assert (answer.status_code, answer.json["code"]) == (409, "closed")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Videos\\walk.mp4", "walk.mp4"),
        ('a"\r\nSet-Cookie: x=1.mp4', 'a"Set-Cookie: x=1.mp4'),
        ("<script>alert(1)</script>.mp4", "script>.mp4"),
        ("\u202egpj.4pm", "gpj.4pm"),
        ("\x00\n", "recording"),
        ("..", "recording"),
        ("Ärger 視频.mp4", "Ärger 視频.mp4"),
        ("x" * 400 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_a_file_name_is_text_and_breaks_no_header(maya, walkthrough, sent, kept):
    made = maya.send(DATA, filename=sent)
    assert walkthrough(made).filename == kept
    with maya.client.get(f"/walkthroughs/{made}/media/original") as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "Set-Cookie" not in dict(answer.headers)
        assert answer.content_type == "application/octet-stream"


def test_two_applications_share_the_spool(maya, app, settings, walkthrough):
    """A second process finds the bytes of the first, and its own hash is right."""
    url = maya.begin(len(DATA))
    maya.patch(url, DATA[:4000], 0)
    with app.app_context():
        spool = uploads.spool()
    upload_id = url.rsplit("/", 1)[-1]
    again = Spool(settings.spool)
    assert again.hash_at(upload_id, 4000).digest() == hashlib.sha256(DATA[:4000]).digest()
    assert spool.hash_at(upload_id, 4000).digest() == hashlib.sha256(DATA[:4000]).digest()
    assert create_app(settings).extensions.get("critique_spool") is None
