"""Comments go along to the next version: placed by a job, put right by hand, never lost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments.models import Comment, Placement
from critique.comments.operations import (
    add_comment,
    put_placement,
    remove_comment,
    resolve_comment,
)
from critique.comments.talk import talk_of
from critique.events.models import Event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid
from critique.plumbing.jobs import enqueue
from critique.plumbing.transaction import transaction
from critique.reviews.models import Closure, Review
from critique.walkthroughs.models import STEP_NAMES, Step, Transcript, Walkthrough

OLD = "the tab bar sits below the fold today and the invoice shows the price label twice in red"
# The second half comes first, something new stands between, and the price label is gone.
NEW = "the invoice shows in red hello everybody welcome back the tab bar sits below the fold today"


def spoken(text: str, start_ms: int = 0) -> list[list[object]]:
    return [
        [at + 1, word, start_ms + 400 * at, start_ms + 400 * at + 300, 0.9]
        for at, word in enumerate(text.split())
    ]


def version(review: int, number: int, text: str | None, sha: str | None = None, by: int = 1) -> int:
    made = Walkthrough(
        review_id=review,
        version=number,
        uploaded_by_id=by,
        filename=f"v{number}.mp4",
        state="ready",
        created_at=clock.now(),
        duration_ms=20_000,
        has_audio=True,
        has_video=True,
        sha256=sha or str(number) * 64,
        original_key=f"walkthroughs/none-{number}",
        playable_key=f"walkthroughs/none-{number}-plays",
        playable_type="video/mp4",
    )
    made.steps = [
        Step(name=name, position=at, state="done") for at, name in enumerate(STEP_NAMES, 1)
    ]
    db.session.add(made)
    db.session.flush()
    if text is not None:
        say(made.id, 1, text)
    return made.id


def say(walkthrough: int, revision: int, text: str) -> None:
    words = spoken(text)
    db.session.add(
        Transcript(
            walkthrough_id=walkthrough,
            revision=revision,
            engine="test",
            draft=False,
            words=words,
            next_word_id=len(words) + 1,
            created_at=clock.now(),
        )
    )


@pytest.fixture
def review(app, cast) -> int:
    """A request of Maya's without any version."""
    with app.app_context(), transaction():
        made = Review(
            team_id=cast.team, author_id=cast.maya, title="Checkout", created_at=clock.now()
        )
        db.session.add(made)
        db.session.flush()
        return made.id


@pytest.fixture
def two(app, cast, review):
    """A request of Maya's with v1 and v2, which says the same in another order."""
    with app.app_context(), transaction():
        return SimpleNamespace(
            review=review, v1=version(review, 1, OLD), v2=version(review, 2, NEW)
        )


@pytest.fixture
def pin(app, cast):
    def on(walkthrough: int, first: int, last: int, **more: object) -> int:
        with app.app_context(), transaction():
            comment = add_comment(
                by=db.session.get_one(Person, more.pop("by", cast.oliver)),
                walkthrough=db.session.get_one(Walkthrough, walkthrough),
                body="Look here.",
                words=(first, last),
                **more,
            )
            return comment.id

    return on


@pytest.fixture
def placed(app, run_jobs):
    """Run the job for a version; gives the placements in another one by comment."""

    def there(walkthrough: int, carried: bool = True) -> dict[int, Placement]:
        run_jobs()
        with app.app_context():
            if carried:
                with transaction():
                    enqueue("place_comments", walkthrough, key=f"test-{clock.now().isoformat()}")
                run_jobs()
            rows = db.session.scalars(
                sa.select(Placement).where(Placement.walkthrough_id == walkthrough)
            )
            return {row.comment_id: row for row in rows}

    return there


def test_words_are_found_where_they_are_said_now(two, pin, placed):
    moved, gone = pin(two.v1, 1, 5), pin(two.v1, 14, 16)
    found = placed(two.v2)
    assert found[moved].state in ("moved", "uncertain")
    assert abs(found[moved].start_ms - 400 * 8) <= 1500
    assert found[gone].state == "removed"
    assert (found[gone].start_ms, found[gone].end_ms) == (None, None)


def test_the_same_recording_again_is_exact(app, review, pin, placed):
    with app.app_context(), transaction():
        v1 = version(review, 1, OLD, sha="a" * 64)
        v2 = version(review, 2, OLD, sha="a" * 64)
    comment = pin(v1, 3, 5)
    row = placed(v2)[comment]
    assert (row.state, row.how, row.confidence) == ("exact", "same media", 1.0)
    assert (row.start_ms, row.end_ms) == (800, 1900)


def test_a_comment_written_while_the_next_version_is_there_goes_along(two, pin, placed):
    late = pin(two.v1, 1, 5)
    assert late in placed(two.v2, carried=False)


def test_nothing_is_placed_before_the_words_are_there(app, two, pin, placed):
    with app.app_context(), transaction():
        step = db.session.scalar(
            sa.select(Step).where(Step.walkthrough_id == two.v2, Step.name == "transcript")
        )
        step.state = "running"
    pin(two.v1, 1, 5)
    assert placed(two.v2) == {}


def test_a_corrected_transcript_moves_the_placement_and_never_the_anchor(app, two, pin, placed):
    comment = pin(two.v1, 1, 5)
    before = placed(two.v2)[comment].start_ms
    with app.app_context():
        anchor = anchor_of(comment)
        with transaction():
            say(two.v1, 2, "well " + OLD.replace("tab", "step"))
            say(two.v2, 2, "one more thing before we start today " + NEW)
    after = placed(two.v2)[comment]
    assert after.state != "removed"
    assert after.start_ms == pytest.approx(before + 7 * 400, abs=1500)
    with app.app_context():
        assert anchor_of(comment) == anchor


def anchor_of(comment_id: int) -> tuple[object, ...]:
    row = db.session.get_one(Comment, comment_id)
    return (row.start_ms, row.end_ms, row.first_word, row.last_word, row.quote, row.transcript_id)


def test_the_talk_of_the_new_version_holds_them_at_their_place(app, two, pin, placed):
    moved, gone = pin(two.v1, 1, 5), pin(two.v1, 14, 16)
    own = pin(two.v2, 1, 3)
    placed(two.v2)
    with app.app_context():
        threads = talk_of(two.v2)
        assert [thread.id for thread in threads] == [own, moved, gone]
        assert threads[0].place is None
        assert threads[1].version == 1
        assert threads[1].here_ms == threads[1].place.start_ms != threads[1].start_ms
        assert threads[2].here_ms is None
        assert [thread.id for thread in talk_of(two.v1)] == [moved, gone]


def test_what_the_reviewer_confirmed_stays_behind(app, cast, two, pin, placed):
    comment = pin(two.v1, 1, 5)
    placed(two.v2)
    with app.app_context():
        with transaction():
            row = db.session.get_one(Comment, comment)
            done = resolve_comment(by=db.session.get_one(Person, cast.maya), comment=row)
        assert [thread.id for thread in talk_of(two.v2)] == [comment]
        with transaction():
            done.confirmed_at, done.confirmed_by_id = clock.now(), cast.oliver
        assert talk_of(two.v2) == []


def test_a_removed_comment_stays_behind(app, cast, two, pin, placed):
    comment = pin(two.v1, 1, 5)
    placed(two.v2)
    with app.app_context():
        with transaction():
            remove_comment(
                by=db.session.get_one(Person, cast.oliver),
                comment=db.session.get_one(Comment, comment),
            )
        assert talk_of(two.v2) == []
    assert placed(two.v2)[comment].state != "removed"


def test_what_a_person_put_right_is_moved_by_nobody_else(app, cast, two, pin, placed):
    comment = pin(two.v1, 1, 5)
    placed(two.v2)
    put(app, cast.maya, comment, two.v2, 4000)
    row = placed(two.v2)[comment]
    assert (row.state, row.start_ms, row.end_ms, row.how) == ("moved", 4000, 5900, "by hand")
    put(app, cast.maya, comment, two.v2, None)
    assert placed(two.v2)[comment].state == "removed"


def put(app, who: int, comment: int, walkthrough: int, start_ms: int | None, **more: int) -> None:
    with app.app_context(), transaction():
        put_placement(
            by=db.session.get_one(Person, who),
            comment=db.session.get_one(Comment, comment),
            walkthrough=db.session.get_one(Walkthrough, walkthrough),
            start_ms=start_ms,
            **more,
        )


def test_a_place_must_be_one(app, cast, two, pin):
    comment = pin(two.v2, 1, 3)
    with pytest.raises(Invalid, match="later versions only"):
        put(app, cast.maya, comment, two.v1, 0)
    comment = pin(two.v1, 1, 3)
    with pytest.raises(Invalid) as refused:
        put(app, cast.maya, comment, two.v2, 99_000)
    assert set(refused.value.fields) == {"start_ms"}
    with pytest.raises(Invalid) as refused:
        put(app, cast.maya, comment, two.v2, 3000, end_ms=10)
    assert set(refused.value.fields) == {"end_ms"}


def test_only_who_may_settle_a_thread_may_move_it(app, cast, two, pin):
    comment = pin(two.v1, 1, 3, by=cast.wei)
    with pytest.raises(Forbidden):
        put(app, cast.oliver, comment, two.v2, 0)
    with app.app_context(), transaction():
        db.session.add(Closure(review_id=two.review, by_id=cast.maya, at=clock.now()))
    with pytest.raises(Conflict):
        put(app, cast.maya, comment, two.v2, 0)


def test_placing_again_changes_and_tells_nothing(app, two, pin, placed):
    pin(two.v1, 1, 5)
    first = placed(two.v2)
    with app.app_context():
        told = count_of_events()
    assert {k: v.at for k, v in placed(two.v2).items()} == {k: v.at for k, v in first.items()}
    with app.app_context():
        assert count_of_events() == told > 0


def count_of_events() -> int:
    found = sa.select(sa.func.count()).where(Event.verb == "placements.computed")
    return db.session.scalar(found)


def test_what_was_said_on_a_removed_version_says_so_and_stays(
    app, cast, client_of, two, pin, placed
):
    moved = pin(two.v1, 1, 5)
    placed(two.v2)
    with app.app_context(), transaction():
        db.session.get_one(Walkthrough, two.v1).removed_at = clock.now()
    room = client_of(cast.oliver).get(f"/reviews/{two.review}?v=2").text
    assert f'id="comment-{moved}"' in room
    assert "from v1 (removed)" in room
    ledger = client_of(cast.oliver).get(f"/reviews/{two.review}/ledger").text
    assert "in v1, which was removed" in ledger
