"""What a message says to each kind of receiver, and that nobody can write markup into one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.activity.hooks.occasions import OCCASIONS, TRIAL, is_weightier
from critique.activity.hooks.payloads import LONGEST, body_for, one_line, slack_text
from critique.activity.hooks.signing import secret_of, signature, signed_headers
from critique.activity.hooks.story import Holder, Story

AT = datetime(2026, 11, 23, 15, 0, 30, 999_000, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 18, 0, tzinfo=timezone(timedelta(hours=2)))
URL = "https://critique.example.com/reviews/7"


def story(**changes) -> Story:
    return Story(
        **{
            "type": "review.created",
            "at": AT,
            "team": "Juniper",
            "url": URL,
            "by": "Maya",
            "review_id": 7,
            "title": "Checkout",
            "review_by": DUE,
            "turns": [Holder("Oliver", "requested", AT)],
            **changes,
        }
    )


def rendered(kind: str, **changes) -> dict:
    return json.loads(body_for(kind, story(**changes)))


def test_a_program_reads_type_time_and_data():
    assert rendered("plain", type="verdict.given", verdict="looks_good", version=None) == {
        "type": "verdict.given",
        "timestamp": "2026-11-23T15:00:30Z",
        "data": {
            "team": "Juniper",
            "url": URL,
            "by": "Maya",
            "review": {
                "id": 7,
                "title": "Checkout",
                "state": "open",
                "review_by": "2026-11-23T16:00:00Z",
            },
            "turns": [{"name": "Oliver", "reason": "requested", "since": "2026-11-23T15:00:30Z"}],
            "verdict": "looks_good",
        },
    }


def test_slack_reads_a_link_whose_move_it_is_and_a_time_of_its_own():
    told = rendered("slack", turns=[Holder("Oliver", "requested", AT), Holder("Wei", "asked", AT)])
    assert told["text"] == (
        f"Maya asks for a review: <{URL}|Checkout>\nWaiting for Oliver and Wei until "
        f"<!date^{int(DUE.timestamp())}^{{date_short_pretty}} {{time}}|2026-11-23 16:00 UTC>"
    )
    [section] = told["blocks"]
    assert section["text"] == {"type": "mrkdwn", "text": told["text"], "verbatim": True}


def test_teams_reads_one_card_with_a_button():
    told = rendered("teams")
    [attachment] = told["attachments"]
    card = attachment["content"]
    assert (told["type"], attachment["contentType"], card["type"]) == (
        "message", "application/vnd.microsoft.card.adaptive", "AdaptiveCard",
    )  # fmt: skip
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": URL}]
    first, move, until = card["body"]
    assert [run["text"] for run in first["inlines"]] == ["Maya asks for a review: ", "Checkout"]
    assert [run["text"] for run in move["inlines"]] == ["Oliver’s move"]
    assert (
        until["text"]
        == "Until {{DATE(2026-11-23T16:00:00Z,SHORT)}}, {{TIME(2026-11-23T16:00:00Z)}}"
    )


@pytest.mark.parametrize(
    ("changes", "headline", "move"),
    [
        ({"type": "walkthrough.posted", "version": 2}, "Maya posted version 2", "Oliver’s move"),
        ({"type": "turn.given", "turns": []}, "It is somebody’s move", "Open to any mentor"),
        ({"type": "deadline.neared", "by": None}, "The deadline is near", "Oliver’s move"),
        ({"type": "verdict.given", "verdict": "lets_talk", "turns": []}, "Maya would like to talk",
         "Open to any mentor"),
        ({"type": "review.closed", "is_open": False}, "Maya closed the request", None),
        ({"type": TRIAL, "title": None}, "Maya tries this webhook of Juniper", None),
    ],
)  # fmt: skip
def test_what_is_said_of_each_occasion(changes, headline, move):
    assert (story(**changes).headline, story(**changes).move) == (headline, move)
    for kind in ("plain", "slack", "teams"):
        rendered(kind, **changes)


words = st.text(max_size=400)


@given(words, words, words)
def test_nothing_typed_is_markup_of_slack(title, by, holder):
    told = rendered("slack", title=title or "-", by=by, turns=[Holder(holder, "asked", AT)])
    text = told["text"]
    # Two angle brackets open something: the link and the date that are ours.
    assert re.findall(r"<(.)", text) == ["h", "!"]
    assert text.count("\n") == 1
    assert re.fullmatch(
        rf"[^<>]*<{URL}\|[^<>|]*>\n[^<>]* until <!date\^[^<>]*>", text.replace("\u200b|\u200b", "")
    )


@given(words)
def test_slack_shows_what_was_typed(text):
    shown = slack_text(text).replace("\u200b", "")
    shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown == one_line(text).replace("\u200b", "")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("<!channel> look", "&lt;!channel&gt; look"),
        ("<@U123>", "&lt;@U123&gt;"),
        ("a & b", "a &amp; b"),
        ("x|y>", "x\u200b|\u200by&gt;"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("safe \u202egnp.exe", "safe gnp.exe"),
    ],
)
def test_mentions_and_line_breaks_lose_their_meaning(typed, sent):
    assert slack_text(typed) == sent


@given(words, words, words)
def test_nothing_typed_stands_where_teams_reads_markdown(title, by, holder):
    told = rendered("teams", title=title or "-", by=by, turns=[Holder(holder, "asked", AT)])
    blocks = told["attachments"][0]["content"]["body"]
    read_as_markdown = [block["text"] for block in blocks if block["type"] == "TextBlock"]
    assert [re.sub(r"[\dTZ:-]+", "", text) for text in read_as_markdown] == [
        "Until {{DAE(,SHOR)}}, {{IME()}}"
    ]
    for block in blocks:
        for run in block.get("inlines", ()):
            assert len(run["text"]) <= LONGEST
            assert "\n" not in run["text"]


def test_an_act_is_told_by_the_weightiest_and_everything_outweighs_whose_move_it_is():
    assert all(is_weightier(one, "turn.given") for one in OCCASIONS if one != "turn.given")
    assert not any(is_weightier(one, one) for one in OCCASIONS)
    assert is_weightier("review.closed", "verdict.given")


def test_the_signature_is_the_one_of_the_specification():
    """The example that the libraries of Standard Webhooks check themselves with."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_seed_and_each_installation_has_a_secret_of_its_own():
    secrets = {secret_of(key, seed) for key in ("one", "two") for seed in ("a", "b")}
    assert len(secrets) == 4
    headers = signed_headers(sorted(secrets), "msg_1", 5, b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 4
