"""What every template can use: links, times, Markdown and who is looking."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, get_flashed_messages, url_for
from markupsafe import Markup, escape

from critique.config import ROOT
from critique.plumbing import clock
from critique.plumbing.calendar import spoken_moment
from critique.web.app import csp_nonce, me, settings
from critique.web.markdown import markdown

FLAT_SHEET = "vendor/app.css"


def install_templating(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.filters.update(
        moment=moment,
        time_of_day=time_of_day,
        clock=spoken_clock,
        markdown=markdown,
        size=spoken_size,
    )
    app.context_processor(_globals)


def _globals() -> dict[str, Any]:
    return {
        "csp_nonce": csp_nonce,
        "static_url": static_url,
        "style_sheet": style_sheet,
        "me": me(),
        "flash_messages": lambda: get_flashed_messages(with_categories=True),
        "now": clock.now(),
    }


def static_url(path: str) -> str:
    """URL of a static file that changes with its content, so browsers may keep it for good."""
    return url_for("static", filename=path, v=_fingerprint(path, _changed(path)))


def style_sheet() -> str:
    """URL of the one style sheet, flattened: its seventy parts would be asked for on every page.

    While somebody is at work on the parts, these themselves, so that a reload shows what is new.
    """
    parts = (ROOT / "static" / "css").rglob("*.css")
    flat = _changed(FLAT_SHEET)
    if settings().environment != "production" and any(p.stat().st_mtime > flat for p in parts):
        return static_url("css/app.css")
    return static_url(FLAT_SHEET)


def _changed(path: str) -> float:
    file = Path(ROOT / "static" / path)
    return file.stat().st_mtime if file.exists() else 0.0


@lru_cache(maxsize=1024)
def _fingerprint(path: str, _changed_at: float) -> str:
    file = Path(ROOT / "static" / path)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.exists() else "0"


def moment(value: datetime | None) -> Markup:
    """A UTC moment in the viewer's zone and words, exact on hover."""
    if value is None:
        return Markup("")
    viewer = me()
    now = clock.now()
    # No zone begins its day between two quarters of an hour, so this may be kept that long.
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return _moment(value, viewer.zone if viewer else "UTC", quarter)


def time_of_day(value: datetime) -> str:
    """A UTC moment on the viewer's clock alone, beside one whose day is said: `15:00`."""
    viewer = me()
    return f"{value.astimezone(ZoneInfo(viewer.zone if viewer else 'UTC')):%H:%M}"


@lru_cache(maxsize=8192)
def _moment(value: datetime, zone: str, now: datetime) -> Markup:
    exact = escape(f"{value.astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M} {zone}")
    said = spoken_moment(value, zone, now)
    written = value.isoformat(timespec="seconds")
    # `written` and `said` are figures and names of days.
    return Markup(f'<time datetime="{written}" title="{exact}">{said}</time>')  # noqa: S704


def spoken_clock(ms: int | None) -> str:
    """Milliseconds as `1:23` or `1:02:03`."""
    seconds = (ms or 0) // 1000
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken_size(count: int) -> str:
    """Bytes as people say them: `840 KB`, `1.2 GB`."""
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
