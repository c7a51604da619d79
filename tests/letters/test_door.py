"""What the mail door lets in, what it says, and what it keeps when things go wrong."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from critique.activity.addresses import reply_address
from critique.letters import door as doors
from critique.letters import operations
from critique.letters.models import IncomingLetter
from critique.plumbing.db import db
from tests.journeys.processes import COMMAND, Part, free_port, wait_until
from tests.letters.conftest import hand_in, letter


def client(url):
    host, port = url.split("//")[1].split(":")
    return smtplib.SMTP(host, int(port), timeout=20)


def test_it_says_how_large_a_letter_may_be_and_refuses_larger_ones(door, reply_to, incoming):
    largest = doors.LARGEST_LETTER
    with client(door) as server:
        server.ehlo("test")
        assert server.esmtp_features["size"] == str(largest)
        code, words = server.mail("maya@example.com", [f"SIZE={largest + 1}"])
        assert (code, words.decode()) == (552, doors.TOO_LARGE[4:])
        assert "send your words without the files" in words.decode()
    with client(door) as server:
        server.ehlo("test")
        server.mail("maya@example.com")
        server.rcpt(reply_to)
        code, words = server.data((b"x" * 90_000 + b"\r\n") * (largest // 90_000 + 1))
        assert (code, words.decode()) == (552, doors.TOO_LARGE[4:])
        assert server.noop()[0] == 250
    assert incoming() == []


def test_one_address_at_a_time(app, cast, comment, door, reply_to, incoming):
    with app.app_context():
        other = reply_address(cast.oliver, comment)
    with client(door) as server:
        refused = server.sendmail(
            "maya@example.com", [reply_to, other], letter("Yes.\n").as_bytes()
        )
    assert refused == {other: (452, doors.ONE_BY_ONE[4:].encode())}
    assert [row.person_id for row in incoming()] == [cast.maya]


def test_what_goes_round_in_circles_is_refused(door, reply_to, incoming):
    stations = b"Received: from a by b\r\n" * 51
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        hand_in(door, reply_to, stations + letter("Yes.\n").as_bytes())
    assert refusal.value.smtp_code == 554
    assert incoming() == []


def test_a_letter_that_cannot_be_kept_is_not_acknowledged(
    door, reply_to, incoming, monkeypatch, caplog
):
    def locked(*_args, **_more):
        raise OperationalError("INSERT", {}, Exception("database is locked, secret words"))

    with monkeypatch.context() as patched:
        patched.setattr(operations, "record_event", locked)
        patched.setattr(operations.jobs, "enqueue", locked)
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            hand_in(door, reply_to, letter("Yes.\n"))
    assert refusal.value.smtp_code == 451
    assert b"secret" not in refusal.value.smtp_error
    assert incoming() == []
    hand_in(door, reply_to, letter("Yes.\n"))
    assert len(incoming()) == 1


def test_the_same_letter_by_many_at_once_is_one(door, reply_to, incoming, posted, run_jobs):
    message = letter("Yes.\n")
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: hand_in(door, reply_to, message), range(16)))
    assert len(incoming()) == 1
    run_jobs()
    assert posted() == ["Yes."]


def test_nobody_fills_the_disk_with_one_address(door, reply_to, incoming, monkeypatch):
    monkeypatch.setattr(operations, "MOST_AN_HOUR", 2)
    for number in range(2):
        hand_in(door, reply_to, letter(f"Number {number}.\n"))
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        hand_in(door, reply_to, letter("One more.\n"))
    assert refusal.value.smtp_code == 452
    assert len(incoming()) == 2


def test_too_many_guests_are_asked_to_come_again(door, reply_to, monkeypatch, incoming):
    monkeypatch.setattr(doors, "MOST_CONNECTIONS", 2)
    with client(door), client(door):
        with pytest.raises(smtplib.SMTPConnectError) as refusal:
            client(door)
        assert refusal.value.smtp_code == 421
    wait_until(lambda: accepts(door), 20)
    hand_in(door, reply_to, letter("Yes.\n"))
    assert len(incoming()) == 1


def accepts(url):
    try:
        with client(url):
            return True
    except smtplib.SMTPException:
        return False


@pytest.mark.parametrize(
    "said",
    [
        b"MAIL FROM:<maya@example.com>\r\nRCPT TO:<>\r\nDATA\r\n",
        b"RCPT TO:<reply+x@reply.example.com>\r\n",
        b"MAIL FROM:<\xff\xfe@example.com> SMTPUTF8\r\nRCPT TO:<\x00@reply.example.com>\r\n",
        b"MAIL FROM:<a@b>\r\nRCPT TO:<" + b"x" * 5000 + b"@reply.example.com>\r\n",
        b"x" * 300_000 + b"\r\n",
        b"VRFY maya@example.com\r\nEXPN all\r\nHELP\r\nAUTH PLAIN AGEAYg==\r\n",
    ],
)
def test_nonsense_is_answered_and_the_door_stands(door, reply_to, incoming, said):
    host, port = door.split("//")[1].split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(b"EHLO test\r\n" + said + b"QUIT\r\n")
        answers = b""
        while block := line.recv(65536):
            answers += block
    assert b"Traceback" not in answers
    assert b"221 " in answers
    hand_in(door, reply_to, letter("Yes.\n"))
    assert len(incoming()) == 1


@pytest.fixture
def process(app, settings, tmp_path):
    """`critique mail-door` as a process of its own, on the test's database."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if "CRITIQUE" not in name},
        "CRITIQUE_DATA": str(tmp_path),
        "CRITIQUE_DATABASE_URL": settings.database_url,
        "CRITIQUE_SECRET_KEY": settings.secret_key,
        "CRITIQUE_MAIL_DOOR": f"smtp://127.0.0.1:{port}",
        "CRITIQUE_REPLY_DOMAIN": "reply.example.com",
    }
    part = Part([COMMAND, "mail-door"], environment, tmp_path / "door.log")
    part.url = f"smtp://127.0.0.1:{port}"
    part.start()
    try:
        wait_until(lambda: answers(part.url), 60, part.log.read_text)
        yield part
    finally:
        part.stop()


def answers(url):
    try:
        with client(url) as server:
            return server.noop()[0] == 250
    except OSError:
        return False


def test_killed_after_its_word_it_has_kept_its_word(
    app, cast, comment, process, monkeypatch, incoming, posted, run_jobs
):
    from tests.letters.conftest import listen

    listen(app, monkeypatch)
    with app.app_context():
        address = reply_address(cast.maya, comment)
    sent = 0
    with client(process.url) as server:
        server.ehlo("test")
        for sent in range(1, 4):
            server.sendmail("maya@example.com", [address], letter(f"Number {sent}.\n").as_bytes())
        os.killpg(process.process.pid, signal.SIGKILL)
        # The next one is cut: its sender heard nothing, and sends it again later.
        with pytest.raises((smtplib.SMTPException, OSError)):
            server.sendmail("maya@example.com", [address], letter("Number 4.\n").as_bytes())
    process.process.wait(10)
    assert len(incoming()) == sent
    process.start()
    wait_until(lambda: answers(process.url), 60, process.log.read_text)
    for number in (3, 4):
        hand_in(process.url, address, letter(f"Number {number}.\n"))
    process.process.terminate()
    assert process.process.wait(20) == 0
    run_jobs()
    assert posted() == [f"Number {number}." for number in range(1, 5)]


def test_killed_between_keeping_and_saying_so_nothing_is_doubled(
    app, door, reply_to, incoming, posted, run_jobs, monkeypatch
):
    """The row is committed and the line is cut before the 250: the sender must come again."""
    kept = threading.Event()
    honest = doors.Door._keep

    def keep(self, *letter_and_address):
        honest(self, *letter_and_address)
        kept.set()
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(doors.Door, "_keep", keep)
        with pytest.raises((smtplib.SMTPException, OSError)):
            hand_in(door, reply_to, letter("Yes.\n"))
    assert kept.is_set()
    run_jobs()
    hand_in(door, reply_to, letter("Yes.\n"))
    run_jobs()
    assert posted() == ["Yes."]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(IncomingLetter.id))) == 1
