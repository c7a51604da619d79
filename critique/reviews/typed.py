"""What stands in the fields of the request page: nothing yet, what was typed, or what was kept."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from critique.accounts.models import Person
from critique.reviews.live_or_written import TICKS
from critique.reviews.models import Review

# value -> words on the chip
CHIPS = {
    "in 4 working hours": "In 4 working hours",
    "end of my tomorrow": "End of my tomorrow",
    "in 3 working days": "In 3 working days",
    "moment": "At a moment",
}

_TEXTS = ("title", "brief", "stage", "off_limits", "project", "review_by", "review_by_moment")
_LISTS = ("aims", "links", "reviewers", "skills", "ticks")
_LABELS = {
    "title": "Title",
    "brief": "Brief",
    "aims": "What you want to know",
    "stage": "Stage",
    "off_limits": "Off limits",
    "links": "Links",
    "project": "Project",
    "skills": "Skills",
    "ticks": "Talk or write",
}


def blank() -> dict[str, Any]:
    """The fields of a new request."""
    return {
        **dict.fromkeys(_TEXTS, ""),
        **{name: [] for name in _LISTS},
        "stage": "early",
        "review_by": "end of my tomorrow",
        "revision": 1,
    }


def typed_in(form: MultiDict[str, str]) -> dict[str, Any]:
    """The fields as they were sent."""
    return {
        **{name: form.get(name, "") for name in _TEXTS},
        **{name: [text for text in form.getlist(name) if text.strip()] for name in _LISTS},
        "skills": [part.strip() for part in ",".join(form.getlist("skills")).split(",") if part],
        "stage": form.get("stage") if form.get("stage") in ("early", "mid", "final") else "early",
        "revision": form.get("revision", 1, type=int),
    }


def of_review(review: Review, viewer: Person) -> dict[str, Any]:
    """The fields of a request that is there already; its deadline in the viewer's zone."""
    at = review.review_by
    return {
        "title": review.title,
        "brief": review.brief,
        "aims": [aim.text for aim in review.aims],
        "stage": review.stage,
        "off_limits": review.off_limits,
        "links": [link.url for link in review.links],
        "project": review.project.name if review.project else "",
        "reviewers": [str(row.person_id) for row in review.reviewers],
        "skills": [row.skill for row in review.skills],
        "ticks": list(review.ticks),
        "review_by": "keep" if at else "",
        "review_by_moment": f"{at.astimezone(ZoneInfo(viewer.zone)):%Y-%m-%dT%H:%M}" if at else "",
        "revision": review.revision,
    }


def differences(mine: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[str, str]]:
    """Fields that say something else on the other side: (label, their text)."""
    return [
        (label, _as_text(theirs[name]))
        for name, label in _LABELS.items()
        if _as_text(mine[name]) != _as_text(theirs[name])
    ]


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(TICKS[line].label if line in TICKS else line for line in value)
    return str(value).replace("\r\n", "\n").strip()
