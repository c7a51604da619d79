"""The way from a request to a live session about it, where this installation has one."""

from __future__ import annotations

from flask import current_app, url_for

BOOKING = "pairing.book"


def sessions_can_be_booked() -> bool:
    """Whether there is a page that books a session."""
    return BOOKING in current_app.view_functions


def booking_path(review_id: int) -> str | None:
    """Where a session about a request is booked; None where nothing of the kind exists."""
    return url_for(BOOKING, review_id=review_id) if sessions_can_be_booked() else None
