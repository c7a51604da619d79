"""Every route of the application, and a request to each that makes sense."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask

from critique.plumbing import clock
from tests.structure.scene import CANARY, PASSWORD, Scene

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
SAFE = ("GET", "HEAD", "OPTIONS")
GONE: dict[str, Any] = {
    "kind": "poster", "name": "sprite", "filename": "css/nothing.css", "upload_id": "n" * 43,
    "token": "nothing", "secret": "nothing", "week": "2026-W03",
}  # fmt: skip
NO_SUCH_ID = 987_654
NEW_PASSWORD = {"password": "another long password", "password_again": "another long password"}
PROFILE = {"name": "Maya", "zone": "UTC", "level": "mid", "hours_0": "09:00-17:00"}
WEBHOOK = {
    "name": "Bot", "kind": "plain", "address": "https://example.com/in",
    "occasions": ["review.created"],
}  # fmt: skip
BLOCK = {"weekday": "1", "start": "10:00", "until": "11:00"}
# Long gone, and Oliver's, who is the second of the cast.
PASSED_SLOT = {"host": "2", "minutes": "15", "starts_at": "2026-01-05T10:00:00+00:00"}
DAYS_OFF = {
    "first_day": str(clock.now().date() + timedelta(days=40)),
    "last_day": str(clock.now().date() + timedelta(days=42)),
}

# What a route is sent; what has no line here is sent nothing.
BODIES: dict[str, dict[str, Any]] = {
    "POST accounts.accept_invitation": {
        "data": {"name": "New", "zone": "UTC", **NEW_PASSWORD},
    },
    "POST accounts.ask_reset": {"data": {"email": "maya@example.com"}},
    "POST accounts.change_password": {"data": {"current_password": PASSWORD, **NEW_PASSWORD}},
    "POST accounts.change_role": {"data": {"role": "mentor"}},
    "POST accounts.update_calls": {
        "data": {"call_address": "https://meet.example.com/{room}"},
    },
    "POST accounts.choose": {"data": {"team_id": "1"}},
    "POST accounts.invite": {"data": {"email": "somebody@example.com", "role": "author"}},
    "POST accounts.set_password": {"data": NEW_PASSWORD},
    "POST accounts.set_up": {
        "data": {
            "team": "T", "name": "N", "email": "n@example.com", "zone": "UTC",
            "team_zone": "UTC", **NEW_PASSWORD,
        },
    },
    "POST accounts.skip_week": {"data": {"skip": "1"}},
    "POST accounts.start_session": {"data": {"email": "maya@example.com", "password": PASSWORD}},
    "POST accounts.update_coffee": {"data": {"coffee_in": ""}},
    "POST accounts.update_profile": {"data": PROFILE},
    "POST accounts.update_holidays": {"data": {"country": "DE"}},
    "POST accounts.update_deep_work": {"data": {"deep_work_0": "09:00-11:00"}},
    "POST accounts.create_absence": {"data": DAYS_OFF},
    "POST accounts.update_absence": {"data": DAYS_OFF},
    "POST api.create_absence": {"json": DAYS_OFF},
    "PATCH api.change_absence": {"json": {"words": "Moving house"}},
    "PATCH api.change_me": {"json": {"holidays": "DE-BE"}},
    "POST api.create_comment": {
        "json": {"body": "Hm.", "kind": "question", "words": {"first": 2, "last": 4}},
    },
    "PATCH api.change_draft": {"json": {"body": "Much too heavy."}},
    "PATCH api.change_notice_settings": {"json": {"digest": False}},
    "POST api.create_verdict": {"json": {"verdict": "another_round"}},
    "POST api.create_reply": {"json": {"body": "Yes."}},
    "POST api.create_review_request": {"json": {"title": "Posted"}},
    "PATCH api.edit_comment_words": {"json": {"body": "Lighter.", "revision": 1}},
    "PUT api.put_resolution": {"json": {"how": "done"}},
    "PUT api.replace_transcript": {"data": "the new total", "content_type": "text/plain"},
    "POST comments.give_verdict": {"data": {"verdict": "looks_good"}},
    "POST comments.update_draft": {"data": {"body": "Much too heavy.", "revision": "1"}},
    "POST api.show_preview": {"json": {"body": "Hm, @Oliver at 0:05."}},
    "POST comments.create": {"data": {"body": "Hm.", "start_ms": "1000"}},
    "POST comments.preview": {"data": {"body": "Hm, @Oliver at 0:05."}},
    "POST comments.react": {"data": {"kind": "agree"}},
    "POST comments.react_to_reply": {"data": {"kind": "agree"}},
    "POST comments.withdraw_reaction": {"data": {"kind": "thanks"}},
    "POST comments.withdraw_reply_reaction": {"data": {"kind": "thanks"}},
    "POST comments.place": {"data": {"at": "0:01"}},
    "PUT api.write_placement": {"json": {"start_ms": 1000}},
    "POST comments.reply": {"data": {"body": "Yes."}},
    "POST comments.resolve": {"data": {"how": "done"}},
    "POST comments.update": {"data": {"body": "Lighter.", "revision": "1"}},
    "POST comments.update_reply": {"data": {"body": "Well.", "revision": "1"}},
    "PUT api.put_meeting_answer": {"json": {"answer": "accepted"}},
    "PUT api.put_meeting_time": {"json": {"starts_at": "2026-01-05T10:00:00Z"}},
    "PUT api.put_meeting_partner": {"json": {"person_id": 2}},
    "PUT api.put_meeting_third": {"json": {"person_id": 2}},
    "POST meetings.answer": {"data": {"answer": "accepted"}},
    "POST meetings.answer_now": {"data": {"answer": "tentative"}},
    "POST meetings.move": {"data": {"starts_at": "2026-01-05T10:00:00Z"}},
    "POST meetings.swap": {"data": {"person_id": "2"}},
    "POST meetings.add": {"data": {"person_id": "2"}},
    "POST loops.share": {"data": {"with_id": "3"}},
    "POST mentoring.give_hand_off": {"data": {"to": "3"}},
    "POST mentoring.capacity": {"data": {"capacity": "2"}},
    "POST api.create_hand_off": {"json": {"to": 3}},
    "PUT api.answer_hand_off": {"json": {"answer": "taken"}},
    "PUT api.put_capacity": {"json": {"capacity": 2}},
    "POST sessions.create": {"data": PASSED_SLOT},
    "POST sessions.create_opening": {"data": BLOCK},
    "POST sessions.open_now": {"data": {"minutes": "30"}},
    "POST sessions.signal": {"json": {"kind": "seek", "at_ms": 1200}},
    "POST sessions.wish": {"data": {"a_week": "1"}},
    "POST sessions.write_feed": {"data": {"address": "https://calendar.example.com/x.ics"}},
    "POST sessions.write_outcome": {"data": {"words": "Bigger type."}},
    "POST api.create_opening": {"json": BLOCK},
    "POST api.create_session": {"json": PASSED_SLOT},
    "POST accounts.change_line": {"data": {"reports_to_id": "2"}},
    "PATCH api.change_coffee_group": {"json": {"name": "Letters"}},
    "POST api.create_coffee_group": {"json": {"kind": "newcomers"}},
    "PUT api.put_coffee_time": {"json": {"starts_at": "2026-01-05T10:00:00Z"}},
    "PUT api.put_coffee_wishes": {"json": {"coffee_in": False}},
    "POST pairing.create_group": {"data": {"kind": "newcomers"}},
    "POST pairing.keep_from": {"data": {"person_id": "2"}},
    "POST pairing.place_in_group": {"data": {"person_id": "1", "is_in": "1"}},
    "POST pairing.update_group": {"data": {"name": "Letters"}},
    "POST pairing.preferences": {"data": {"coffee_in": ""}},
    "POST pairing.skip": {"data": {"skip": "1"}},
    "PUT api.put_report": {"json": {"happened": True}},
    "POST week.report": {"data": {"happened": "1"}},
    "POST week.report_now": {"data": {"happened": "0"}},
    "POST reviews.create": {"data": {"title": "Posted"}},
    "POST reviews.extend": {"data": {"review_by": "in 9 working days"}},
    "POST reviews.update": {"data": {"title": "Better", "revision": "1"}},
    "POST webhooks.create": {"data": WEBHOOK},
    "POST webhooks.update": {"data": {"name": "Chat", "occasions": ["turn.given"]}},
    "POST api.create_webhook": {"json": WEBHOOK},
    "PATCH api.change_webhook": {"json": {"name": "Chat"}},
    "POST walkthroughs.uploads": {
        "headers": {**TUS, "Upload-Length": "10", "Upload-Metadata": "review MQ=="},
    },
    "POST walkthroughs.upload": {"headers": {**TUS, "X-HTTP-Method-Override": "HEAD"}},
    "HEAD walkthroughs.upload": {"headers": TUS},
    "PATCH walkthroughs.upload": {
        "headers": {**TUS, "Upload-Offset": "0"}, "data": b"x", "content_type": BYTES,
    },
    "DELETE walkthroughs.upload": {"headers": TUS},
    "POST walkthroughs.write_transcript": {"data": {"text": "the new total sits above"}},
}  # fmt: skip
# Where the first of its kind is in the wrong state: which one is asked for instead.
OF_ANOTHER: dict[str, Callable[[Scene], object]] = {
    "POST reviews.reopen": lambda scene: scene.closed_review,
    "POST comments.reopen": lambda scene: scene.settled_comment,
    "DELETE api.delete_resolution": lambda scene: scene.settled_comment,
    "POST comments.confirm": lambda scene: scene.settled_comment,
    "PUT api.put_confirmation": lambda scene: scene.settled_comment,
    "POST comments.withdraw_confirmation": lambda scene: scene.confirmed_comment,
    "DELETE api.delete_confirmation": lambda scene: scene.confirmed_comment,
    "POST webhooks.activate": lambda scene: scene.ids["off_webhook_id"],
    "PUT api.put_activation": lambda scene: scene.ids["off_webhook_id"],
    # One that is over.
    "PUT api.put_report": lambda scene: scene.over_meeting,
}
QUERIES = {
    "GET api.search_moments": f"?q={CANARY}",
    "GET comments.new_placement": "?on={later}",
    "GET pages.library": f"?q={CANARY}",
    "POST comments.place": "?on={later}",
    "GET reviews.deadline": "?review_by=in+4+working+hours",
}


@dataclass(frozen=True)
class Route:
    """One method of one rule; `name` is what rows are called by."""

    name: str
    method: str
    rule: str

    @property
    def unsafe(self) -> bool:
        return self.method not in SAFE

    @property
    def holes(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.rule)

    def address(self, scene: Scene, *, gone: bool = False) -> str:
        """The address of a real thing, or of one that does not exist."""

        def filled(match: re.Match[str]) -> str:
            hole = match[1]
            if gone:
                return str(GONE.get(hole, NO_SUCH_ID))
            value = scene.ids[hole]
            if isinstance(value, dict) and self.name not in OF_ANOTHER:
                return str(value[self.rule.split("/")[1].removesuffix("s")])
            if hole == "kind" and "/reactions/" in self.rule:
                value = "thanks" if self.method == "DELETE" else "agree"
            if hole == "kind" and self.rule.startswith("/stills/"):
                value = "picture"
            if self.name in OF_ANOTHER:
                value = OF_ANOTHER[self.name](scene)
            if self.name == "PUT api.write_placement" and hole == "walkthrough_id":
                value = scene.later_walkthrough
            return str(value)

        path = re.sub(r"<(?:\w+:)?(\w+)>", filled, self.rule)
        return path + QUERIES.get(self.name, "").format(later=scene.later_walkthrough)

    def ask(self, client: Any, address: str) -> Any:
        """Send the request that makes sense here; the client keeps the session it had."""
        cookies = dict(client._cookies)
        answer = client.open(
            address, method=self.method, buffered=True, **BODIES.get(self.name, {})
        )
        client._cookies = cookies
        return answer


def routes_of(app: Flask) -> list[Route]:
    """All of them; what takes things away comes last."""
    found = [
        Route(f"{method} {rule.endpoint}", method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method not in ("HEAD", "OPTIONS") or (method == "HEAD" and "GET" not in rule.methods)
    ]
    return sorted(found, key=lambda r: (r.method == "DELETE", r.unsafe, r.name))
