"""What is misconfigured or missing, all at once, each with its cure."""

from __future__ import annotations

import contextlib
import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from critique.config import ROOT, Settings
from critique.factory import create_app
from critique.media.binary import ffmpeg_path
from critique.media.speech.engines import MODEL_NAME, engine_for
from critique.plumbing import clock, heartbeat, schema
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.storage import open_storage
from critique.plumbing.storage.base import NoSuchFile
from critique.plumbing.transaction import snapshot
from critique.web.templating import spoken_size

State = Literal["fine", "advice", "problem"]


@dataclass(frozen=True)
class Finding:
    """One part, how it is, and what to do about it."""

    part: str
    state: State
    words: str
    cure: str | None = None


def findings(settings: Settings) -> list[Finding]:
    """Look at every part; a part that cannot be looked at is itself a finding."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found.extend(check(settings))
        except Exception as error:  # noqa: BLE001 - one broken part must not hide the others
            why = str(error).partition("\n")[0]
            found.append(
                Finding(check.__name__, "problem", f"cannot be used ({why})", CURES[check.__name__])
            )
    return found


def address(settings: Settings) -> Iterator[Finding]:
    """Links in mails and the cookie's safety hang on the base URL."""
    url = urlsplit(settings.base_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        yield Finding(
            "address", "problem", f"CRITIQUE_BASE_URL is {settings.base_url!r}",
            "Set it to the address people use, like https://critique.example.com",
        )  # fmt: skip
    elif settings.production and url.scheme != "https":
        yield Finding(
            "address", "problem", "people would sign in without encryption",
            "Serve it over https and set CRITIQUE_BASE_URL to that address.",
        )  # fmt: skip
    else:
        yield Finding("address", "fine", settings.base_url)
    if settings.production and len(settings.secret_key) < 32:
        yield Finding(
            "secret", "problem", "CRITIQUE_SECRET_KEY is short",
            "Use at least 32 random characters, or unset it: one is then made and kept.",
        )  # fmt: skip


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for uploads."""
    free = shutil.disk_usage(settings.data).free
    if free < settings.disk_reserve_bytes:
        yield Finding(
            "disk", "problem", f"only {spoken_size(free)} free; uploads are refused",
            "Free some space, or point CRITIQUE_DATA to a larger disk.",
        )  # fmt: skip
    else:
        yield Finding("disk", "fine", f"{spoken_size(free)} free at {settings.data}")


def database(settings: Settings) -> Iterator[Finding]:
    """The database answers and carries the schema; a worker was heard of."""
    with create_app(settings).app_context():
        try:
            yield from _tables()
        finally:
            db.engine.dispose()


def _tables() -> Iterator[Finding]:
    with snapshot():
        db.session.execute(sa.text("SELECT 1"))
        kind = db.engine.dialect.name
    yield Finding("database", "fine", f"{kind} answers")
    if not sa.inspect(db.engine).has_table("workers"):
        yield Finding("schema", "problem", "tables are missing", "Run: critique migrate")
        return
    with snapshot():
        behind = schema.is_behind()
    if behind:
        yield Finding("schema", "problem", "older than this Critique", "Run: critique migrate")
        return
    with snapshot():
        alive = heartbeat.alive_since(clock.now() - timedelta(seconds=20))
        parked = db.session.scalar(sa.select(sa.func.count()).where(Letter.parked_at.is_not(None)))
    if alive:
        yield Finding("worker", "fine", f"{', '.join(sorted(alive))} at work")
    else:
        yield Finding("worker", "advice", "none is running", "Run: critique worker (or make run)")
    if parked:
        yield Finding(
            "letters", "advice", "1 letter is parked" if parked == 1 else f"{parked} are parked",
            "Look at /outbox/parked as an admin, or run: critique mail parked",
        )  # fmt: skip


def media(_settings: Settings) -> Iterator[Finding]:
    """Ffmpeg is there."""
    yield Finding("ffmpeg", "fine", str(ffmpeg_path()))


def static(_settings: Settings) -> Iterator[Finding]:
    """The built static files are there."""
    if (ROOT / "static" / "vendor").is_dir():
        yield Finding("static", "fine", "built")
    else:
        yield Finding("static", "problem", "scripts and the font are not built", "Run: make setup")


def speech(settings: Settings) -> Iterator[Finding]:
    """Which engine writes transcripts."""
    named = settings.whisper_model
    if named and not MODEL_NAME.fullmatch(named):
        yield Finding("speech", "problem", f"{named!r} is not the name of a model", CURES["speech"])
        return
    engine = engine_for(settings.models, named)
    if not engine.draft:
        yield Finding("speech", "fine", engine.name)
    else:
        yield Finding(
            "speech", "advice", "transcripts are drafts by the bundled engine",
            f"Run: critique speech fetch {named or 'small'}",
        )  # fmt: skip


def mail(settings: Settings) -> Iterator[Finding]:
    """Mail leaves the house."""
    if settings.smtp_url is None:
        state: State = "problem" if settings.production else "advice"
        yield Finding(
            "mail", state, "no SMTP server; mails stay in the outbox",
            "Set CRITIQUE_SMTP_URL to smtp://user:password@host:587",
        )  # fmt: skip
        return
    url = urlsplit(settings.smtp_url)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        yield Finding("mail", "problem", "CRITIQUE_SMTP_URL is no SMTP address", CURES["mail"])
        return
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(url.hostname or "", url.port or 0, timeout=5) as server:
            server.noop()
        yield Finding("mail", "fine", f"{url.hostname} answers")
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "mail", "problem", f"{url.hostname} does not answer ({error})",
            "Check CRITIQUE_SMTP_URL; mails wait in the outbox meanwhile.",
        )  # fmt: skip


def answers(settings: Settings) -> Iterator[Finding]:
    """Answers to mails come in."""
    door, domain = settings.mail_door, settings.reply_domain
    if door is None and domain is None:
        yield Finding("answers", "advice", "mails cannot be answered", CURES["answers"])
    elif door is None or domain is None:
        missing = "CRITIQUE_MAIL_DOOR" if door is None else "CRITIQUE_REPLY_DOMAIN"
        yield Finding(
            "answers", "problem", f"{missing} is not set, so answers to mails get lost",
            CURES["answers"],
        )  # fmt: skip
    else:
        url = urlsplit(door)
        kind = smtplib.LMTP if url.scheme == "lmtp" else smtplib.SMTP
        try:
            with kind(url.hostname or "", url.port or 0, timeout=5) as server:
                server.noop()
            yield Finding("answers", "fine", f"{door} takes letters to @{domain}")
        except (OSError, smtplib.SMTPException) as error:
            state: State = "problem" if settings.production else "advice"
            yield Finding(
                "answers", state, f"nobody opens at {door} ({error})", "Run: critique mail-door"
            )


def files(settings: Settings) -> Iterator[Finding]:
    """Stored media can be written."""
    if settings.s3_bucket is None:
        settings.files.mkdir(parents=True, exist_ok=True)
        yield Finding("files", "fine", f"folder {settings.files}")
        return
    # Asking for a file that is not there proves address, bucket and keys without leaving a trace.
    with contextlib.suppress(NoSuchFile):
        open_storage(settings).read("doctor")
    yield Finding("files", "fine", f"bucket {settings.s3_bucket} answers")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    address,
    disk,
    database,
    files,
    media,
    static,
    speech,
    mail,
    answers,
)

# What to do when a check itself could not be done.
CURES = {
    "address": "Set CRITIQUE_BASE_URL to the address people use.",
    "disk": "Point CRITIQUE_DATA to a folder this account may write to.",
    "database": "Check CRITIQUE_DATABASE_URL, that its server runs and that it lets Critique in; "
    "unset, Critique uses a SQLite file.",
    "files": "Without S3, make CRITIQUE_DATA writable; with it, check CRITIQUE_S3_BUCKET, "
    "CRITIQUE_S3_ENDPOINT and the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "media": "Run: make setup (or install ffmpeg)",
    "static": "Run: make setup",
    "speech": "Set CRITIQUE_WHISPER_MODEL to a name such as small, or unset it.",
    "mail": "Set CRITIQUE_SMTP_URL to smtp://user:password@host:587",
    "answers": "Set both CRITIQUE_MAIL_DOOR=127.0.0.1:2525 and CRITIQUE_REPLY_DOMAIN to a domain "
    "whose mail arrives there (docs/mail.md).",
}
