"""Letters on their way: a real SMTP server that accepts, refuses, and is not there."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from aiosmtpd.controller import Controller

from critique.accounts import operations
from critique.accounts.models import Membership, Person
from critique.plumbing import clock, jobs, mailer
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction


class Postbox:
    """Answers with the next of `answers`, then accepts; keeps what it accepted."""

    def __init__(self):
        self.answers = []
        self.tried = []
        self.kept = []
        self.senders: list[str] = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.tried.append(message)
        if self.answers:
            return self.answers.pop(0)
        self.kept.append((message, envelope.rcpt_tos))
        self.senders.append(envelope.mail_from)
        return "250 Kept"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}"
    yield box
    controller.stop()


@pytest.fixture
def smtp(app, monkeypatch):
    """Point the application at an SMTP server."""

    def use(url):
        from dataclasses import replace

        changed = replace(app.extensions["critique_settings"], smtp_url=url)
        monkeypatch.setitem(app.extensions, "critique_settings", changed)

    return use


def write(app, person_id=None, team_id=None, kind="note", **more):
    """A letter to Maya; gives its id."""
    with app.app_context(), transaction():
        return mailer.write_letter(
            kind=kind, key=f"{kind}-{person_id}-{team_id}", person_id=person_id, team_id=team_id,
            **{"to_name": "Maya Søndergård", "to_address": "maya@example.com",
               "subject": "Ein Gruß", "text": "Hallo Maya.\n", **more},
        ).id  # fmt: skip


def send(app, letter_id):
    with app.app_context():
        jobs.registry["send_letter"].run(letter_id)


def letter(app, letter_id):
    with app.app_context():
        found = db.session.get_one(mailer.Letter, letter_id)
        db.session.expunge(found)
        return found


def delayed(app):
    """Keys of the jobs that wait for their time."""
    with app.app_context():
        rows = jobs.client().list_workflows(status=["DELAYED"], sort_desc=False)
        return [row.workflow_id for row in rows]


def test_a_letter_is_sent_once(app, cast, postbox, smtp, run_jobs):
    smtp(postbox.url)
    letter_id = write(app, cast.maya, cast.team, html="<p>Hallo</p>",
                      headers={"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})  # fmt: skip
    run_jobs()
    send(app, letter_id)
    [(message, to)] = postbox.kept
    assert to == ["maya@example.com"]
    assert message["Subject"] == "Ein Gruß"
    assert message["To"].addresses[0].display_name == "Maya Søndergård"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_body(("plain",)).get_content().split() == ["Hallo", "Maya."]
    sent = letter(app, letter_id)
    assert sent.sent_at is not None
    assert (sent.attempts, sent.failure, sent.next_try_at) == (1, None, None)


def test_a_passing_failure_is_tried_again_under_the_same_message_id(app, cast, postbox, smtp):
    smtp(postbox.url)
    postbox.answers = ["451 Try later", "421 Closing"]
    letter_id = write(app, cast.maya, cast.team)
    send(app, letter_id)
    waiting = letter(app, letter_id)
    assert waiting.sent_at is None
    assert "451 Try later" in waiting.failure
    assert timedelta(seconds=50) < waiting.next_try_at - clock.now() < timedelta(seconds=61)
    send(app, letter_id)
    later = letter(app, letter_id).next_try_at - clock.now()
    assert timedelta(minutes=4) < later < timedelta(minutes=6)
    assert delayed(app) == [f"letter-{letter_id}-1", f"letter-{letter_id}-2"]
    send(app, letter_id)
    assert letter(app, letter_id).sent_at is not None
    assert letter(app, letter_id).failure is None
    assert len(postbox.kept) == 1
    assert len({message["Message-ID"] for message in postbox.tried}) == 1
    assert len(postbox.tried) == 3


def test_a_server_that_is_not_there_is_tried_again(app, cast, smtp):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    smtp(f"smtp://127.0.0.1:{port}")
    letter_id = write(app)
    send(app, letter_id)
    waiting = letter(app, letter_id)
    assert waiting.next_try_at is not None
    assert "cannot be reached" in waiting.failure


def test_a_refusal_is_final(app, cast, postbox, smtp):
    smtp(postbox.url)
    postbox.answers = ["550 No such mailbox"]
    letter_id = write(app, cast.maya, cast.team)
    send(app, letter_id)
    parked = letter(app, letter_id)
    assert parked.sent_at is None
    assert parked.next_try_at is None
    assert parked.failure == (
        "Not sent, and not tried again. The mail server said: 550 No such mailbox"
    )
    assert delayed(app) == []


def test_trying_ends_after_48_hours(app, cast, postbox, smtp):
    smtp(postbox.url)
    postbox.answers = ["451 Try later"]
    letter_id = write(app)
    with time_machine.travel(clock.now() + timedelta(hours=48, minutes=1)):
        send(app, letter_id)
    assert letter(app, letter_id).next_try_at is None
    assert delayed(app) == []


def test_mail_of_a_team_stops_with_the_membership(app, cast, postbox, smtp, run_jobs):
    smtp(postbox.url)
    letter_id = write(app, cast.maya, cast.team)
    own = write(app, cast.maya, None)
    with app.app_context(), transaction():
        row = db.session.scalar(sa.select(Membership.id).where(Membership.person_id == cast.maya))
        operations.end_membership(
            by=db.session.get_one(Person, cast.wei), team_id=cast.team, membership_id=row
        )
    run_jobs()
    assert "no longer a member" in letter(app, letter_id).failure
    assert letter(app, own).sent_at is not None
    assert len(postbox.kept) == 1


def test_without_a_server_letters_are_kept(app, cast, run_jobs):
    letter_id = write(app, cast.maya, cast.team)
    run_jobs()
    kept = letter(app, letter_id)
    assert (kept.sent_at, kept.failure, kept.attempts) == (None, None, 0)


def test_the_link_in_a_sent_letter_is_kept_nowhere(app, cast, postbox, smtp, run_jobs):
    smtp(postbox.url)
    with app.app_context(), transaction():
        operations.ask_reset(email="maya@example.com")
    run_jobs()
    [(message, _)] = postbox.kept
    assert "http://localhost/reset/" in message.get_content()
    with app.app_context():
        kept = db.session.scalars(sa.select(mailer.Letter)).one()
        assert "/reset/(sent)" in kept.text


def test_hostile_headers_never_become_headers(app, cast, postbox, smtp):
    smtp(postbox.url)
    letter_id = write(
        app, to_name='Eve"\r\nBcc: eve@example.com', subject="Hi\r\nX-Evil: 1",
        headers={"List-Id": "a\r\nX-Evil: 2"},
    )  # fmt: skip
    send(app, letter_id)
    [(message, to)] = postbox.kept
    assert to == ["maya@example.com"]
    assert message["Bcc"] is None
    assert message["X-Evil"] is None


# --- the outbox of development ---------------------------------------------------------------


def test_the_outbox_shows_every_part_of_a_letter_as_text(app, cast, client_of):
    write(
        app,
        kind="old",
        subject="<b>bold</b>",
        text="<script>alert(1)</script> http://localhost/x",
        html="<script>alert(2)</script>\"'>",
        calendar=b"BEGIN:VCALENDAR<i>",
        calendar_method="REQUEST",
    )
    guest = client_of(None)
    assert "&lt;b&gt;bold" in guest.get("/outbox").text
    page = guest.get("/outbox/1").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert 'sandbox title="The letter&#39;s HTML part"' in page or "sandbox title=" in page
    assert "BEGIN:VCALENDAR&lt;i&gt;" in page
    assert "Message-ID" in page
    assert 'href="http://localhost/x"' in page
    assert guest.get("/outbox/2").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"environment": "production"}, {"base_url": "https://critique.example.com"},
     {"base_url": "http://localhost.evil.example"}],
)  # fmt: skip
def test_nobody_reads_other_peoples_mail_elsewhere(app, cast, client_of, monkeypatch, changes):
    from dataclasses import replace

    letter_id = write(app)
    changed = replace(app.extensions["critique_settings"], **changes)
    monkeypatch.setitem(app.extensions, "critique_settings", changed)
    for client in (client_of(None), client_of(cast.ada)):
        assert client.get("/outbox").status_code == 404
        assert client.get(f"/outbox/{letter_id}").status_code == 404


def test_an_invitation_is_from_its_answers_address_and_handed_in_as_ourselves(app, postbox, smtp):
    smtp(postbox.url)
    address = "meeting+abc@reply.example.com"
    letter_id = write(app, kind="invited", headers={"From": address})
    send(app, letter_id)
    (((message, _),), (sender,)) = postbox.kept, postbox.senders
    (seen,) = message["From"].addresses
    assert (seen.display_name, seen.addr_spec) == ("Critique", address)
    assert message["Sender"] is None
    assert sender == "critique@localhost"
