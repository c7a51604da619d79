"""Settings: read once from the environment, checked by type, handed to the factory."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
# A wheel carries templates, static and migrations inside the package; a checkout beside it.
ROOT = HERE if (HERE / "templates").is_dir() else HERE.parent

MB = 1024 * 1024
GB = 1024 * MB


@dataclass(frozen=True)
class Settings:
    """Everything a process of Critique is told from outside.

    Sizes are bytes, durations carry their unit in the name.
    """

    data: Path
    database_url: str
    base_url: str
    secret_key: str = field(repr=False)
    environment: str = "development"
    demo: bool = True
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "Critique <critique@localhost>"
    # Where answers to letters come in: smtp://host:port or lmtp://host:port. None: nowhere.
    mail_door: str | None = None
    # What stands behind the @ of the addresses that letters are answered to. None: they are not.
    reply_domain: str | None = None
    # Pairs of number (1..255) and secret; the first signs, all are believed.
    reply_keys: tuple[tuple[int, str], ...] = field(default=(), repr=False)
    # The name under which the mail server in front notes who a letter really is from (RFC 8601).
    mail_authserv: str | None = None
    s3_bucket: str | None = None
    s3_endpoint: str | None = None
    # None: the best model that lies in the models folder.
    whisper_model: str | None = None
    max_upload_bytes: int = 4 * GB
    max_duration_minutes: int = 240
    quota_bytes: int = 40 * GB
    disk_reserve_bytes: int = 500 * MB
    trusted_proxies: int = 0
    # A worker that has not been heard of for this long is taken for lost.
    worker_lost_seconds: int = 60
    # Development only: addresses that people type may lead to this machine.
    call_own_machine: bool = False

    @property
    def production(self) -> bool:
        """Whether strict settings (secure cookies, no outbox page) apply."""
        return self.environment == "production"

    @property
    def on_own_machine(self) -> bool:
        """Whether this is development, reached under a name of this machine only."""
        return not self.production and is_own_machine(self.base_url)

    @property
    def may_call_own_machine(self) -> bool:
        """Whether an address that somebody typed may lead to this machine; never in production."""
        return self.call_own_machine and self.on_own_machine

    @property
    def secure(self) -> bool:
        """Whether people reach the site over https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def files(self) -> Path:
        """Folder of stored media when no S3 bucket is named."""
        return self.data / "files"

    @property
    def spool(self) -> Path:
        """Folder of bytes on their way in and of work in progress."""
        return self.data / "spool"

    @property
    def models(self) -> Path:
        """Folder of speech models."""
        return self.data / "models"


def is_own_machine(url: str) -> bool:
    """Whether an address names the machine itself."""
    host = urlsplit(url).hostname or ""
    names = host in {"localhost", "::1"} or host.endswith(".localhost")
    return names or host.startswith("127.")


WHOLE_NUMBERS = {
    "CRITIQUE_MAX_UPLOAD_MB": 4096,
    "CRITIQUE_MAX_DURATION_MINUTES": 240,
    "CRITIQUE_QUOTA_MB": 40 * 1024,
    "CRITIQUE_DISK_RESERVE_MB": 500,
    "CRITIQUE_TRUSTED_PROXIES": 0,
    "CRITIQUE_WORKER_LOST_SECONDS": 60,
}


def settings_from_environment(environ: dict[str, str] | None = None) -> Settings:
    """Read `CRITIQUE_*` variables; what is missing gets a default that works on one machine.

    Raises ValueError with a sentence naming the variable when a value cannot be read.
    """
    env = dict(os.environ) if environ is None else environ
    if wrong := misread_settings(env):
        raise ValueError(" ".join(wrong.values()))
    data = Path(env.get("CRITIQUE_DATA", "var")).expanduser().resolve()
    data.mkdir(parents=True, exist_ok=True)
    port = env.get("PORT", "5000")
    base_url = (env.get("CRITIQUE_BASE_URL") or f"http://localhost:{port}").rstrip("/")
    # On one's own machine the whole way of a letter and its answer can be walked at once.
    own = env.get("CRITIQUE_ENV", "development") != "production" and is_own_machine(base_url)
    return Settings(
        data=data,
        database_url=env.get("CRITIQUE_DATABASE_URL") or f"sqlite:///{data / 'critique.sqlite'}",
        base_url=base_url,
        secret_key=env.get("CRITIQUE_SECRET_KEY") or _kept_secret(data / "secret_key"),
        environment=env.get("CRITIQUE_ENV", "development"),
        demo=env.get("CRITIQUE_DEMO", "1") != "0",
        smtp_url=env.get("CRITIQUE_SMTP_URL") or None,
        mail_from=env.get("CRITIQUE_MAIL_FROM", "Critique <critique@localhost>"),
        mail_door=mail_door_of(
            env.get("CRITIQUE_MAIL_DOOR") or (own_mail_door(port) if own else "")
        ),
        reply_domain=reply_domain_of(
            env.get("CRITIQUE_REPLY_DOMAIN") or ("reply.localhost" if own else "")
        ),
        reply_keys=reply_keys_of(env.get("CRITIQUE_REPLY_KEYS", "")),
        mail_authserv=env.get("CRITIQUE_MAIL_AUTHSERV") or None,
        s3_bucket=env.get("CRITIQUE_S3_BUCKET") or None,
        s3_endpoint=env.get("CRITIQUE_S3_ENDPOINT") or None,
        whisper_model=env.get("CRITIQUE_WHISPER_MODEL") or None,
        max_upload_bytes=_whole(env, "CRITIQUE_MAX_UPLOAD_MB") * MB,
        max_duration_minutes=_whole(env, "CRITIQUE_MAX_DURATION_MINUTES"),
        quota_bytes=_whole(env, "CRITIQUE_QUOTA_MB") * MB,
        disk_reserve_bytes=_whole(env, "CRITIQUE_DISK_RESERVE_MB") * MB,
        trusted_proxies=_whole(env, "CRITIQUE_TRUSTED_PROXIES"),
        worker_lost_seconds=max(1, _whole(env, "CRITIQUE_WORKER_LOST_SECONDS")),
        call_own_machine=env.get("CRITIQUE_CALL_OWN_MACHINE") == "1",
    )


def misread_settings(env: Mapping[str, str]) -> dict[str, str]:
    """Every variable whose value cannot be read, with a sentence about it."""
    wrong: dict[str, str] = {}
    for name in WHOLE_NUMBERS:
        try:
            _whole(env, name)
        except ValueError as error:
            wrong[name] = str(error)
    for name, read in SPELLED.items():
        try:
            read(env.get(name, ""))
        except ValueError as error:
            wrong[name] = str(error)
    return wrong


def mail_door_of(said: str) -> str | None:
    """Where the mail door listens: `smtp://host:port` or `lmtp://host:port`; None when it is off.

    `host:port` alone means SMTP. Raises ValueError with a sentence.
    """
    if said.strip().lower() in {"", "off"}:
        return None
    url = said.strip() if "://" in said else f"smtp://{said.strip()}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in {"smtp", "lmtp"} or not host or not port or parts.path.strip("/"):
        raise ValueError(
            f"CRITIQUE_MAIL_DOOR must be like 127.0.0.1:2525, lmtp://127.0.0.1:2424 or off, not "
            f"{said!r}."
        )
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def own_mail_door(port: str) -> str:
    """Where the mail door of a site on one's own machine listens: 3000 above the site's port."""
    number = int(port) if port.isdecimal() else 5000
    return f"127.0.0.1:{number + 3000 if number + 3000 < 65536 else number - 3000}"


def reply_domain_of(said: str) -> str | None:
    """The domain of reply addresses, in lower case. Raises ValueError with a sentence."""
    domain = said.strip().lower()
    if domain and not re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,5}", domain):
        raise ValueError(
            f"CRITIQUE_REPLY_DOMAIN must be a domain like reply.example.com, not {said!r}."
        )
    return domain or None


def reply_keys_of(said: str) -> tuple[tuple[int, str], ...]:
    """Keys of reply addresses, `2:new secret,1:old secret`. Raises ValueError with a sentence."""
    keys: list[tuple[int, str]] = []
    for entry in filter(None, (part.strip() for part in said.split(","))):
        number, _, secret = entry.partition(":")
        fits = number.isdecimal() and 0 < int(number) < 256 and len(secret) >= SHORTEST_KEY
        if not fits or int(number) in dict(keys):
            # The value is a secret, so it is not repeated here.
            raise ValueError(
                "CRITIQUE_REPLY_KEYS must be numbers from 1 to 255 with a secret each, like "
                f"2:new,1:old; each number once, each secret of {SHORTEST_KEY} characters or more."
            )
        keys.append((int(number), secret))
    return tuple(keys)


SHORTEST_KEY = 32
SPELLED: dict[str, Callable[[str], object]] = {
    "CRITIQUE_MAIL_DOOR": mail_door_of,
    "CRITIQUE_REPLY_DOMAIN": reply_domain_of,
    "CRITIQUE_REPLY_KEYS": reply_keys_of,
}


def _whole(env: Mapping[str, str], name: str) -> int:
    raw = env.get(name)
    if not raw:
        return WHOLE_NUMBERS[name]
    try:
        value = int(raw)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {raw!r}.") from None
    if value < 0:
        raise ValueError(f"{name} must not be negative.")
    return value


def _kept_secret(path: Path) -> str:
    """A secret that survives restarts, readable by its owner only."""
    if not path.exists():
        candidate = path.with_suffix(f".{os.getpid()}")
        candidate.touch(mode=0o600)
        candidate.write_text(secrets.token_urlsafe(48))
        try:
            # link() fails when another process was first, so both read the same secret.
            os.link(candidate, path)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return path.read_text().strip()
