"""Letters that mean harm are read within bounds, and what Critique failed at waits for an admin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.events.models import Event
from critique.letters import jobs, kinds, reading
from critique.letters.reading import Unreadable, read_apart
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Unavailable
from critique.plumbing.transaction import transaction
from critique.schedule import fire_due
from tests.letters.conftest import QUOTE, hand_in, letter

HEAD = b"From: Maya <maya@example.com>\r\nMessage-ID: <x@y>\r\nMIME-Version: 1.0\r\n"


def test_ten_megabytes_of_quotes_cost_what_one_does(send, posted):
    send(letter("Yes.\n" + QUOTE).as_bytes() + b"> quoted, and quoted, and quoted\r\n" * 280_000)
    assert posted() == ["Yes."]


def test_a_letter_in_a_thousand_parts_is_told_to_be_unreadable(send, posted, incoming, written):
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    for number in (b"1", b"2"):
        headers = HEAD.replace(b"<x@", b"<" + number + b"@")
        send(headers + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 20_000)
    assert posted() == []
    assert [row.state for row in incoming()] == ["refused", "refused"]
    # Whoever sends it may be anybody, so it is told once an hour.
    [told] = written()
    assert told.to_address == "maya@example.com"
    assert "could not be read" in told.text


def test_what_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(reading, "READ_SECONDS", 1)
    with pytest.raises(Unreadable):
        read_apart(HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 200_000, "a@b")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0\xff", b"\r\n\r\nYes.", b"From: " + b"(" * 50_000 + b"\r\n\r\nYes.",
     b"From: eve@example.org\r\nFrom: maya@example.com\r\n\r\nYes."],
)  # fmt: skip
def test_what_names_no_writer_posts_nothing(send, posted, incoming, raw):
    send(raw)
    assert posted() == []
    assert incoming()[0].state == "refused"


def test_names_with_line_breaks_become_no_headers(app, send, posted, written):
    send(
        HEAD + b"Subject: =?utf-8?Q?Hi=0D=0ABcc:_eve@example.org?=\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nYes.\r\n--b\r\n"
        b"Content-Type: image/png; name*=utf-8''a%0D%0ABcc:%20eve@example.org\r\n\r\nx\r\n--b--\r\n"
    )
    assert posted() == ["Yes."]
    [told] = written()
    assert "Bcc" not in told.headers
    assert "  a Bcc\n" in told.text


# --- when Critique itself fails ----------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch):
    """Let taking replies fail; gives a switch that mends it."""

    def fail(_received):
        raise failing[0]

    failing = [RuntimeError("a bug")]
    honest = kinds.registry["reply"]
    broken_kind = kinds.Kind("reply", fail, honest.team_of, honest.place_of)
    monkeypatch.setitem(kinds.registry, "reply", broken_kind)

    def switch(error=None):
        if error is None:
            monkeypatch.setitem(kinds.registry, "reply", honest)
        else:
            failing[0] = error

    return switch


def test_an_admin_sees_what_failed_and_has_it_read_again(
    app, cast, client_of, broken, send, posted, incoming, written, run_jobs
):
    send(letter("Kept.\n"))
    [parked] = incoming()
    assert parked.state == "parked"
    assert parked.raw is not None
    assert written() == []
    admin = client_of(cast.ada)
    page = admin.get("/letters").text
    assert "1 answer waits for you." in page
    assert "maya@example.com" in page
    assert "Kept." not in page
    assert client_of(cast.wei).get("/letters").status_code == 403
    broken()
    assert admin.post(f"/letters/{parked.id}/retry").status_code == 303
    run_jobs()
    assert posted() == ["Kept."]
    assert admin.post(f"/letters/{parked.id}/retry").status_code == 409
    assert "No answer by mail waits for you." in admin.get("/letters").text
    with app.app_context():
        verbs = sa.select(Event.verb).where(Event.subject == "incoming_letter").order_by(Event.id)
        assert list(db.session.scalars(verbs)) == [
            "incoming_letter.parked", "incoming_letter.retried",
        ]  # fmt: skip


def test_what_a_part_that_is_away_held_up_is_taken_up_again(
    app, cast, broken, door, reply_to, posted, incoming, run_jobs
):
    broken(Unavailable("The database is busy."))
    hand_in(door, reply_to, letter("Later.\n"))
    with pytest.raises(Unavailable):
        run_jobs()
    assert incoming()[0].state == "waiting"
    broken()
    later = clock.now() + timedelta(minutes=11)
    with app.app_context(), transaction():
        jobs.take_up_letters(later)
        jobs.take_up_letters(later)
    assert len([key for key in run_jobs() if key.startswith("incoming-")]) == 2
    assert posted() == ["Later."]


def test_letters_are_forgotten_after_90_days_and_parked_ones_are_not(
    app, cast, broken, send, incoming
):
    send(letter("Bug.\n"))
    broken()
    send(letter("Yes.\n"))
    assert [row.state for row in incoming()] == ["parked", "taken"]
    with time_machine.travel(clock.now() + timedelta(days=91)), app.app_context(), transaction():
        fire_due(clock.now())
    assert [row.state for row in incoming()] == ["parked"]


# --- the outbox of development ----------------------------------------------------------------


def test_a_letter_of_the_outbox_is_answered_through_the_door(
    app, cast, comment, door, reply_to, client_of, posted, run_jobs, incoming, monkeypatch
):
    from critique.plumbing.mailer import write_letter

    with app.app_context(), transaction():
        letter_id = write_letter(
            kind="notice", key="n-1", to_name="Maya", to_address="maya@example.com",
            subject="Oliver wrote", text="Too heavy.\n", headers={"Reply-To": reply_to},
        ).id  # fmt: skip
        bare = write_letter(
            kind="reset", key="r-1", to_name="Maya", to_address="maya@example.com",
            subject="Reset", text="x",
        ).id  # fmt: skip
    browser = client_of(cast.maya)
    assert "Answer this letter" in browser.get(f"/outbox/{letter_id}").text
    assert "Answer this letter" not in browser.get(f"/outbox/{bare}").text
    assert browser.post(f"/outbox/{bare}/answer", data={"body": "x"}).status_code == 404
    sent = browser.post(f"/outbox/{letter_id}/answer", data={"body": "Thinner.\n\n> own quote"})
    assert sent.status_code == 303
    assert "The mail door took your answer" in browser.get(sent.location).text
    run_jobs()
    assert posted() == ["Thinner."]
    wrong = {"body": "Me too.", "writer": "eve@example.org"}
    assert browser.post(f"/outbox/{letter_id}/answer", data=wrong).status_code == 303
    run_jobs()
    assert incoming()[1].state == "refused"
    wrong["writer"] = "no address\r\nBcc: a@b.c"
    assert browser.post(f"/outbox/{letter_id}/answer", data=wrong).status_code == 422
    elsewhere = replace(app.extensions["critique_settings"], base_url="https://critique.example")
    monkeypatch.setitem(app.extensions, "critique_settings", elsewhere)
    assert browser.post(f"/outbox/{letter_id}/answer", data={"body": "x"}).status_code == 404


def test_where_nobody_opens_the_outbox_says_so(app, cast, comment, client_of, monkeypatch):
    from critique.activity.addresses import reply_address
    from critique.plumbing.mailer import write_letter
    from tests.letters.conftest import listen

    listen(app, monkeypatch)
    with app.app_context(), transaction():
        letter_id = write_letter(
            kind="notice", key="n-1", to_name="Maya", to_address="maya@example.com",
            subject="Oliver wrote", text="x", headers={
                "Reply-To": reply_address(cast.maya, comment) or "",
            },
        ).id  # fmt: skip
    answer = client_of(cast.maya).post(f"/outbox/{letter_id}/answer", data={"body": "x"})
    assert answer.status_code == 503
    assert "critique mail-door" in answer.text
