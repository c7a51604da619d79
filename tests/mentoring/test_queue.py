"""The queue: what stands in it for whom, in which order and why, and at what cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from critique.comments.models import Comment
from critique.comments.operations import remove_comment, resolve_comment
from critique.comments.threads import record as tell
from critique.mentoring import window
from critique.mentoring.operations import claim_review, release_claim
from critique.mentoring.queries import QueueRow, queue_for
from critique.mentoring.queue import standing_in, waiting_for
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review, create_review
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person


def post(cast, title: str, *, by: int | None = None, hours: float = 8, **wishes: Any) -> Review:
    """A request due in so many hours, in the current transaction."""
    review = create_review(
        by=load_person(by or cast.maya), team_id=cast.team, title=title, **wishes
    )
    review.review_by = clock.now() + timedelta(hours=hours)
    return review


def show(review: Review, version: int = 1) -> Walkthrough:
    walkthrough = Walkthrough(
        review_id=review.id,
        version=version,
        uploaded_by_id=review.author_id,
        filename="walk.mp4",
        state="ready",
        created_at=clock.now(),
    )
    db.session.add(walkthrough)
    db.session.flush()
    record("walkthrough.posted", load_person(review.author_id), walkthrough)
    return walkthrough


def ready(cast, title: str, **wishes: Any) -> Review:
    """The same with something to look at."""
    review = post(cast, title, **wishes)
    show(review)
    return review


def answer(walkthrough: Walkthrough, by: int) -> Comment:
    comment = Comment(
        walkthrough_id=walkthrough.id,
        author_id=by,
        body="Yes.",
        start_ms=0,
        end_ms=0,
        created_at=clock.now(),
    )
    db.session.add(comment)
    db.session.flush()
    tell("comment.added", load_person(by), comment)
    return comment


def newest(review: Review) -> Walkthrough:
    chosen = sa.select(Walkthrough).where(Walkthrough.review_id == review.id)
    return db.session.scalars(chosen.order_by(Walkthrough.version.desc())).one()


def queue_of(person_id: int) -> list[QueueRow]:
    return queue_for(load_person(person_id), clock.now())


def titles(person_id: int) -> list[tuple[str, str]]:
    return [(row.section, row.review.title) for row in queue_of(person_id)]


@pytest.fixture(autouse=True)
def on_a_tuesday_morning():
    """Mentors are there in the hours to come, whatever day the tests run on."""
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def inside(app, cast):
    with app.app_context(), transaction():
        yield


def test_what_can_be_in_time_by_slack_mine_first_and_every_fourth_the_oldest_overdue(cast, inside):
    ready(cast, "nobody asked, later", hours=30)
    ready(cast, "nobody asked, sooner", hours=3)
    ready(cast, "other skill, sooner", hours=2, skills=["motion"])
    ready(cast, "fits, later", hours=40, skills=["typography"])
    ready(cast, "fits, sooner", hours=20, skills=["checkout", "motion"])
    ready(cast, "asked, later", hours=50, reviewers=[str(cast.oliver)])
    ready(cast, "asked, overdue", hours=-2, reviewers=[str(cast.oliver)])
    undated = ready(cast, "nobody asked, no deadline")
    undated.review_by = None
    claimed = ready(cast, "claimed", hours=60)
    claim_review(by=load_person(cast.oliver), review_id=claimed.id)
    assert titles(cast.oliver) == [
        ("mine", "asked, later"),
        ("mine", "claimed"),
        # With the one that was claimed this is the fourth suggestion.
        ("mine", "asked, overdue"),
        ("fits", "nobody asked, sooner"),
        ("fits", "fits, sooner"),
        # Fewer people have the skill, so fewer staffed minutes are left for it.
        ("fits", "fits, later"),
        ("fits", "nobody asked, later"),
        ("fits", "nobody asked, no deadline"),
        ("others", "other skill, sooner"),
    ]
    assert waiting_for(load_person(cast.oliver), clock.now()) == 3


def test_every_row_says_why(cast, inside):
    for review in (
        post(cast, "asked", reviewers=[str(cast.oliver)]),
        post(cast, "fits", skills=["typography", "checkout", "motion"]),
        post(cast, "wei", reviewers=[str(cast.wei)]),
        post(cast, "motion", skills=["motion"]),
        post(cast, "free"),
        post(cast, "late", hours=-100),
    ):
        show(review)
    post(cast, "bare")
    taken, held = post(cast, "taken", hours=1), post(cast, "held")
    claim_review(by=load_person(cast.oliver), review_id=taken.id)
    claim_review(by=load_person(cast.wei), review_id=held.id)
    rows = queue_of(cast.oliver)
    whys = {row.review.title: row.reason for row in rows}
    assert whys["asked"] == "Maya asked you."
    assert whys["fits"] == "Fits your checkout and typography."
    assert whys["wei"] == "Maya asked Wei; nobody has taken it."
    assert whys["motion"] == "Asks for motion; nobody has taken it."
    assert whys["free"] == "Nobody was asked."
    late = next(row for row in rows if row.review.title == "late")
    assert late.why.startswith("Overdue by ")
    assert "Nobody was asked. About 10 min; the oldest overdue one" in late.why
    fits = next(row for row in rows if row.review.title == "fits")
    assert fits.place.startswith("About 10 min; nobody has answered Maya before")
    # Whoever said something has answered her, asked or not.
    answer(show(post(cast, "spoken of")), cast.wei)
    fits = next(row for row in queue_of(cast.oliver) if row.review.title == "fits")
    assert "nobody has answered" not in fits.place
    assert whys["bare"].startswith("Maya’s move since ")
    assert whys["bare"].endswith(": the walkthrough is still to come.")
    assert whys["taken"].startswith("You claimed it until ")
    assert whys["held"].startswith("Wei claimed it until ")


def test_what_is_answered_is_the_authors_move_until_a_new_version(cast, inside):
    asked, free = ready(cast, "asked", reviewers=[str(cast.oliver)]), ready(cast, "free")
    first = answer(newest(asked), cast.oliver)
    claim_review(by=load_person(cast.wei), review_id=free.id).until = clock.now()
    answer(newest(free), cast.wei)
    rows = {row.review.title: row for row in queue_of(cast.oliver)}
    assert {row.section for row in rows.values()} == {"answered"}
    assert rows["asked"].why.startswith("Maya’s move since ")
    assert rows["asked"].why.endswith(": you commented.")
    assert rows["free"].why.endswith(": Wei commented.")
    free.review_by = None
    show(asked, version=2)
    assert ("mine", "asked") in titles(cast.oliver)
    remove_comment(by=load_person(cast.oliver), comment=first)
    show(free, version=2)
    (row,) = [row for row in queue_of(cast.oliver) if row.review.title == "free"]
    assert row.section == "answered"
    assert row.why.startswith("Wei’s move since ")
    assert row.why.endswith(": a new version is there.")


def test_a_remark_in_passing_leaves_the_request_in_the_queue(cast, inside):
    answer(newest(ready(cast, "free")), cast.wei)
    assert ("fits", "free") in titles(cast.oliver)


def test_one_turn_whatever_it_is_for_stands_among_mine(cast, inside):
    review = ready(cast, "asked", reviewers=[str(cast.oliver)])
    note = answer(newest(review), cast.oliver)
    resolve_comment(by=load_person(cast.maya), comment=note, how="done")
    claim_review(by=load_person(cast.wei), review_id=review.id)
    (row,) = queue_of(cast.oliver)
    assert (row.section, row.left) == ("mine", None)
    assert row.why.endswith("Maya answered your comment.")


def test_authors_see_what_they_were_asked_but_nothing_to_take(cast, inside):
    ready(cast, "her own")
    ready(cast, "asked", by=cast.oliver, reviewers=[str(cast.maya)])
    ready(cast, "free", by=cast.oliver)
    assert titles(cast.maya) == [("mine", "asked")]
    assert titles(cast.rival) == []
    assert titles(cast.nia) == []


def test_what_is_closed_or_not_mine_any_more_is_gone(cast, inside):
    asked = post(cast, "asked", reviewers=[str(cast.oliver)])
    claim_review(by=load_person(cast.oliver), review_id=asked.id)
    assert titles(cast.oliver) == [("mine", "asked")]
    membership = load_person(cast.oliver).memberships[0]
    membership.ended_at = clock.now()
    db.session.flush()
    assert titles(cast.oliver) == []
    membership.ended_at = None
    close_review(by=load_person(cast.maya), review_id=asked.id)
    assert titles(cast.oliver) == []


def test_a_request_held_by_another_is_not_offered(cast, inside):
    asked = ready(cast, "asked", reviewers=[str(cast.oliver)])
    claim_review(by=load_person(cast.wei), review_id=asked.id)
    (row,) = queue_of(cast.oliver)
    assert (row.section, row.claimed_by.name) == ("held", "Wei")
    assert row.claimed_until > clock.now()


def test_pages_follow_on_each_other_without_gap_or_repeat(cast, inside):
    for number in range(13):
        skills = ["typography"] if number % 3 == 0 else []
        reviewers = [str(cast.oliver)] if number % 4 == 0 else []
        post(cast, f"{number}", hours=100 - number, skills=skills, reviewers=reviewers)
    oliver, now = load_person(cast.oliver), clock.now()
    whole = [row.review.id for row in queue_for(oliver, now)]
    pages = [queue_for(oliver, now, page=page, size=5) for page in (1, 2, 3, 4)]
    assert [row.review.id for page in pages for row in page] == whole
    assert [len(page) for page in pages] == [5, 5, 3, 0]


@pytest.mark.parametrize("day", [24, 28])
def test_what_is_read_of_a_crowd_begins_as_reading_everything_would(day, app, cast, monkeypatch):
    """On a Saturday, too, when all that is due soonest cannot be in time any more."""
    dice = Random(7)
    with (
        time_machine.travel(datetime(2026, 11, day, 9, tzinfo=UTC)),
        app.app_context(),
        transaction(),
    ):
        for number in range(90):
            due = (-20, 5, 5, 60)[number % 4] + dice.random() * 20
            wishes = {"skills": dice.choice([[], ["typography"], ["motion"]])}
            if dice.random() < 0.3:
                wishes["reviewers"] = [str(dice.choice([cast.oliver, cast.wei]))]
            ready(cast, f"{number}", hours=due, **wishes)
        oliver, now = load_person(cast.oliver), clock.now()
        whole = standing_in(oliver, now, 5)
        monkeypatch.setattr(window, "MOST_WHOLE", 50)
        monkeypatch.setattr(window, "WINDOW", 10)
        read = standing_in(oliver, now, 5)
    assert [one.review_id for one in read] == [one.review_id for one in whole]
    assert len({one.weighed.suggestion.savable for one in whole}) == 2


def test_the_number_of_queries_does_not_grow(app, cast):
    def count() -> int:
        with app.app_context(), snapshot():
            oliver, counted = load_person(cast.oliver), []
            sa.event.listen(db.engine, "before_cursor_execute", lambda *_: counted.append(1))
            queue_for(oliver, clock.now())
            return len(counted)

    with app.app_context(), transaction():
        for number in range(3):
            show(post(cast, f"few {number}", skills=["typography"], reviewers=[str(cast.oliver)]))
    few = count()
    with app.app_context(), transaction():
        for number in range(45):
            show(post(cast, f"many {number}", skills=["motion"], reviewers=[str(cast.oliver)]))
    assert count() <= few
    assert few <= 30


def test_the_queue_page_offers_the_first_and_refreshes_as_a_part(app, cast, client_of):
    with app.app_context(), transaction():
        free = ready(cast, "Free to take").id
        ready(cast, "Asked of Oliver", hours=1, reviewers=[str(cast.oliver)])
    oliver = client_of(cast.oliver)
    page = oliver.get("/queue").text
    assert page.index("Asked of Oliver") < page.index("Free to take")
    assert f'action="/reviews/{free}/claim"' in page
    assert 'hx-trigger="every 30s"' in page
    part = oliver.get("/queue", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Free to take" in part
    assert oliver.get("/queue?page=2").status_code == 200
    assert oliver.get("/queue?page=99999999999999999999999").status_code == 200
    author = client_of(cast.maya).get("/queue").text
    assert "Free to take" not in author
    assert "Asked of Oliver" not in client_of(cast.rival).get("/queue").text


def test_next_claims_what_is_free_and_opens_what_is_mine(app, cast, client_of):
    with app.app_context(), transaction():
        free = ready(cast, "Free to take", hours=6).id
    oliver = client_of(cast.oliver)
    shown = oliver.get("/queue/next").text
    assert "Free to take" in shown
    sent = oliver.post("/queue/next")
    assert (sent.status_code, sent.location) == (303, f"/reviews/{free}?play=1")
    assert "Your move until " in oliver.get("/queue/next").text
    assert oliver.post("/api/v1/queue/next").json["review"]["id"] == free
    with app.app_context(), snapshot():
        (row,) = queue_of(cast.oliver)
        assert row.claimed_by.name == "Oliver"
    nothing = client_of(cast.ada).post("/queue/next")
    assert (nothing.status_code, nothing.location) == (303, "/queue")
    assert client_of(cast.ada).post("/api/v1/queue/next").status_code == 404


def test_next_tells_of_what_was_taken_though_the_oldest_overdue_stands_first_by_then(
    app, cast, client_of
):
    with app.app_context(), transaction():
        oliver = load_person(cast.oliver)
        for number in range(2):
            earlier = ready(cast, f"earlier {number}", hours=60)
            claim_review(by=oliver, review_id=earlier.id)
            release_claim(by=oliver, review_id=earlier.id)
        overdue = ready(cast, "mine, overdue", hours=-2, reviewers=[str(cast.oliver)]).id
        free = ready(cast, "free", hours=6, skills=["typography"]).id
    client = client_of(cast.oliver)
    taken = client.post("/api/v1/queue/next").json
    assert taken["review"]["id"] == free
    assert taken["claimed_by"]["id"] == cast.oliver
    assert taken["why"].startswith("You claimed it until ")
    # That was the third suggestion, so the fourth is the oldest overdue.
    assert client.get("/api/v1/queue").json[0]["review"]["id"] == overdue


def test_the_api_says_what_a_row_was_weighed_by(app, cast, client_of):
    with app.app_context(), transaction():
        ready(cast, "Soon", hours=6)
        ready(cast, "Late", hours=-3)
    soon, late = client_of(cast.oliver).get("/api/v1/queue").json
    assert (soon["savable"], late["savable"]) == (True, False)
    assert soon["about_minutes"] == 10
    assert 345 <= soon["slack_minutes"] <= 350


def test_nobody_there_and_nobody_skilled_still_give_an_order(app, cast, inside):
    ready(cast, "odd skill", hours=5, skills=["weaving"])
    for who in (cast.oliver, cast.wei, cast.ada):
        person = load_person(who)
        person.hours = {"zone": person.zone, "days": {}}
    assert titles(cast.oliver) == [("others", "odd skill")]
    assert not queue_of(cast.oliver)[0].weighed.suggestion.savable
