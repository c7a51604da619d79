"""Parts of the room that belong to a walkthrough: its steps as they go, its transcript."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from critique.accounts.login import asker, signed_in
from critique.media.speech import captions
from critique.plumbing.errors import Invalid, NotFound
from critique.reviews.access import must_be_open
from critique.walkthroughs import operations, removal
from critique.walkthroughs.access import (
    may_upload,
    must_be_there,
    must_upload,
    take_for,
    walkthrough_for,
)
from critique.walkthroughs.following import progress_of
from critique.walkthroughs.limits import limits_for
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.words import Word, words_from
from critique.web.app import settings

LARGEST_TRANSCRIPT_BYTES = captions.MAX_BYTES


def template_words() -> dict[str, Any]:
    """What the partials of this slice may ask for."""
    return {
        "walkthrough_progress": progress_of,
        "may_upload_to": lambda review: may_upload(asker(), review),
        "upload_limits": lambda: limits_for(asker(), settings()),
    }


@signed_in
def steps(walkthrough_id: int) -> Response:
    """The partial that follows along; tells the page once when the video can be played.

    `?was=` says which state the page shows now.
    """
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    response = make_response(_steps_partial(walkthrough))
    before = request.args.get("was", "")
    if walkthrough.state == "ready" and before in ("uploading", "processing", "failed"):
        told = {"playable": {"walkthrough": walkthrough.id}}
        response.headers["HX-Trigger"] = json.dumps(told)
    return response


@signed_in
def retry(walkthrough_id: int, name: str) -> AnyResponse:
    """Try a failed step again."""
    operations.retry_step(by=asker(), walkthrough_id=walkthrough_id, name=name)
    return _after_change(take_for(asker(), walkthrough_id))


@signed_in
def write_transcript(walkthrough_id: int) -> AnyResponse:
    """Take a transcript from the form: a file, or text typed into `text`."""
    data = b""
    if sent := request.files.get("file"):
        data = sent.stream.read(LARGEST_TRANSCRIPT_BYTES + 1)
        sent.close()
    data = data or request.form.get("text", "").encode()
    if not data.strip():
        raise Invalid(
            "Choose a VTT, SRT or text file, or type the words. Nothing was changed.",
            fields={"file": "This is needed."},
        )
    operations.write_transcript(by=asker(), walkthrough_id=walkthrough_id, data=data)
    return _after_change(walkthrough_for(asker(), walkthrough_id))


@signed_in
def transcript_text(walkthrough_id: int) -> Response:
    """The words as plain text."""
    words = _words_of(take_for(asker(), walkthrough_id))
    return Response(captions.to_text(words), content_type="text/plain; charset=utf-8")


@signed_in
def transcript_vtt(walkthrough_id: int) -> Response:
    """The words as captions for the player."""
    words = _words_of(take_for(asker(), walkthrough_id))
    return Response(captions.to_vtt(words), content_type="text/vtt; charset=utf-8")


@signed_in
def ask_removal(walkthrough_id: int) -> str:
    """Ask whether a version shall go, and say exactly what goes and what stays."""
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    must_upload(asker(), walkthrough.review)
    must_be_there(walkthrough)
    must_be_open(walkthrough.review)
    return render_template("walkthroughs/removal.html", walkthrough=walkthrough)


@signed_in
def remove(walkthrough_id: int) -> AnyResponse:
    """Take a version away."""
    gone = removal.remove_version(by=asker(), walkthrough_id=walkthrough_id)
    flash(
        f"Version {gone.version} is removed. What was said about it is kept.",
        "done",
    )
    return redirect(url_for("pages.room", review_id=gone.review_id), 303)


def _words_of(walkthrough: Walkthrough) -> list[Any]:
    must_be_there(walkthrough)
    transcript = transcript_of(walkthrough.id)
    if transcript is None:
        raise NotFound("There is no transcript yet. The page says how it stands.")
    found: list[Word] = words_from(transcript.words)
    return found


def _after_change(walkthrough: Walkthrough) -> AnyResponse:
    if request.headers.get("HX-Request") and walkthrough.is_reply:
        return make_response("", 204)
    if request.headers.get("HX-Request"):
        return make_response(_steps_partial(walkthrough))
    return redirect(url_for("pages.room", review_id=walkthrough.review_id), 303)


def _steps_partial(walkthrough: Walkthrough) -> str:
    return render_template(
        "walkthroughs/_steps.html",
        walkthrough=walkthrough,
        progress=progress_of(walkthrough),
        may_upload=may_upload(asker(), walkthrough.review),
    )
