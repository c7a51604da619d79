"""The live room's wire: signals go up by POST, and come down as server-sent events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.pairing.access import meeting_for
from critique.pairing.sessions.forms import SignalForm
from critique.pairing.sessions.live import send_signal, told
from critique.pairing.sessions.views import blueprint
from critique.plumbing.transaction import snapshot
from critique.web.forms import read


@blueprint.post("/sessions/<int:meeting_id>/signals")
@signed_in
def signal(meeting_id: int) -> ResponseReturnValue:
    """Tell the others what one does."""
    form = read(SignalForm)
    sent = send_signal(
        by=asker(), meeting=meeting_for(asker(), meeting_id), kind=form.kind, data=form.data()
    )
    return jsonify(id=sent.id), 201


@blueprint.get("/sessions/<int:meeting_id>/signals")
@signed_in
def stream(meeting_id: int) -> Response:
    """Hear what the others do, from `?after=` (or the last event's id) on."""
    meeting = meeting_for(asker(), meeting_id)
    after = request.headers.get("Last-Event-ID", "") or request.args.get("after", "0")
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the stream outlives the request
    events = told(
        asker().id, meeting.id, int(after) if after.isdecimal() and len(after) < 10 else 0,
        lambda: _reading(app),
    )  # fmt: skip
    response = Response(events, mimetype="text/event-stream")
    # A proxy that collects would make the other's hand arrive in gusts.
    response.headers["X-Accel-Buffering"] = "no"
    return response


@contextmanager
def _reading(app: Flask) -> Iterator[None]:
    with app.app_context(), snapshot():
        yield
