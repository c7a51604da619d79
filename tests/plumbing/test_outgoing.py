"""The one door for requests to an address that a person typed."""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
import socketserver
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from critique.config import settings_from_environment
from critique.plumbing import outgoing
from critique.plumbing.db import db
from critique.plumbing.outgoing import (
    REFUSAL,
    AddressRefused,
    Limits,
    NoAnswer,
    call,
    checked_address,
)
from critique.plumbing.transaction import OpenTransaction
from tests.conftest import settings_for
from tests.receiver import receiving

LIMITS = Limits(seconds=5, most_bytes=1000)
# Never set: waiting for it is how the slow receiver takes its time.
PAUSE = threading.Event()


def knowing(**changes) -> Flask:
    """An application that knows its settings, and nothing else."""
    app = Flask("outgoing")
    app.extensions["critique_settings"] = settings_for(Path(), "sqlite://", **changes)
    return app


@pytest.fixture
def strict():
    """As in production: nothing on this machine may be called."""
    with knowing().app_context():
        yield


@pytest.fixture
def own_machine():
    """Development that may call itself."""
    with knowing(call_own_machine=True).app_context():
        yield


@pytest.fixture
def receiver(own_machine):
    with receiving() as made:
        yield made


def resolving(monkeypatch, *answers: str) -> list[str]:
    """Names resolve to these addresses, one after the other; gives who was asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host, port, *_args, **_more):
        asked.append(host)
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        where = (address, port, 0, 0) if family == socket.AF_INET6 else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", where)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.example.com/services/T0/B0/x",
        "https://example.com",
        "https://example.com:8443/in?key=1&more=%20",
        "https://xn--bcher-kva.example/feed.ics",
        "https://EXAMPLE.com./in",
    ],
)
def test_a_public_name_over_https_may_be_kept(strict, address):
    assert checked_address(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "example.com", "",
        "https://", "https:///x", "https://user@example.com/", "https://user:pw@example.com/",
        "https://example.com:22/", "https://example.com:80/", "https://example.com:0443/",
        "https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://a.localhost/",
        "https://printer.local/", "https://db.internal/", "https://nas.home.arpa/", "https://intranet/",
        "https://127.0.0.1/", "https://10.0.0.5/", "https://169.254.169.254/latest/meta-data/",
        "https://93.184.215.14/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "https://0x7f000001/",
        "https://0x7f.0.0.1/", "https://2130706433/", "https://0177.0.0.1/", "https://127.1/",
        "https://example.0x7f/", "https://１２７.０.０.１/", "https://ⓛocalhost/",
        "https://bücher.example/", "https://example.com\\@127.0.0.1/", "https://example.com#@a.com/",
        "https://example.com /", "https://exam\nple.com/", "https://example.com/\r\nHost: a",
        "https://-a.com/", "https://a..com/", "https://example.com/" + "a" * 2000,
    ],
)  # fmt: skip
def test_every_other_address_is_refused_with_one_sentence(strict, address):
    with pytest.raises(AddressRefused, match="public addresses only") as refused:
        checked_address(address)
    assert str(refused.value) == REFUSAL


@given(st.from_regex(outgoing._PUBLIC, fullmatch=True))
def test_all_readers_of_an_accepted_address_find_the_same_name_in_it(address):
    with knowing().app_context():
        try:
            accepted = checked_address(address)
        except AddressRefused:
            return
    host = urlsplit(accepted).hostname
    sent = requests.Request("GET", accepted).prepare().url
    assert host == parse_url(accepted).host == urlsplit(sent).hostname
    with pytest.raises(ValueError):
        ipaddress.ip_address(host.rstrip("."))
    with pytest.raises(OSError):
        socket.inet_aton(host.rstrip("."))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "192.88.99.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::127.0.0.1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "2001::1", "100::1", "5f00::1",
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_with_the_same_sentence(strict, monkeypatch, address):
    resolving(monkeypatch, address)
    with pytest.raises(AddressRefused) as refused:
        call("https://hooks.example.com/", LIMITS)
    assert str(refused.value) == REFUSAL


def test_a_name_nobody_knows_is_refused_like_one_that_leads_inside(strict, monkeypatch):
    def nobody(*_args, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(AddressRefused) as refused:
        call("https://hooks.example.com/", LIMITS)
    assert str(refused.value) == REFUSAL


def test_what_was_checked_is_what_is_connected_to(strict, monkeypatch):
    """A name that answers something public first and something inside the second time."""
    asked = resolving(monkeypatch, "93.184.215.14", "127.0.0.1")
    connected = []

    def connect(_self, where):
        connected.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(NoAnswer, match="could not be reached"):
        call("https://rebinding.example.com/", LIMITS)
    # The second answer is of the address itself, which is no name any more.
    assert asked[0] == "rebinding.example.com"
    assert set(asked[1:]) <= {"93.184.215.14"}
    assert "rebinding.example.com" not in asked[1:]


def test_the_first_answer_decides_also_where_it_is_the_inner_one(strict, monkeypatch):
    resolving(monkeypatch, "127.0.0.1", "93.184.215.14")
    with pytest.raises(AddressRefused):
        call("https://rebinding.example.com/", LIMITS)


def test_this_machine_is_called_only_where_development_says_so(strict, monkeypatch, tmp_path):
    with pytest.raises(AddressRefused):
        call("http://127.0.0.1:9/", LIMITS)
    env = {"CRITIQUE_DATA": str(tmp_path), "CRITIQUE_CALL_OWN_MACHINE": "1"}
    assert settings_from_environment(env).may_call_own_machine
    assert not settings_from_environment({**env, "CRITIQUE_ENV": "production"}).may_call_own_machine
    assert not settings_from_environment(
        {**env, "CRITIQUE_BASE_URL": "https://critique.example.com"}
    ).may_call_own_machine


def test_own_machine_does_not_mean_the_network_around_it(own_machine, monkeypatch):
    resolving(monkeypatch, "10.0.0.5")
    for address in ("https://nas.example.com/", "http://localhost:5000/"):
        with pytest.raises(AddressRefused):
            call(address, LIMITS)


def test_an_answer_comes_back_with_status_headers_and_bytes(receiver):
    receiver.status, receiver.body = 201, "grün".encode()
    receiver.headers = {"Content-Type": "text/plain"}
    answer = call(f"{receiver.address}/in?a=1", LIMITS, body=b"{}", headers={"X-One": "1"})
    assert (answer.status, answer.body) == (201, "grün".encode())
    assert answer.headers["content-type"] == "text/plain"
    [taken] = receiver.taken
    assert (taken.method, taken.path, taken.body) == ("POST", "/in?a=1", b"{}")
    assert taken.headers["x-one"] == "1"
    assert taken.headers["user-agent"].startswith("Critique/")
    assert call(receiver.address, LIMITS).status == 201
    assert receiver.taken[1].method == "GET"


def test_neither_proxies_nor_netrc_of_the_environment_are_used(receiver, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert call(receiver.address, LIMITS).status == 200
    assert "authorization" not in receiver.taken[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    receiver.status = status
    receiver.headers = {"Location": f"{receiver.address}/inside"}
    with pytest.raises(NoAnswer, match="redirect") as refused:
        call(receiver.address, LIMITS)
    assert refused.value.status == status
    assert [taken.path for taken in receiver.taken] == ["/"]


def test_of_a_redirect_nothing_more_is_read(receiver):
    sent = []

    def endless(handler):
        handler.send_response(302)
        handler.send_header("Location", "https://example.com/")
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)
            sent.append(1)

    receiver.write = endless
    with pytest.raises(NoAnswer, match="redirect"):
        call(receiver.address, LIMITS)
    # What fits into the buffers of both sides, and no more.
    assert len(sent) < 1000


def test_too_long_an_answer_is_refused_or_cut_and_never_taken_whole(receiver):
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)
            sent.append(1)

    receiver.write = endless
    with pytest.raises(NoAnswer, match="more than 1,000 bytes"):
        call(receiver.address, LIMITS)
    cut = call(receiver.address, dataclasses.replace(LIMITS, cut=True))
    assert cut.body == b"x" * 1000
    assert len(sent) < 2000


def dripping(head: bytes, one_by_one: bytes):
    """Write the head at once, then the rest byte by byte, each soon enough for any socket."""

    def write(handler):
        handler.wfile.write(head)
        for byte in one_by_one:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            PAUSE.wait(0.02)

    return write


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["nothing", "headers", "body"],
)
def test_whoever_answers_byte_by_byte_is_listened_to_for_the_whole_time_only(receiver, head):
    receiver.write = dripping(head, b"X-Slow: " + b"a" * 500)
    with pytest.raises(NoAnswer, match=r"within 0\.3 seconds"):
        call(receiver.address, Limits(seconds=0.3, most_bytes=10_000))


def test_a_status_counts_though_its_words_never_end(receiver):
    receiver.write = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 500)
    answer = call(receiver.address, Limits(seconds=0.3, most_bytes=10_000, cut=True))
    assert answer.status == 200
    assert 0 < len(answer.body) < 500


def test_only_the_type_that_was_asked_for_is_taken(receiver):
    wanted = dataclasses.replace(LIMITS, media_types={"text/calendar"})
    receiver.headers = {"Content-Type": "text/html; charset=utf-8"}
    with pytest.raises(NoAnswer, match="answered with text/html"):
        call(receiver.address, wanted)
    receiver.headers = {"Content-Type": "Text/Calendar; charset=utf-8"}
    assert call(receiver.address, wanted).body == b"ok"
    receiver.headers |= {"Content-Encoding": "gzip"}
    with pytest.raises(NoAnswer, match="packed"):
        call(receiver.address, wanted)


def test_a_handshake_that_never_ends_is_ended(own_machine):
    """No socket is ours while TLS is agreed upon, and every byte begins its time anew."""

    class Slow(socketserver.BaseRequestHandler):
        def handle(self):
            # The beginning of a record of 16 KB that comes byte by byte.
            for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\x03" * 200:
                self.request.sendall(bytes([byte]))
                PAUSE.wait(0.02)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """The caller hangs up."""

    with Server(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with pytest.raises(NoAnswer, match=r"within 0\.3 seconds"):
                call(
                    f"https://127.0.0.1:{server.server_address[1]}/",
                    Limits(seconds=0.3, most_bytes=1000),
                )
        finally:
            server.shutdown()
            thread.join()


def test_nothing_is_called_inside_a_transaction(app):
    with app.app_context():
        db.session.execute(sa.text("SELECT 1"))
        with pytest.raises(OpenTransaction):
            call("https://hooks.example.com/", LIMITS)
