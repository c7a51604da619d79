"""How much somebody may upload: told before, enforced at the start."""

from __future__ import annotations

from dataclasses import dataclass, replace

from critique.accounts.models import Person
from critique.config import Settings
from critique.media.errors import Refused
from critique.plumbing.errors import Invalid, TooLarge
from critique.walkthroughs import queries
from critique.walkthroughs.spool import Spool, disk_full

# A reply is listened to between two others: longer than this, nobody does.
REPLY_MS = 120_000
# A recorder stops at the second, and its last piece may still be on its way.
REPLY_SLACK_MS = 2000
REPLY_BYTES = 100 * 10**6


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes. `left_bytes` is what the person's share still holds."""

    max_bytes: int
    max_minutes: int
    quota_bytes: int
    left_bytes: int

    @property
    def largest_bytes(self) -> int:
        """The largest file this person may send now."""
        return min(self.max_bytes, self.left_bytes)


def limits_for(person: Person, settings: Settings) -> Limits:
    """The limits of one person, now."""
    left = max(0, settings.quota_bytes - queries.bytes_of(person))
    return Limits(
        settings.max_upload_bytes, settings.max_duration_minutes, settings.quota_bytes, left
    )


def limits_of_reply(person: Person, settings: Settings) -> Limits:
    """The limits of one person who records a reply, now."""
    usual = limits_for(person, settings)
    smaller = min(usual.max_bytes, REPLY_BYTES)
    return replace(usual, max_bytes=smaller, max_minutes=REPLY_MS // 60_000)


def hold_limits(limits: Limits, length: int, settings: Settings, spool: Spool) -> None:
    """Raise Invalid, TooLarge (413) or Unavailable (507) when `length` bytes may not come."""
    if length == 0:
        raise Invalid(
            "This file is empty, so there is nothing to upload. Choose the recording again.",
            fields={"file": "The file is empty."},
            code="empty",
        )
    if length > limits.max_bytes:
        raise TooLarge(
            f"This recording has {_size(length)}; at most {_size(limits.max_bytes)} can be "
            "uploaded. Nothing was sent. Export it smaller, or cut it, and choose that file.",
            fields={"file": f"At most {_size(limits.max_bytes)}."},
            extra={"limit_bytes": limits.max_bytes},
        )
    if length > limits.left_bytes:
        raise TooLarge(
            f"Your share of {_size(limits.quota_bytes)} has {_size(limits.left_bytes)} left, and "
            f"this recording has {_size(length)}. Nothing was sent. Ask an admin for more room.",
            fields={"file": f"{_size(limits.left_bytes)} left."},
            code="quota",
            extra={"limit_bytes": limits.left_bytes},
        )
    if spool.room() - queries.bytes_expected() - length < settings.disk_reserve_bytes:
        raise disk_full()


def hold_reply(duration_ms: int) -> None:
    """Raise Refused, with both lengths, when a recorded reply is longer than a thread takes."""
    if duration_ms > REPLY_MS + REPLY_SLACK_MS:
        raise Refused(
            f"This recording is {_clock(duration_ms)} long; a reply can be {_clock(REPLY_MS)}. It "
            "is kept as it came and can be downloaded. Say it shorter in another reply."
        )


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02d}"


def _size(count: int) -> str:
    for unit, bytes_ in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= bytes_:
            return f"{count / bytes_:.1f} {unit}"
    return f"{count} bytes"
