"""A story as each kind of receiver reads it: plain JSON, a Slack message, a Teams card.

Names and titles are what anybody may type, so each kind gets them where nothing in them is markup:
Slack as escaped text (its `<!channel>` would call everybody), Teams in text runs, which know no
Markdown. Moments are written so that each reader sees them on their own clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from critique.activity.hooks.story import Story

LONGEST = 300
Json = dict[str, Any]

# Line breaks and what turns the direction of writing around (bidirectional controls).
_NOT_IN_A_LINE = re.compile(r"[\s\x00-\x1f\x7f\u0085\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def body_for(kind: str, story: Story) -> bytes:
    """The request's body: canonical JSON in UTF-8."""
    payload = _RENDERERS[kind](story)
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def plain(story: Story) -> Json:
    """For programs: `type`, `timestamp` and `data`, as the Standard Webhooks suggest."""
    data: Json = {"team": story.team, "url": story.url, "by": story.by}
    if story.title is not None:
        data["review"] = {
            "id": story.review_id,
            "title": story.title,
            "state": "open" if story.is_open else "closed",
            "review_by": _written(story.review_by),
        }
        data["turns"] = [
            {"name": one.name, "reason": one.reason, "since": _written(one.since)}
            for one in story.turns
        ]
    if story.version is not None:
        data["version"] = story.version
    if story.verdict is not None:
        data["verdict"] = story.verdict
    return {"type": story.type, "timestamp": _written(story.at), "data": data}


def slack(story: Story) -> Json:
    """For an incoming webhook of Slack: a section of mrkdwn, and the same as `text`."""
    about = slack_text(story.title) if story.title else "A test"
    lines = [f"{slack_text(story.headline)}: <{story.url}|{about}>"]
    if story.move:
        lines.append(slack_text(story.move) + _slack_until(story.review_by))
    text = "\n".join(lines)
    # Verbatim: else whatever looks like an address or a channel in a title becomes a link.
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    return {"text": text, "blocks": [section]}


def slack_text(value: str) -> str:
    """Text without a meaning of its own: Slack asks to escape these three; `|` ends an address."""
    line = one_line(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Signs of emphasis count at the edges of words only; a zero width space is no edge of one.
    return re.sub(r"([*_~`|])", "\u200b\\1\u200b", line)


def _slack_until(moment: datetime | None) -> str:
    if moment is None:
        return ""
    fallback = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f" until <!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def teams(story: Story) -> Json:
    """For a Teams workflow that takes webhook requests: one Adaptive Card in a message."""
    runs: list[Json] = [_run(f"{story.headline}: " if story.title else story.headline)]
    if story.title:
        runs.append({**_run(story.title), "weight": "Bolder"})
    body: list[Json] = [{"type": "RichTextBlock", "inlines": runs}]
    if story.move:
        body.append({"type": "RichTextBlock", "inlines": [_run(story.move)]})
    if story.move and story.review_by:
        moment = f"{story.review_by.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        text = f"Until {{{{DATE({moment},SHORT)}}}}, {{{{TIME({moment})}}}}"
        body.append({"type": "TextBlock", "text": text, "wrap": True, "spacing": "None"})
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "fallbackText": "Something happened in Critique.",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": story.url}],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _run(text: str) -> Json:
    return {"type": "TextRun", "text": one_line(text, keep_edges=True)}


def one_line(value: str, *, keep_edges: bool = False) -> str:
    """Text on one line, in one direction, and not longer than anybody reads."""
    line = _NOT_IN_A_LINE.sub(" ", value)
    line = line if keep_edges else line.strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


_RENDERERS: Mapping[str, Callable[[Story], Json]] = {
    "plain": plain,
    "slack": slack,
    "teams": teams,
}
