"""Files of a walkthrough: permission on every request, then a range of bytes or a short link."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import Response, redirect, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from critique.accounts.login import asker, signed_in
from critique.plumbing.errors import NotFound
from critique.plumbing.storage import storage
from critique.plumbing.transaction import must_be_closed, release
from critique.walkthroughs.access import must_be_there, still_for, take_for
from critique.walkthroughs.models import Still, Walkthrough

LINK_SECONDS = 300
# Types that are served as what they are; whatever else there is goes out as bytes to be saved.
PLAYED = frozenset(
    {"video/mp4", "video/webm", "audio/mp4", "audio/webm", "audio/mpeg", "audio/ogg"}
)
SHOWN = frozenset({"image/png", "image/jpeg"})
OCTETS = "application/octet-stream"
LOCKED = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class File:
    """What is asked for: its key, the type it is served as, a name when it is to be saved."""

    key: str
    type: str
    filename: str | None = None
    small: bool = False


@signed_in
def media(walkthrough_id: int, kind: str) -> AnyResponse:
    """One file of a walkthrough the asker may see."""
    walkthrough = take_for(asker(), walkthrough_id)
    must_be_there(walkthrough)
    return _sent(_file_of(walkthrough, kind))


@signed_in
def still(still_id: int, kind: str) -> AnyResponse:
    """One picture of a walkthrough the asker may see: as it is shown, small, or as it came."""
    found = still_for(asker(), still_id)
    must_be_there(found.walkthrough)
    return _sent(_picture_of(found, kind))


def _sent(file: File) -> AnyResponse:
    release()
    must_be_closed()
    found = storage().local_path(file.key)
    if found is not None:
        response: AnyResponse = send_file(
            found,
            mimetype=file.type,
            conditional=True,
            etag=True,
            as_attachment=file.filename is not None,
            download_name=file.filename,
        )
    elif file.small:
        response = Response(storage().read(file.key), mimetype=file.type)
    else:
        link = storage().link(
            file.key, content_type=file.type, filename=file.filename, seconds=LINK_SECONDS
        )
        response = redirect(link or request.path, 302)
    # Kept by the browser only, and asked again each time: who was removed sees nothing more.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = LOCKED
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _picture_of(found: Still, kind: str) -> File:
    shown = found.picture_type if found.picture_type in SHOWN else OCTETS
    known: dict[str, tuple[str | None, str, str | None]] = {
        "picture": (found.picture_key, shown or OCTETS, None),
        "small": (found.small_key, "image/jpeg", None),
        "original": (found.original_key, OCTETS, _saved_as(found)),
    }
    if kind not in known:
        raise NotFound
    key, type_, filename = known[kind]
    if key is None:
        raise NotFound("This is not ready yet, or could not be made. The page says how it stands.")
    return File(key, type_, filename)


def _file_of(walkthrough: Walkthrough, kind: str) -> File:
    played = walkthrough.playable_type if walkthrough.playable_type in PLAYED else OCTETS
    known: dict[str, tuple[str | None, str, str | None, bool]] = {
        "original": (walkthrough.original_key, OCTETS, _saved_as(walkthrough), False),
        "playable": (walkthrough.playable_key, played or OCTETS, None, False),
        "poster": (walkthrough.poster_key, "image/jpeg", None, False),
        "sprite": (walkthrough.sprite_key, "image/jpeg", None, False),
        "sprite.vtt": (walkthrough.sprite_track_key, "text/vtt", None, True),
        "peaks": (walkthrough.peaks_key, "application/json", None, True),
    }
    if kind not in known:
        raise NotFound
    key, type_, filename, small = known[kind]
    if key is None:
        raise NotFound("This is not ready yet, or could not be made. The page says how it stands.")
    return File(key, type_, filename, small)


def _saved_as(came: Walkthrough | Still) -> str:
    """The name a download gets; the original's, with nothing a header could break on."""
    return PurePosixPath(came.filename).name or "recording"
