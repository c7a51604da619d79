"""The loop pages: figures from rows, who may see them, and who may see a person's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from critique.events.models import Event
from critique.mentoring.figures import loops_of, windows_of
from critique.mentoring.models import Turn
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import close_review
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person
from tests.mentoring.test_queue import answer, post, show

# A Wednesday: Maya works from 15:00 to 23:00 UTC.
POSTED = datetime(2026, 11, 18, 14, tzinfo=UTC)


def posted(review, version: int = 1, at: datetime = POSTED) -> Walkthrough:
    """A version whose upload ended then."""
    walkthrough = show(review, version)
    walkthrough.created_at = at - timedelta(minutes=20)
    record("walkthrough.posted", load_person(review.author_id), walkthrough)
    # The log is append-only for people; here its clock is set.
    db.session.execute(
        sa.update(Event)
        .where(Event.subject == "walkthrough", Event.subject_id == walkthrough.id)
        .values(at=at)
    )
    return walkthrough


def answered(walkthrough: Walkthrough, by: int, at: datetime) -> None:
    answer(walkthrough, by).created_at = at
    db.session.flush()


@pytest.fixture
def loops(app, cast):
    """Two versions, the first answered after an hour of Maya's time; one more nobody answered."""
    with app.app_context(), transaction():
        review = post(cast, "Checkout")
        review.review_by = POSTED + timedelta(hours=3)
        first = posted(review)
        answered(first, cast.maya, POSTED + timedelta(minutes=5))
        answered(first, cast.oliver, POSTED + timedelta(hours=2))
        answered(first, cast.wei, POSTED + timedelta(hours=4))
        posted(review, 2, POSTED + timedelta(days=1))
        late = post(cast, "Labels")
        late.review_by = POSTED + timedelta(hours=1)
        posted(late)
        unposted = post(cast, "Nothing to look at")
        unposted.review_by = POSTED + timedelta(hours=1)


def test_loops_and_windows_come_from_rows(app, cast, loops):
    with app.app_context(), snapshot():
        found = loops_of(cast.team, POSTED, POSTED + timedelta(days=3))
        windows = windows_of(cast.team, POSTED, POSTED + timedelta(days=3))
    first = next(one for one in found if one.answered)
    assert len(found) == 3
    assert (first.answered_by, first.answer_minutes) == (cast.oliver, 60)
    assert first.ended == POSTED + timedelta(days=1)
    assert first.length_minutes == 8 * 60
    assert [(one.due - POSTED, one.kept) for one in windows] == [
        (timedelta(hours=1), False), (timedelta(hours=3), True),
    ]  # fmt: skip


def test_closing_ends_a_loop_and_removed_versions_do_not_count(app, cast):
    with app.app_context(), transaction():
        review = post(cast, "Checkout")
        posted(review)
        removed = posted(review, 2, POSTED + timedelta(hours=1))
        removed.removed_at = clock.now()
        close_review(by=load_person(cast.maya), review_id=review.id)
        (only,) = loops_of(cast.team, POSTED, clock.now())
        assert (only.version, only.ended) == (1, review.closure.at)


def test_queries_do_not_grow_with_the_loops(app, cast):
    def asked(count: int) -> int:
        with app.app_context(), transaction():
            for number in range(count):
                answered(posted(post(cast, f"No {number}")), cast.oliver, POSTED)
        seen: list[str] = []
        with app.app_context(), snapshot():
            sa.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
            loops_of(cast.team, POSTED, POSTED + timedelta(days=1))
        return len(seen)

    few = asked(2)
    assert asked(10) == few


def test_a_lead_compares_before_and_after_a_day(cast, client_of, loops):
    wei = client_of(cast.wei)
    page = wei.get("/loops?first=2026-11-16&last=2026-11-22&split=2026-11-19").text
    assert "Half of the answers came within 1 h." in page
    assert "Before 19 Nov" in page
    assert "2026-W47" in page
    body = wei.get("/api/v1/loops?first=2026-11-16&last=2026-11-22&split=2026-11-19").json
    assert (body["whole"]["loops"], body["before"]["loops"], body["after"]["loops"]) == (3, 2, 1)
    assert body["whole"]["windows_kept"] == 0.5
    assert body["whole"]["load_gini"] is None


def test_days_that_make_no_period_are_refused_by_name(cast, client_of):
    wei = client_of(cast.wei)
    for query, field in (
        ("first=2026-11-20&last=2026-11-16", "first"),
        ("first=2020-01-01&last=2026-11-16", "first"),
        ("last=2999-01-01", "last"),
        ("first=2026-11-01&last=2026-11-16&split=2026-11-01", "split"),
        ("first=yesterday", "first"),
    ):
        refused = wei.get(f"/api/v1/loops?{query}")
        assert refused.status_code == 422, query
        assert field in refused.json["fields"]
        # The page says it at the field, keeps what was typed, and shows the usual weeks.
        shown = wei.get(f"/loops?{query}")
        assert shown.status_code == 422
        assert f'id="{field}-error"' in shown.text
        assert all(f'value="{part.split("=")[1]}"' in shown.text for part in query.split("&"))
    assert wei.get("/loops?first=&last=&split=").status_code == 200


def test_ones_own_loops_are_private_until_shared_and_again_afterwards(app, cast, client_of):
    maya, wei = client_of(cast.maya), client_of(cast.wei)
    path = f"/people/{cast.maya}/loops"
    assert wei.get(path).status_code == 404
    assert maya.post("/loops/mine/shares", data={"with_id": cast.wei}).status_code == 303
    assert maya.post("/loops/mine/shares", data={"with_id": cast.wei}).status_code == 303
    assert wei.get(path).status_code == 200
    assert "Maya" in wei.get("/loops/mine").text
    page = maya.get("/loops/mine").text
    (share,) = set(re.findall(r"/loops/mine/shares/(\d+)/end", page))
    assert wei.post(f"/loops/mine/shares/{share}/end").status_code == 404
    assert maya.post(f"/loops/mine/shares/{share}/end").status_code == 303
    assert wei.get(path).status_code == 404


def test_a_week_of_ones_own_shows_loops_themes_and_what_was_done(app, cast, client_of):
    now = clock.now()
    with app.app_context(), transaction():
        review = post(cast, "Checkout")
        walkthrough = posted(review, at=now - timedelta(days=2))
        for words in ("The contrast is low.", "Contrast again.", "More contrast, please."):
            answer(walkthrough, cast.oliver).body = words
    maya = client_of(cast.maya)
    page = maya.get("/loops/mine").text
    assert "One loop in seven days." in page
    assert "contrast" in page
    body = maya.get("/api/v1/loops/mine").json
    assert [one["version"] for one in body["loops"]] == [1]
    assert body["themes"][0] == "contrast"
    assert client_of(cast.oliver).get("/api/v1/loops/mine").json["loops"] == []


def test_what_was_waited_for_and_what_became_of_claims(app, cast, client_of):
    now = clock.now()
    with app.app_context(), transaction():
        review = post(cast, "Checkout")

        def turn(reason: str, hours: float, **more) -> None:
            since = now - timedelta(days=1)
            ends = {name: since + timedelta(hours=hours) for name in more.pop("ends", ())}
            db.session.add(Turn(review_id=review.id, reason=reason, since=since, **ends, **more))
            db.session.flush()

        turn("requested", 2, person_id=cast.oliver, ends=("ended_at",), ended_how="answered")
        turn("requested", 0, person_id=cast.wei)
        turn("claimed", 1, person_id=cast.oliver, ends=("ended_at", "until"), ended_how="lapsed")
        turn("claimed", 1, person_id=cast.ada, ends=("ended_at",), ended_how="answered")
    body = client_of(cast.wei).get("/api/v1/loops").json
    waits = {one["reason"]: one for one in body["waiting"]}
    assert (waits["requested"]["waits"]["count"], waits["requested"]["now"]) == (2, 1)
    assert waits["requested"]["waits"]["p50_minutes"] == 120
    assert (body["claims_ended"], body["claims_lapsed"]) == (2, 1)
