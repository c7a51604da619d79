"""The web's ground: requests get an id, one transaction and strict headers."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

import flask
from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from critique.config import MB, ROOT, Settings
from critique.plumbing import intent
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.trace import request_id
from critique.plumbing.transaction import settle
from critique.web.idempotency import once

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Above the largest transcript and the largest form; recordings come by tus, which counts itself.
MAX_BODY_BYTES = 8 * MB

# Addresses for programs: everything below them is answered in JSON.
PROGRAMS = ("/api/", "/uploads")

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)


class IdConverter(IntegerConverter):
    """Ids in addresses: what no database integer holds is no address of ours."""

    # Nine digits are below 2**31; bounded by the pattern, so nothing longer is ever computed with.
    regex = r"\d{1,9}"


class CritiqueApp(Flask):
    """A Flask whose every request is one transaction, settled before the answer is sent."""

    def dispatch_request(self) -> Response:
        """Run the view; commit below 400, roll back otherwise. GET and HEAD only read."""
        if request.method in SAFE_METHODS:
            with intent.reading():
                return self._settled(super().dispatch_request())
        person = me() if _carries_key() else None
        if person is None:
            return self._settled(super().dispatch_request())
        run = super().dispatch_request
        return self._settled(once(person.id, lambda: self.make_response(run())))

    def _settled(self, answer: ResponseReturnValue) -> Response:
        response = self.make_response(answer)
        settle(response.status_code)
        _tell_draft_is_posted(response)
        return response


def create_web(settings: Settings) -> CritiqueApp:
    """A bare application: settings, headers, CSRF; slices are added by the factory."""
    app = CritiqueApp(
        "critique",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.url_map.converters["int"] = IdConverter
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # One connection a thread at most: a long lock must not make readers wait for a connection.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 16, "max_overflow": 48},
        SESSION_COOKIE_NAME="__Host-critique" if settings.secure else "critique",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_CHECK_DEFAULT=False,
        # A form left open over the weekend must still be sendable on Monday.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        RATELIMIT_ENABLED=True,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["critique_settings"] = settings
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_open_request)
    app.after_request(_harden)
    app.teardown_request(_close_request)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def settings() -> Settings:
    """Settings of the running application."""
    found = flask.current_app.extensions["critique_settings"]
    assert isinstance(found, Settings)
    return found


def absolute_url(endpoint: str, **values: Any) -> str:
    """A link for mails and APIs: from the configured base URL, never from the Host header."""
    # Not by url_for in a request context of its own: leaving that would end the open transaction.
    anchor = values.pop("_anchor", None)
    path = flask.current_app.url_map.bind("localhost").build(endpoint, values)
    return settings().base_url + path + (f"#{quote(str(anchor))}" if anchor else "")


def csp_nonce() -> str:
    """This request's nonce for the few inline scripts and styles."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def bearer_token() -> str | None:
    """The bearer token this request carries instead of a cookie; None when it carries none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _open_request() -> None:
    request_id.set(secrets.token_hex(8))
    if "\0" in request.path:
        raise NotFound
    if request.method in SAFE_METHODS:
        return
    view = flask.current_app.view_functions.get(request.endpoint or "")
    # A bearer token is never sent by a browser on its own, so it needs no second proof.
    if bearer_token() is not None or getattr(view, "csrf_free", False):
        return
    # Nobody is signed in whom another site could speak for: a program is told to bring a token.
    if request.path.startswith(PROGRAMS) and me() is None:
        return
    csrf.protect()


def _close_request(_error: BaseException | None) -> None:
    db.session.remove()


def _harden(response: Response) -> Response:
    nonce = csp_nonce()
    headers = response.headers
    media = settings().s3_endpoint or ""
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data: {media}; media-src 'self' blob: {media}; font-src 'self'; "
        f"connect-src 'self' {media}; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-src '{g.get('framed', 'none')}'; frame-ancestors 'none'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    # A reply may be recorded from the microphone and the screen, by our own pages alone.
    headers.setdefault(
        "Permissions-Policy",
        "camera=(), geolocation=(), microphone=(self), display-capture=(self)",
    )
    if settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        if "v" in request.args and response.status_code == 200:
            # The address changes with the content, so this copy stays right for good.
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie")
    return response


def _tell_draft_is_posted(response: Response) -> None:
    """Let the browser drop the draft it keeps of a form, now that the form has arrived."""
    if request.method != "POST" or response.status_code >= 400:
        return
    draft = request.form.get("_draft", "")[:200]
    if draft:
        response.set_cookie("critique_posted", quote(draft), max_age=30 * 86_400, samesite="Lax")


def _carries_key() -> bool:
    # Bytes of a recording count themselves by their offset, and are too many to be compared.
    bytes_come = request.mimetype == "application/offset+octet-stream"
    return request.method == "POST" and "Idempotency-Key" in request.headers and not bytes_come


def csrf_free(view: Any) -> Any:
    """Mark a view that proves its caller otherwise (a token in its URL, or no effect at all)."""
    view.csrf_free = True
    return view


def me() -> Any:
    """The signed-in person, or None; None too where letters are written, outside of requests."""
    if not flask.has_request_context():
        return None
    # The proxy must not outlive the request that it looks at.
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001
