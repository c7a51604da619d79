"""The room as the server sends it: who sees it, in which state, and what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from critique.comments.operations import add_comment, add_reply
from critique.mentoring.keeping import keep_turns
from critique.pages.room_words import passages_of
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Aim, Closure, Review, Reviewer
from critique.walkthroughs.models import Step, Transcript, Walkthrough
from critique.walkthroughs.words import Word
from tests.conftest import load_person

WORDS = [[at, f"word{at}", at * 300, at * 300 + 250, 0.9] for at in range(40)]


@pytest.fixture
def make(app: Flask, cast):
    """A request of Maya's, with a version in the given state (None: without one)."""

    def build(state: str | None = "ready", *, words: bool = True, **more) -> tuple[int, int | None]:
        now = clock.now()
        with app.app_context(), transaction():
            review = Review(
                team_id=cast.team,
                author_id=cast.maya,
                title="Checkout <b>bold</b>",
                brief="It **hid** the price. <script>alert(1)</script>",
                created_at=now,
                review_by=now + timedelta(hours=3),
                aims=[Aim(position=0, text="Is the total found first?")],
                reviewers=[Reviewer(person_id=cast.oliver, asked_at=now)],
            )
            db.session.add(review)
            db.session.flush()
            if state is None:
                return review.id, None
            walkthrough = _version(review, state, more)
            db.session.add(walkthrough)
            db.session.flush()
            if words:
                db.session.add(
                    Transcript(
                        walkthrough_id=walkthrough.id, revision=1, engine="test", words=WORDS,
                        draft=more.get("draft", False), created_at=now,
                    )
                )  # fmt: skip
            return review.id, walkthrough.id

    return build


def _version(review: Review, state: str, more: dict) -> Walkthrough:
    ready = state == "ready"
    return Walkthrough(
        review_id=review.id,
        version=1,
        uploaded_by_id=review.author_id,
        filename="take.mp4",
        state=state,
        reason="Its index is missing." if state == "failed" else None,
        created_at=clock.now(),
        original_key="original",
        duration_ms=12_000 if ready else None,
        playable_key="playable" if ready else None,
        playable_type="video/mp4" if ready else None,
        has_video=more.get("has_video", True) if ready else None,
        has_audio=more.get("has_audio", True) if ready else None,
        steps=[Step(name="probe", position=0, state="failed" if state == "failed" else "running")],
    )


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent inside."""
    sent: list[str] = []

    def note(_c, _cursor, statement, *_rest):
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def test_who_may_see_it(client_of, cast, make):
    review, _ = make()
    for person, status in [
        (cast.maya, 200), (cast.oliver, 200), (cast.wei, 200), (cast.rival, 404),
        (cast.nia, 404), (None, 401),
    ]:  # fmt: skip
        answer = client_of(person).get(f"/reviews/{review}")
        assert answer.status_code == status, person
        assert status == 200 or b"Checkout" not in answer.data


def test_questions_keep_their_numbers_where_answered_ones_are_not_shown(app, client_of, cast, make):
    review, _ = make()
    with app.app_context(), transaction():
        db.session.add(Aim(review_id=review, position=1, text="And the button?"))
    page = client_of(cast.oliver).get(f"/reviews/{review}").text
    numbers = re.findall(r'<li class="aims__one[^>]* value="(\d)"', page)
    assert numbers == ["1", "2"]


def test_what_people_wrote_stays_text(client_of, cast, make):
    review, _ = make()
    page = client_of(cast.oliver).get(f"/reviews/{review}").text
    assert "<script>alert" not in page
    assert "Checkout &lt;b&gt;bold" in page
    assert "It <strong>hid</strong> the price." in page


@pytest.mark.parametrize(
    ("state", "mine", "others"),
    [
        (None, "Post your walkthrough", "Maya has not posted the walkthrough yet."),
        ("uploading", "Your walkthrough is on its way.", "Maya’s walkthrough is on its way."),
        ("processing", "Your video is here.", "Maya’s video is here."),
        ("failed", "Its index is missing.", "Download the original"),
    ],
)
def test_before_it_plays_the_page_says_why(client_of, cast, make, state, mine, others):
    review, _ = make(state, words=False)
    assert mine in client_of(cast.maya).get(f"/reviews/{review}").text
    page = client_of(cast.oliver).get(f"/reviews/{review}").text
    assert others in page
    assert "<video" not in page


def test_silent_recordings_say_so(client_of, cast, make):
    review, _ = make(words=False, has_audio=False)
    page = client_of(cast.oliver).get(f"/reviews/{review}").text
    assert "The video has no sound; the transcript stays empty." in page


def test_sound_alone_and_a_draft_are_named(client_of, cast, make):
    review, _ = make(has_video=False, draft=True)
    page = client_of(cast.oliver).get(f"/reviews/{review}").text
    assert "sound alone" in page
    assert "Draft, many words will be wrong" in page


def test_a_closed_request_takes_no_comments(app, client_of, cast, make):
    review, _ = make()
    with app.app_context(), transaction():
        db.session.add(Closure(review_id=review, by_id=cast.maya, at=clock.now(), reason="Decided"))
    page = client_of(cast.maya).get(f"/reviews/{review}").text
    assert "Maya closed this" in page
    assert "data-composer" not in page
    assert "Reopen the request" in page


def test_the_modules_get_the_words_and_the_address_of_the_threads(client_of, cast, make):
    review, walkthrough = make()
    page = client_of(cast.maya).get(f"/reviews/{review}?t=4000").text
    found = re.search(r'id="room-data" nonce="[^"]+">(.*?)</script>', page)
    data = json.loads(found[1])
    assert data["words"][3] == [3, 900, 1150]
    assert data["threads_url"] == f"/walkthroughs/{walkthrough}/threads"
    assert 'aria-valuenow="4000"' in page
    assert client_of(cast.maya).get(f"/reviews/{review}?t=x&v=99").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_talk(app, client_of, cast, make):
    review, walkthrough = make()
    client = client_of(cast.maya)

    def talk(count: int) -> None:
        with app.app_context(), transaction():
            version = db.session.get_one(Walkthrough, walkthrough)
            oliver, wei = load_person(cast.oliver), load_person(cast.wei)
            for at in range(count):
                said = add_comment(by=oliver, walkthrough=version, body="So", words=(at % 30, 33))
                add_reply(by=wei, comment=said, body="Yes")

    talk(2)
    client.get(f"/reviews/{review}")
    with counted(app) as few:
        client.get(f"/reviews/{review}")
    talk(30)
    with counted(app) as many:
        assert client.get(f"/reviews/{review}").text.count('<article class="thread') == 32
    assert len(many) == len(few)
    assert len(few) <= 40


def test_forms_stand_in_the_page_once_however_long_the_talk(app, client_of, cast, make):
    review, walkthrough = make()
    client = client_of(cast.maya)
    seen = []
    for count in (1, 9):
        with app.app_context(), transaction():
            version = db.session.get_one(Walkthrough, walkthrough)
            for _ in range(count):
                add_comment(by=load_person(cast.oliver), walkthrough=version, body="So", start_ms=0)
        page = client.get(f"/reviews/{review}").text
        seen.append((page.count("<form"), page.count("<textarea"), page.count("csrf_token")))
    assert seen[0] == seen[1]
    # A verb is a link; what a thread weighs beyond its words is what a long talk weighs.
    assert len(page.split('<article class="thread')[2]) < 1100


def test_only_the_holder_of_the_claim_is_told_where_to_renew_it(app, client_of, cast, make):
    review, _ = make()
    client_of(cast.oliver).post(f"/reviews/{review}/claim")
    told = f'"renew_url": "/reviews/{review}/claim/renewal"'
    assert told in client_of(cast.oliver).get(f"/reviews/{review}").text
    for other in (cast.maya, cast.wei):
        assert '"renew_url": null' in client_of(other).get(f"/reviews/{review}").text


def test_passages_break_at_silence_and_at_ends_of_long_sentences():
    words = [Word(at, "so." if at == 50 else "so", at * 300, at * 300 + 250) for at in range(120)]
    words += [Word(200, "late", 60_000, 60_300)]
    found = passages_of(words)
    assert [p.first for p in found] == [0, 51, 120]
    assert [p.start_ms for p in found] == [0, 51 * 300, 60_000]
    assert [word for p in found for word in p.words] == words
    assert passages_of([]) == []


def test_whose_move_is_the_first_line_of_every_page_of_it(app, cast, make, client_of):
    review_id, _ = make()
    with app.app_context(), transaction():
        keep_turns(review_id, clock.now(), by_id=cast.maya)
    for page in ("", "/ledger", "/compare", "/standing"):
        said = [
            re.sub(r"<[^>]+>", "", text.split("data-move>")[1].split("</span>\n")[0])
            for text in (
                client_of(who).get(f"/reviews/{review_id}{page}").text
                for who in (cast.oliver, cast.maya, cast.wei)
            )
        ]
        assert said[0].startswith("Your move until ")
        assert "Maya asked you." in said[0]
        assert said[1].startswith("Oliver’s move until ")
        assert "You asked them." in said[1]
        assert "Maya asked them." in said[2]


@pytest.mark.parametrize("name", ["v", "session", "t", "still"])
@pytest.mark.parametrize("value", ["99999999999999999999", "-99999999999999999999", "0", "x", ""])
def test_whatever_number_stands_in_the_address_the_room_opens(client_of, cast, make, name, value):
    review_id, _ = make()
    assert client_of(cast.maya).get(f"/reviews/{review_id}?{name}={value}").status_code == 200
