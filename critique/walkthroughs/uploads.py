"""tus 1.0 at /uploads/: core, creation, expiration, checksum, termination.

https://tus.io/protocols/resumable-upload. An offset that was answered is on disk and in the
database; no transaction is open while bytes stream in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flask
from flask import Response, request, url_for
from werkzeug.http import http_date

from critique.accounts.login import asker
from critique.accounts.models import Person
from critique.media.images import form_of_file
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, CritiqueError, Invalid, NotFound, TooLarge
from critique.plumbing.storage import storage
from critique.plumbing.transaction import keep, must_be_closed, release
from critique.walkthroughs import operations
from critique.walkthroughs.access import upload_for
from critique.walkthroughs.joining import NO_PICTURE, joins
from critique.walkthroughs.models import Upload, Walkthrough
from critique.walkthroughs.queries import is_picture_kept
from critique.walkthroughs.replying import begin_recorded_reply
from critique.walkthroughs.spool import CHECKSUMS, Checksum, Spool, Tray, disk_full
from critique.walkthroughs.tus_headers import (
    VERSION,
    bad_request,
    hold_offset,
    metadata_of,
    must_be_version,
    number_in,
    read_metadata,
    reply_in,
    review_in,
    walkthrough_in,
)
from critique.web.app import settings

EXTENSIONS = "creation,expiration,checksum,termination"
BODY_TYPE = "application/offset+octet-stream"
ORIGINAL_TYPE = "application/octet-stream"
# A line that died without a word would hold its upload for ever, and refuse whoever resumes it.
SILENCE_SECONDS = 20
NO_VOICE = (
    "This file is a picture, and a reply is your voice or your screen. It was not kept. Draw on "
    "the frame in a comment of your own instead."
)


@dataclass(frozen=True)
class Asked:
    """What a PATCH asks for, with plain facts of its upload; `key` is where it will be kept."""

    upload_id: str
    key: str
    joins: bool
    is_reply: bool
    offset: int
    length: int
    checksum: Checksum | None


def spool() -> Spool:
    """The running application's spool."""
    found = flask.current_app.extensions.get("critique_spool")
    if not isinstance(found, Spool):
        found = Spool(settings().spool)
        flask.current_app.extensions["critique_spool"] = found
    return found


def stamp(response: Response) -> Response:
    """Every answer of this protocol says so."""
    if request.path.startswith("/uploads"):
        response.headers["Tus-Resumable"] = VERSION
    return response


def allow_long_bodies(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Bytes of a recording are held by the length their upload announced, not by that of a form.

    Runs before anything has looked at the body (the CSRF check does).
    """
    if endpoint == "walkthroughs.upload" and request.mimetype == BODY_TYPE:
        request.max_content_length = settings().max_upload_bytes


def options(upload_id: str | None = None) -> Response:
    """What this server can do; the same for everybody."""
    del upload_id
    response = Response(status=204)
    response.headers.update(
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings().max_upload_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        }
    )
    return response


def create() -> Response:
    """Creation: make room for `Upload-Length` bytes of the review named in the metadata."""
    person = asker()
    must_be_version()
    if "Upload-Defer-Length" in request.headers:
        raise bad_request("Say how long the file is with Upload-Length.", "upload-defer-length")
    length = number_in("Upload-Length")
    told = read_metadata(request.headers.get("Upload-Metadata", ""))
    upload = _begun(person, told, length)
    response = _about(upload, 201)
    response.headers["Location"] = url_for("walkthroughs.upload", upload_id=upload.id)
    return response


def _begun(person: Person, told: dict[str, str], length: int) -> Upload:
    comment_id = reply_in(told)
    file: dict[str, Any] = {
        "filename": told.get("filename", ""),
        "filetype": told.get("filetype", ""),
        "length": length,
        "settings": settings(),
        "spool": spool(),
    }
    if comment_id is not None:
        review_id = review_in(person, told) if "review" in told else None
        return begin_recorded_reply(by=person, comment_id=comment_id, review_id=review_id, **file)
    return operations.begin_upload(
        by=person,
        review_id=review_in(person, told),
        note=told.get("note", ""),
        walkthrough_id=walkthrough_in(told),
        **file,
    )


def one(upload_id: str) -> Response:
    """One upload: HEAD, PATCH, DELETE, or a POST that names one of them."""
    method = request.method
    if method == "POST":
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
    acts = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}
    if method not in acts:
        raise CritiqueError(
            "This address takes HEAD, PATCH and DELETE.",
            status=405,
            code="method_not_allowed",
            headers={"Allow": "HEAD, PATCH, DELETE, OPTIONS"},
        )
    asker()
    must_be_version()
    return acts[method](upload_id)


def _head(upload_id: str) -> Response:
    upload = upload_for(asker(), upload_id)
    response = _about(upload, 200)
    response.headers["Upload-Length"] = str(upload.length)
    response.headers["Upload-Metadata"] = metadata_of(upload)
    return response


def _delete(upload_id: str) -> Response:
    upload = upload_for(asker(), upload_id)
    original = operations.key_of(upload)
    with spool().writing(upload_id):
        operations.stop_upload(by_id=asker().id, upload=upload)
        keep()
        spool().remove(upload_id)
    # A kill between storing and posting may have left it there.
    storage().delete(original)
    return Response(status=204)


def _patch(upload_id: str) -> Response:
    asked = _asked(upload_for(asker(), upload_id))
    _hold_disk(asked)
    release()
    with spool().writing(upload_id) as tray:
        # The one who held it before may have brought bytes since.
        upload = upload_for(asker(), upload_id)
        hold_offset(asked.offset, upload.received)
        if upload.finished_at is not None:
            spool().remove(upload_id)
            return _about(upload, 204)
        release()
        must_be_closed()
        _hang_up_on_silence()
        for received in tray.receive(request.stream, asked.offset, asked.length, asked.checksum):
            if received < asked.length:
                operations.save_progress(upload_id, received)
                keep()
            else:
                _finish(asked, tray)
    upload = db.session.get_one(Upload, upload_id)
    if upload.finished_at is not None:
        spool().remove(upload_id)
    return _about(upload, 204)


def _hang_up_on_silence() -> None:
    """Give a silent line up after 20 s, keeping what came; gunicorn only."""
    line = request.environ.get("gunicorn.socket")
    if line is not None:
        line.settimeout(SILENCE_SECONDS)


def _finish(asked: Asked, tray: Tray) -> None:
    must_be_closed()
    path = spool().path(asked.upload_id)
    is_picture = form_of_file(path) is not None
    if asked.joins and not is_picture:
        _refuse(asked, NO_PICTURE, "not_a_picture")
    if asked.is_reply and is_picture:
        _refuse(asked, NO_VOICE, "not_a_recording")
    # Stored first: a kill before the commit leaves a file that nobody refers to, and the client
    # sends its last bytes once more.
    storage().put(asked.key, path, ORIGINAL_TYPE)
    try:
        operations.finish_upload(
            by=asker(), upload_id=asked.upload_id, sha256=tray.sha256, is_picture=is_picture
        )
        keep()
    except (NotFound, Conflict):
        release()
        storage().delete(asked.key)
        raise
    if asked.joins:
        _delete_unless_kept(asked.key)


def _refuse(asked: Asked, sentence: str, code: str) -> None:
    operations.stop_upload(by_id=asker().id, upload=db.session.get_one(Upload, asked.upload_id))
    keep()
    spool().remove(asked.upload_id)
    raise Invalid(sentence, code=code, fields={"file": sentence})


def _delete_unless_kept(key: str) -> None:
    """The same picture again adds nothing, so its second copy goes."""
    kept = is_picture_kept(key)
    release()
    if not kept:
        storage().delete(key)


def _asked(upload: Upload) -> Asked:
    """What the headers of a PATCH ask for; refuses what cannot be done before a byte is read."""
    if request.mimetype != BODY_TYPE:
        raise Invalid(f"Send the bytes as {BODY_TYPE}.", status=415, code="unsupported_media_type")
    offset = number_in("Upload-Offset")
    hold_offset(offset, upload.received)
    if (request.content_length or 0) > upload.length - offset:
        raise TooLarge(
            "These are more bytes than were announced. What came before is kept; choose the file "
            "again if it has grown since."
        )
    checksum = None
    if header := request.headers.get("Upload-Checksum"):
        try:
            checksum = Checksum.from_header(header)
        except ValueError:
            raise bad_request(
                f"Upload-Checksum could not be read; use one of {', '.join(CHECKSUMS)}.",
                "upload-checksum",
            ) from None
    walkthrough = db.session.get(Walkthrough, upload.walkthrough_id)
    return Asked(
        upload.id,
        operations.key_of(upload),
        joins(walkthrough),
        walkthrough is not None and walkthrough.is_reply,
        offset,
        upload.length,
        checksum,
    )


def _hold_disk(asked: Asked) -> None:
    rest = min(request.content_length or 0, asked.length - asked.offset)
    if rest and spool().room() - rest < settings().disk_reserve_bytes:
        raise disk_full()


def _about(upload: Upload, status: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Cache-Control"] = "no-store"
    if upload.walkthrough_id is not None:
        response.headers["Walkthrough-Id"] = str(upload.walkthrough_id)
    if upload.finished_at is None:
        response.headers["Upload-Expires"] = http_date(upload.expires_at)
    return response
