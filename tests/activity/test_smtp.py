"""Letters through a mail server in a process of its own: down, slow, refusing, hanging up.

At least once sent, once seen: whatever goes wrong, the same Message-ID, and nothing is lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from critique import schedule
from critique.accounts.jobs import send_letter
from critique.accounts.parked import enqueue_stranded_letters
from critique.activity.letters import write_digest_of
from critique.activity.operations import see_all
from critique.cli.mail import mail
from critique.doctor import database
from critique.plumbing import clock, delivery, jobs
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from tests.activity.conftest import WEDNESDAY
from tests.activity.postbox import Postbox
from tests.conftest import load_person

MORNING = WEDNESDAY.replace(hour=15)  # 09:00 in Chicago


@pytest.fixture
def postbox(app, tmp_path, monkeypatch):
    """A mail server that is configured but not running yet."""
    folder = tmp_path / "postbox"
    folder.mkdir()
    box = Postbox(folder)
    changed = replace(app.extensions["critique_settings"], smtp_url=box.url)
    monkeypatch.setitem(app.extensions, "critique_settings", changed)
    yield box
    box.close()


@pytest.fixture
def digest(app, cast, at, room, say, rounds, letters):
    """Maya's digest is written; `digest()` is its letter as it stands now."""
    say()
    at.move_to(MORNING)
    with app.app_context(), transaction():
        schedule.fire_due(clock.now())
    with app.app_context():
        write_digest_of(cast.maya, MORNING.date())
    return lambda: letters(cast.maya, "digest")[-1]


def send(app, letter_id):
    with app.app_context():
        send_letter(letter_id)


def deliver_until(app, at, moment, digest):
    """Let the clock run to a moment; each try happens when it is due, as its delayed job does."""
    tried = []
    while (due := digest().next_try_at) is not None and due <= moment:
        at.move_to(due)
        tried.append(due)
        send(app, digest().id)
    at.move_to(moment)
    return tried


def test_a_server_that_is_down_for_six_hours_loses_and_doubles_nothing(
    app, cast, at, postbox, digest
):
    send(app, digest().id)
    assert "cannot be reached" in digest().failure
    tried = deliver_until(app, at, MORNING + timedelta(hours=6), digest)
    minutes = [int((moment - MORNING).total_seconds() // 60) for moment in tried]
    assert minutes == [1, 6, 21, 81, 141, 201, 261, 321]
    postbox.open()
    deliver_until(app, at, MORNING + timedelta(hours=8), digest)
    [message] = postbox.kept()
    assert message["Message-ID"] == digest().message_id
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert digest().sent_at is not None
    send(app, digest().id)
    assert len(postbox.kept()) == 1


def test_what_was_read_while_the_server_was_down_is_not_sent(app, cast, at, postbox, digest):
    send(app, digest().id)
    with app.app_context(), transaction():
        maya = load_person(cast.maya)
        see_all(by=maya)
        from critique.reviews.operations import close_review

        close_review(by=maya, review_id=1)
    postbox.open()
    deliver_until(app, at, MORNING + timedelta(hours=1), digest)
    assert postbox.kept() == []
    assert digest().dropped_at is not None
    assert "read or done" in digest().failure


@pytest.mark.parametrize("trouble", ["hang up", "dawdle"])
def test_a_server_that_takes_it_and_never_says_so_gets_it_again_under_the_same_id(
    app, at, postbox, digest, trouble, monkeypatch
):
    monkeypatch.setattr(delivery, "SMTP_TIMEOUT_SECONDS", 0.5)
    postbox.open()
    postbox.order(trouble)
    send(app, digest().id)
    assert digest().sent_at is None
    deliver_until(app, at, MORNING + timedelta(hours=1), digest)
    first, second = postbox.kept()
    assert first["Message-ID"] == second["Message-ID"] == digest().message_id
    assert digest().sent_at is not None


def test_a_server_without_manners_is_no_reason_to_send_twice(app, postbox, digest):
    postbox.open()
    postbox.order("rude")
    send(app, digest().id)
    assert digest().sent_at is not None
    assert len(postbox.kept()) == 1


def test_a_passing_refusal_is_tried_again_and_a_final_one_is_parked(
    app, cast, at, postbox, digest, client_of
):
    postbox.open()
    postbox.order("451 Greylisted", "550 No such mailbox")
    send(app, digest().id)
    deliver_until(app, at, MORNING + timedelta(hours=1), digest)
    assert digest().parked_at is not None
    ada = client_of(cast.ada)
    page = ada.get("/outbox/parked").text
    assert "1 letter could not be sent." in page
    for words in ("maya@example.com", "Morning digest", "550 No such mailbox"):
        assert words in page
    assert "Checkout" not in page
    assert "One letter could not be sent." in ada.get("/team").text
    assert client_of(cast.wei).get("/outbox/parked").status_code == 403
    rival = client_of(cast.rival)
    assert "Every letter is on its way." in rival.get("/outbox/parked").text
    address = f"/outbox/parked/{digest().id}/attempts"
    assert rival.post(address).status_code == 404
    assert ada.post(address).status_code == 303
    assert digest().parked_at is None
    send(app, digest().id)
    assert len(postbox.kept()) == 1
    assert ada.post(address).status_code == 404


def test_after_48_hours_it_is_parked_and_the_doctor_says_so(
    app, settings, cast, at, postbox, digest, client_of, monkeypatch
):
    monkeypatch.setattr("critique.activity.letters._is_stale", lambda *_: False)
    send(app, digest().id)
    tried = deliver_until(app, at, MORNING + timedelta(hours=60), digest)
    assert timedelta(hours=46) < tried[-1] - MORNING <= timedelta(hours=48)
    assert digest().parked_at == tried[-1]
    assert digest().failure.startswith("Not sent in 48 hours, and not tried again. ")
    found = {finding.part: finding.words for finding in database(settings)}
    assert found["letters"] == "1 letter is parked"
    ada = client_of(cast.ada)
    [row] = ada.get("/api/v1/letters/parked").json
    assert (row["to_address"], row["kind"]) == ("maya@example.com", "Morning digest")
    assert ada.post(f"/api/v1/letters/parked/{row['id']}/attempts").json["parked_at"] is None
    send(app, digest().id)
    # Trying begins anew, with short pauses, for another 48 hours.
    assert digest().next_try_at - clock.now() == timedelta(minutes=1)
    assert deliver_until(app, at, clock.now() + timedelta(hours=3), digest)
    deliver_until(app, at, clock.now() + timedelta(hours=60), digest)
    ada = client_of(cast.ada)
    assert ada.delete(f"/api/v1/letters/parked/{row['id']}").status_code == 204
    assert digest().dropped_at is not None
    assert digest().failure.startswith("Dropped by Ada.")
    assert ada.get("/api/v1/letters/parked").json == []


def test_the_same_digest_twice_and_by_two_schedulers_is_one(
    app, cast, at, room, say, rounds, postbox, letters
):
    postbox.open()
    say()
    at.move_to(MORNING)
    for _ in range(2):
        with app.app_context(), transaction():
            schedule.fire_due(clock.now())
    rounds()
    with app.app_context():
        for _ in range(2):
            jobs.registry["write_digest"].run(cast.maya, str(MORNING.date()))
    rounds()
    assert len(postbox.kept()) == 1
    assert len(letters(cast.maya, "digest")) == 1


def test_names_with_line_ends_reach_the_mailbox_as_one_line(
    app, cast, at, room, say, postbox, rounds
):
    postbox.open()
    with app.app_context(), transaction():
        load_person(cast.oliver).name = "Oliver\r\nBcc: eve@example.com\r\n\r\nHi"
        load_person(cast.maya).name = 'Maya"\r\nCc: eve@example.com'
    say()
    at.move_to(MORNING)
    rounds()
    [message] = postbox.kept()
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert message["To"].addresses[0].addr_spec == "maya@example.com"
    first = message.get_content().splitlines()[0]
    assert first.startswith("Your move since Wednesday 25 November, 04:00 (Chicago time), ")
    assert "Oliver Bcc: eve@example.com Hi commented" in first


def test_a_letter_whose_job_got_lost_is_found(app, at, postbox, digest):
    prefix = f"letter-{digest().id}-lost"

    def stranded():
        with app.app_context(), transaction():
            enqueue_stranded_letters(clock.now())
        with app.app_context():
            return len(jobs.client().list_workflows(workflow_id_prefix=prefix))

    with app.app_context(), transaction():
        schema = "dbos." if db.engine.dialect.name == "postgresql" else ""
        db.session.execute(sa.text(f"DELETE FROM {schema}workflow_status"))
    assert stranded() == 0
    at.shift(601)
    assert stranded() == 1
    assert stranded() == 1


def test_an_operator_lists_retries_and_drops(app, settings, at, postbox, digest, monkeypatch):
    from critique.cli import mail as command

    monkeypatch.setattr(command, "create_app", lambda: app)
    with app.app_context(), transaction():
        letter = db.session.get_one(Letter, digest().id)
        letter.parked_at, letter.failure = clock.now(), "550 gone"
    number = str(digest().id)

    def run(*words):
        return CliRunner().invoke(mail, words)

    assert f"{number}  Morning digest  maya@example.com  2026-11-25 15:00" in run("parked").output
    assert run("retry").exit_code == 2
    assert run("retry", "--all").output == "1 tried again.\n"
    assert run("drop", number).exit_code == 2
    with app.app_context(), transaction():
        db.session.get_one(Letter, digest().id).parked_at = clock.now()
    assert "is dropped" in run("drop", number).output
    assert run("parked").output == ""
