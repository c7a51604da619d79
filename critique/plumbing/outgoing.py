"""The one door for requests to an address that a person typed: webhooks, calendar feeds.

Whoever types an address must not be able to make this server speak to what only this server can
reach. So an address is a public name over https; the name is resolved once, what it resolved to is
checked, and that very address is connected to (`requests-hardened` pins it, which stops a name that
answers differently the second time). Redirects are not followed, environment proxies and `.netrc`
not used, and a call ends after a stretch of time and a number of bytes, however slowly they come.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import requests
from flask import current_app
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from critique import __version__
from critique.config import Settings
from critique.plumbing.transaction import must_be_closed

LONGEST_ADDRESS = 2000
CONNECT_SECONDS = 5
# One sentence for all of them, so that nobody learns from it what there is inside.
REFUSAL = (
    "Critique calls public addresses only: https:// and a name that the whole internet knows, "
    "without a user, a redirect or a port other than 443 and 8443."
)

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A whole address in one pattern, so that no two readers of it can disagree about its host. A last
# label that begins with a letter is no number, in none of the spellings that resolvers understand.
_PUBLIC = re.compile(
    rf"https://(?P<host>(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)\.?(?::(?:443|8443))?"
    r"(?:[/?][!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*)?",
    re.IGNORECASE,
)
_OWN_MACHINE = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:[/?][!-~]*)?", re.IGNORECASE
)
# Names that are somebody's own network by definition (RFC 6761, 6762, 8375, ICANN 2024).
_INSIDE = (".localhost", ".local", ".internal", ".home.arpa")
# All that is given out to the public (RFC 4291, 2.4); site-local and compatible ones lie outside.
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")


class AddressRefused(ValueError):
    """The address is none that Critique calls; its text is the sentence for people."""

    def __init__(self) -> None:
        super().__init__(REFUSAL)


class NoAnswer(Exception):
    """Nothing usable came back. `sentence` says why; `status` is set where there was an answer."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


@dataclass(frozen=True)
class Limits:
    """How much of an answer is waited for.

    With `cut` what comes after `most_bytes` is left alone, else so long an answer is refused.
    `media_types`, when given, are those an answer may have ("text/calendar").
    """

    seconds: float
    most_bytes: int
    cut: bool = False
    media_types: Collection[str] = ()


@dataclass(frozen=True)
class Answer:
    """What came back: never to be shown without escaping, nor believed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def checked_address(text: str) -> str:
    """The address as it may be kept. Raises AddressRefused; nothing is resolved yet."""
    address = text.strip()
    if len(address) > LONGEST_ADDRESS:
        raise AddressRefused
    if _settings().may_call_own_machine and _OWN_MACHINE.fullmatch(address):
        return address
    found = _PUBLIC.fullmatch(address)
    if found is None or f".{found['host'].lower()}".endswith(_INSIDE):
        raise AddressRefused
    return address


def call(
    address: str,
    limits: Limits,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """GET an address, or POST `body` to it. No transaction may be open meanwhile.

    Raises AddressRefused, and NoAnswer when it cannot be reached, redirects, takes too long, or
    answers with too much or the wrong thing.
    """
    must_be_closed()
    address = checked_address(address)
    with _time_of(limits.seconds) as time, _session(time) as session:
        try:
            response = session.request(
                "GET" if body is None else "POST",
                address,
                data=body,
                # Nothing is unpacked, so that few bytes cannot become many.
                headers={"Accept-Encoding": "identity", **(headers or {})},
                timeout=(CONNECT_SECONDS, limits.seconds),
                stream=True,
            )
            with response:
                words = _body_of(response, limits)
        except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
            raise _as_refusal(error, time, limits) from error
        if time.is_over and not limits.cut:
            raise _as_refusal(TimeoutError(), time, limits)
        return Answer(response.status_code, response.headers, words)


def _body_of(response: requests.Response, limits: Limits) -> bytes:
    status = response.status_code
    if 300 <= status < 400:
        raise NoAnswer(f"It answered with a redirect ({status}), which is not followed.", status)
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if limits.media_types and media_type not in limits.media_types:
        raise NoAnswer(f"It answered with {media_type[:60] or 'no type'}.", status)
    if limits.media_types and response.headers.get("Content-Encoding", "identity") != "identity":
        raise NoAnswer("It answered with something packed.", status)
    taken = bytearray()
    try:
        for chunk in response.raw.stream(8192, decode_content=False):
            taken += chunk
            if len(taken) > limits.most_bytes:
                break
    except (HTTPError, OSError):
        # The status is the answer; words that break off do not unsay it.
        if not limits.cut:
            raise
    if len(taken) > limits.most_bytes and not limits.cut:
        raise NoAnswer(f"It answered with more than {limits.most_bytes:,} bytes.", status)
    return bytes(taken[: limits.most_bytes])


def _as_refusal(error: Exception, time: _Time, limits: Limits) -> Exception:
    if time.is_over:
        return NoAnswer(f"It did not answer within {limits.seconds:g} seconds.")
    if isinstance(error, InvalidIPAddress) or isinstance(error.__cause__, socket.gaierror):
        return AddressRefused()
    if isinstance(error, requests.Timeout | TimeoutError):
        return NoAnswer("It did not answer in time.")
    if isinstance(error, requests.exceptions.SSLError):
        return NoAnswer("Its certificate is not valid for that name.")
    return NoAnswer("It could not be reached, or broke off.")


class _Time:
    """The time of one call: when it is over, its connections are ended wherever they are.

    Timeouts of sockets begin anew with every byte, so a server that sends one a second would
    otherwise be listened to for as long as it likes.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._connected: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connected: socket.socket) -> None:
        """Count a connection in; the copy stays ours, also while TLS takes over the original."""
        self._connected.append(connected.dup())
        if self.is_over:
            self._end()

    def close(self) -> None:
        """Stop watching."""
        self._timer.cancel()
        for connected in self._connected:
            connected.close()

    def _end(self) -> None:
        self.is_over = True
        for connected in self._connected:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


@contextmanager
def _time_of(seconds: float) -> Iterator[_Time]:
    time = _Time(seconds)
    try:
        yield time
    finally:
        time.close()


class _Session(HTTPSession):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: looking for the next address, requests would take in the whole answer."""


def _session(time: _Time) -> HTTPSession:
    own_machine = _settings().may_call_own_machine
    session = _Session(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=own_machine,
            never_redirect=True,
            default_timeout=(CONNECT_SECONDS, CONNECT_SECONDS),
            user_agent_override=f"Critique/{__version__}",
        )
    )
    # Neither a proxy that would resolve names by itself, nor passwords from a .netrc file.
    session.trust_env = False
    session.mount("https://", _PublicAdapter(time, is_https=True, allow_loopback=own_machine))
    session.mount("http://", _PublicAdapter(time, is_https=False, allow_loopback=own_machine))
    return session


class _PublicAdapter(IPFilterAdapter):
    """Connects to public addresses alone, within the time of the call."""

    def __init__(self, time: _Time, *, is_https: bool, allow_loopback: bool) -> None:
        super().__init__(is_https_proto=is_https, allow_loopback=allow_loopback)
        self._loopback = allow_loopback
        self.poolmanager.pool_classes_by_scheme = _pools(time)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """What to connect to: the address that the name resolved to just now, checked."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        address = ipaddress.ip_address(str(host["host"]).strip("[]"))
        if not _is_public(address) and not (self._loopback and address.is_loopback):
            raise InvalidIPAddress(address)
        return host, pool


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _pools(time: _Time) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections tell the call's time of their socket as soon as there is one."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            time.watch(connected)
            return connected

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            time.watch(connected)
            return connected

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _settings() -> Settings:
    found = current_app.extensions["critique_settings"]
    assert isinstance(found, Settings)
    return found
