"""Letters: which are written, when, to whom, what they say; and what is dropped meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from critique import schedule
from critique.accounts.jobs import send_letter
from critique.accounts.models import Membership, Person
from critique.accounts.operations import end_membership, set_deep_work
from critique.activity.letters import look_at_asks, look_at_digest, write_digest_of
from critique.activity.models import Digest
from critique.activity.operations import mute_review, see_all, set_wishes
from critique.comments.models import Comment
from critique.comments.operations import add_comment, add_reply, remove_comment, resolve_comment
from critique.events.record import record_event
from critique.mentoring.hand_offs import decline_hand_off, offer_hand_off
from critique.mentoring.operations import claim_review, renew_claim
from critique.plumbing import clock, delivery
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from tests.activity.conftest import WEDNESDAY
from tests.comments.conftest import make_room
from tests.conftest import load_person

HOSTILE = "Oliver\r\nBcc: all@example.com\n\n\u2028" + "O" * 80


def do(app, operation, by, **arguments):
    with app.app_context(), transaction():
        return operation(by=load_person(by), **arguments)


def wish(app, person_id, **wishes):
    do(app, set_wishes, person_id, **wishes)


def hold_off(app, person_id):
    """No letters of asks, so that a digest has everything to say."""
    wish(app, person_id, immediate=False)


def morning(hour: int, minute: int = 0, *, days: int = 1) -> datetime:
    """A moment of a later day of that week, in UTC."""
    return WEDNESDAY.replace(hour=hour, minute=minute) + timedelta(days=days)


# --- direct asks -------------------------------------------------------------------------------


def test_an_ask_is_mailed_at_once_inside_the_readers_hours(
    app, cast, at, room, say, rounds, letters
):
    rounds()
    comment = say("@Ada, is this the heading you meant?")
    rounds()
    assert letters(cast.ada) == []
    at.shift(20)
    rounds()
    rounds()
    [letter] = letters(cast.ada, "asks")
    assert letter.subject == "Checkout"
    first = letter.text.splitlines()[0]
    assert first == (
        "Your move since Wednesday 25 November, 10:00 (London time), "
        "“Checkout”: Oliver mentioned you."
    )
    assert "> @Ada, is this the heading you meant?" in letter.text
    assert f"http://localhost/reviews/{room.review}?v=1#comment-{comment}" in letter.text
    assert letter.headers["References"] == f"<review-{room.review}@localhost>"
    assert letter.headers["In-Reply-To"] == letter.headers["References"]
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = re.search(r"http://localhost/notices/letters/\S+/leave", letter.text)[0]
    assert letter.headers["List-Unsubscribe"] == f"<{leave}>"
    assert letters(cast.maya, "asks") == []


def test_more_asks_within_the_hour_are_one_letter_when_it_is_over(
    app, cast, at, room, say, rounds, letters
):
    rounds()
    say("@Ada?")
    at.shift(20)
    rounds()
    for minute in (10, 20):
        at.move_to(WEDNESDAY + timedelta(minutes=minute))
        say("@Ada, and this?", start_ms=minute * 1000)
        rounds()
    at.move_to(WEDNESDAY + timedelta(minutes=59))
    rounds()
    assert len(letters(cast.ada)) == 1
    at.move_to(WEDNESDAY + timedelta(minutes=60, seconds=30))
    rounds()
    first, second = letters(cast.ada)
    assert second.text.count("mentioned you") == 2
    assert first.message_id != second.message_id
    assert first.headers["References"] == second.headers["References"]


def test_what_was_read_or_done_meanwhile_is_not_mailed(app, cast, at, room, say, rounds, letters):
    rounds()
    say("@Ada, is it?")
    comment = say("Not heavy enough.", by=cast.ada, start_ms=2000)
    do(app, see_all, cast.ada)
    with app.app_context(), transaction():
        resolve_comment(
            by=load_person(cast.maya), comment=db.session.get_one(Comment, comment), how="asked",
            note="Where?",
        )  # fmt: skip
        add_reply(
            by=load_person(cast.ada), comment=db.session.get_one(Comment, comment), body="There."
        )
    at.shift(60)
    rounds()
    assert letters(cast.ada, "asks") == []


def test_a_letter_that_waited_is_written_anew_or_dropped(app, cast, at, room, say, rounds, letters):
    first = say("@Ada, one?")
    say("@Ada, two?", start_ms=2000)
    at.shift(60)
    rounds()
    [letter] = letters(cast.ada)
    with app.app_context(), transaction():
        remove_comment(by=load_person(cast.oliver), comment=db.session.get_one(Comment, first))
    with app.app_context():
        assert look_at_asks(letter.id) is None
        assert "one?" not in db.session.get_one(Letter, letter.id).text
        db.session.rollback()
    do(app, see_all, cast.ada)
    with app.app_context():
        assert "read or done" in look_at_asks(letter.id)


def test_asks_wait_for_the_readers_hours_quiet_hours_and_deep_work(
    app, cast, at, room, say, rounds, letters
):
    wish(app, cast.ada, digest=False, quiet=dict.fromkeys(range(7), "09:30-11:00"))
    with app.app_context(), transaction():
        set_deep_work(by=load_person(cast.ada), blocks={2: ((11 * 60, 12 * 60),)})
    say("@Ada, @Wei and @Maya?")
    wish(app, cast.wei, digest=False)
    for hour in (10, 11):
        at.move_to(WEDNESDAY.replace(hour=hour, minute=59))
        rounds()
    assert letters(cast.ada) == []
    at.move_to(WEDNESDAY.replace(hour=12))
    rounds()
    assert len(letters(cast.ada)) == 1
    # In Singapore it was 18:00: the next morning there is 01:00 here.
    assert letters(cast.wei) == []
    at.move_to(morning(1))
    rounds()
    assert len(letters(cast.wei)) == 1


def test_asks_that_waited_for_the_morning_come_with_its_digest_alone(
    app, cast, at, room, say, rounds, letters
):
    say("@Wei, is it?")
    at.move_to(morning(1))
    rounds()
    at.move_to(morning(1, 2))
    rounds()
    [letter] = letters(cast.wei)
    assert letter.kind == "digest"
    # What waits says it; it is not told once more as news.
    assert letter.text.count("mentioned you") == 1


def test_the_owner_of_what_is_due_within_two_hours_is_not_spared(
    app, cast, at, room, rounds, letters
):
    wish(app, cast.oliver, digest=False, quiet=dict.fromkeys(range(7), "00:00-24:00"))
    with app.app_context(), transaction():
        review = db.session.get_one(Review, room.review)
        review.review_by = WEDNESDAY + timedelta(hours=5)
        record_event(
            "walkthrough.posted", by_id=cast.maya, subject="walkthrough",
            subject_id=room.walkthrough, team_id=cast.team, review_id=room.review,
        )  # fmt: skip
    at.move_to(WEDNESDAY + timedelta(hours=2, minutes=59))
    rounds()
    assert letters(cast.oliver) == []
    at.move_to(WEDNESDAY + timedelta(hours=3))
    rounds()
    [letter] = letters(cast.oliver)
    assert letter.text.startswith(
        "Your move until Wednesday 25 November, 15:00 (London time), "
        "“Checkout”: Maya asks you for a review."
    )


def test_mute_and_left_lists_mean_no_mail(app, cast, at, room, say, rounds, letters):
    do(app, mute_review, cast.ada, review_id=room.review)
    wish(app, cast.wei, immediate=False)
    say("@Ada and @Wei?")
    at.shift(60)
    rounds()
    assert letters(cast.ada) == letters(cast.wei) == []
    at.move_to(morning(1))
    rounds()
    [digest] = letters(cast.wei)
    assert digest.kind == "digest"
    at.move_to(morning(9))
    rounds()
    assert letters(cast.ada) == []


def test_who_left_the_team_after_it_was_written_does_not_get_it(
    app, cast, at, room, say, rounds, letters
):
    say("@Ada, the secret word is heron.")
    at.shift(60)
    rounds()
    [letter] = letters(cast.ada)
    with app.app_context(), transaction():
        chosen = sa.select(Membership.id).where(Membership.person_id == cast.oliver)
        mine = sa.select(Membership).where(Membership.person_id == cast.ada)
        db.session.scalars(mine).one().role = "mentor"
        assert db.session.scalar(chosen)
    with app.app_context():
        row = db.session.scalar(sa.select(Membership.id).where(Membership.person_id == cast.ada))
        db.session.rollback()
    do(app, end_membership, cast.wei, team_id=cast.team, membership_id=row)
    with app.app_context():
        assert look_at_asks(letter.id) is not None


def test_a_held_letter_of_asks_waits_for_the_next_morning(
    app, cast, at, room, say, rounds, letters
):
    """As when the mail server comes back at night."""
    wish(app, cast.ada, digest=False)
    say("@Ada?")
    at.shift(60)
    rounds()
    at.move_to(WEDNESDAY.replace(hour=23))
    with app.app_context():
        assert "can be reached" in look_at_asks(letters(cast.ada)[0].id)
    rounds()
    assert len(letters(cast.ada)) == 1
    at.move_to(morning(9))
    rounds()
    assert len(letters(cast.ada)) == 2


# --- claims about to end -----------------------------------------------------------------------


def claim(app, cast, room):
    with app.app_context(), transaction():
        claim_review(by=load_person(cast.oliver), review_id=room.review)


def test_a_claim_with_work_is_announced_ten_minutes_before_it_ends(
    app, cast, at, room, say, rounds, letters, told_to
):
    claim(app, cast, room)
    at.shift(60)
    say()
    at.move_to(WEDNESDAY + timedelta(minutes=20))
    rounds()
    assert letters(cast.oliver, "asks") == []
    at.move_to(WEDNESDAY + timedelta(minutes=22))
    rounds()
    at.shift(30)
    rounds()
    [letter] = letters(cast.oliver, "asks")
    assert letter.text.startswith("Your move until Wednesday 25 November, 10:31 (London time), ")
    assert "Your claim ends at 10:31" in letter.text


def test_a_claim_that_was_renewed_or_saw_no_work_is_not(
    app, cast, at, room, say, rounds, letters, told_to
):
    claim(app, cast, room)
    at.move_to(WEDNESDAY + timedelta(minutes=25))
    rounds()
    assert "lapsing" not in [notice.kind for notice in told_to(cast.oliver)]
    say()
    at.move_to(WEDNESDAY + timedelta(minutes=46))
    rounds()
    assert told_to(cast.oliver)[-1].kind == "lapsing"
    do(app, renew_claim, cast.oliver, review_id=room.review)
    at.shift(60)
    rounds()
    assert [x for x in letters(cast.oliver, "asks") if "claim" in x.text] == []


# --- the digest --------------------------------------------------------------------------------


def test_a_digest_comes_at_the_readers_own_morning_once(app, cast, at, room, say, rounds, letters):
    say()
    at.move_to(WEDNESDAY.replace(hour=14, minute=59))
    rounds()
    assert letters(cast.maya) == []
    # 09:00 in Chicago.
    at.move_to(WEDNESDAY.replace(hour=15))
    rounds()
    with app.app_context():
        write_digest_of(cast.maya, WEDNESDAY.date())
        for _ in range(2):
            with transaction():
                schedule.fire_due(clock.now())
    rounds()
    [letter] = letters(cast.maya)
    assert letter.subject == "Your move: Checkout"
    assert letter.text.startswith(
        "Your move since Wednesday 25 November, 04:00 (Chicago time), “Checkout”: Oliver "
    )
    assert "“Checkout”: Oliver commented." in letter.text
    assert letter.message_id == f"<digest-{cast.maya}-2026-11-25@localhost>"
    assert letter.headers["List-Id"] == "Daily digest <digest.localhost>"


def test_nothing_is_written_when_there_is_nothing(app, cast, at, room, rounds, letters):
    at.move_to(morning(15))
    rounds()
    assert letters(cast.rival) == letters(cast.ada) == []
    with app.app_context():
        days = db.session.scalars(sa.select(Digest.letter_id)).all()
        assert days
        assert set(days) == {None}


def test_a_machine_that_slept_catches_up_until_the_day_is_over(
    app, cast, at, room, say, rounds, letters
):
    say()
    at.move_to(WEDNESDAY.replace(hour=22, minute=59))
    rounds()
    assert len(letters(cast.maya)) == 1
    say(start_ms=2000)
    at.move_to(morning(23, 30))
    rounds()
    assert len(letters(cast.maya)) == 1
    at.move_to(morning(15, days=2))
    rounds()
    assert len(letters(cast.maya)) == 2


def test_none_at_weekends_and_away(app, cast, at, room, say, rounds, letters):
    say()
    at.move_to(morning(16, days=3))
    rounds()
    assert letters(cast.maya) == []
    at.move_to(morning(16, days=5))
    rounds()
    assert len(letters(cast.maya)) == 1


def test_the_same_thing_waiting_is_told_twice_and_not_every_day(
    app, cast, at, room, say, rounds, letters
):
    say()
    for days in (0, 1, 2, 5, 6):
        at.move_to(morning(16, days=days))
        rounds()
    assert len(letters(cast.maya)) == 2


def test_a_digest_that_waited_says_what_is_so_then_or_nothing(
    app, cast, at, room, say, rounds, letters
):
    comment = say()
    say("And this.", start_ms=2000)
    at.move_to(WEDNESDAY.replace(hour=15))
    rounds()
    [letter] = letters(cast.maya)
    assert "(2 times)" in letter.text
    do(app, see_all, cast.maya)
    with app.app_context():
        assert look_at_digest(letter.id) is None
        text = db.session.get_one(Letter, letter.id).text
        assert "(2 times)" not in text
        assert "Your move" in text
        db.session.rollback()
    with app.app_context(), transaction():
        for row in db.session.scalars(sa.select(Comment)).all():
            resolve_comment(by=load_person(cast.maya), comment=row)
    with app.app_context():
        assert "read or done" in look_at_digest(letter.id)
    assert comment


def test_a_digest_of_another_morning_gives_way_to_the_next_which_says_it_all(
    app, cast, at, room, say, rounds, letters, monkeypatch
):
    say()
    at.move_to(WEDNESDAY.replace(hour=15))
    rounds()
    [letter] = letters(cast.maya)
    at.move_to(morning(15))
    changed = replace(app.extensions["critique_settings"], smtp_url="smtp://127.0.0.1:1")
    monkeypatch.setitem(app.extensions, "critique_settings", changed)
    with app.app_context():
        send_letter(letter.id)
    rounds()
    first, second = letters(cast.maya)
    assert "morning is over" in first.failure
    assert "“Checkout”: Oliver commented." in second.text


def test_a_digest_holds_150_words_and_no_word_of_another_team(app, cast, at, room, rounds, letters):
    hold_off(app, cast.ada)
    with app.app_context(), transaction():
        load_person(cast.oliver).name = HOSTILE
        rival = load_person(cast.rival)
        other = make_room(cast.other_team, cast.rival, title="Heron")
        add_comment(
            by=rival, walkthrough=db.session.get_one(Walkthrough, other.walkthrough),
            body="@Ada", start_ms=0,
        )  # fmt: skip
        for number in range(30):
            one = make_room(cast.team, cast.maya, title=f"Request {number} " + "wide " * 30)
            add_comment(
                by=load_person(cast.oliver),
                walkthrough=db.session.get_one(Walkthrough, one.walkthrough),
                body="@Ada, what of this? " + "word " * 90, start_ms=1000,
            )  # fmt: skip
    at.move_to(WEDNESDAY + timedelta(minutes=1))
    rounds()
    [letter] = letters(cast.ada, "digest")
    assert len(letter.text.split()) <= 150
    assert re.search(r"- and \d+ more", letter.text)
    assert "Heron" not in letter.text
    assert "\r" not in letter.text
    assert "Bcc" not in str(letter.headers)
    with app.app_context():
        message = delivery.as_message(letter, "Critique <c@localhost>")
    assert message["Bcc"] is None
    wish(app, cast.ada, immediate=True)


def test_a_letter_of_many_asks_holds_150_words(app, cast, at, room, rounds, letters):
    wish(app, cast.ada, digest=False)
    with app.app_context(), transaction():
        load_person(cast.oliver).name = HOSTILE
        for number in range(12):
            one = make_room(cast.team, cast.maya, title=f"Request {number} " + "wide " * 30)
            add_comment(
                by=load_person(cast.oliver),
                walkthrough=db.session.get_one(Walkthrough, one.walkthrough),
                body="@Ada\r\n\r\n" + "word " * 90, start_ms=1000,
            )  # fmt: skip
    at.shift(60)
    rounds()
    [letter] = letters(cast.ada)
    assert len(letter.text.split()) <= 150
    assert letter.text.startswith("Your move since Wednesday 25 November, 10:00 (London time), ")
    assert "References" not in letter.headers
    assert re.search(r"- and \d+ more", letter.text)


@pytest.mark.parametrize("hours_of", ["Person.zone", "wishes"])
def test_a_changed_clock_or_wish_is_looked_at_at_once(
    app, cast, at, room, say, rounds, letters, hours_of
):
    say()
    rounds()
    if hours_of == "wishes":
        wish(app, cast.maya, digest=False)
        at.move_to(WEDNESDAY.replace(hour=16))
        rounds()
        assert letters(cast.maya) == []
        wish(app, cast.maya, digest=True)
    else:
        with app.app_context(), transaction():
            from critique.accounts.operations import change_profile
            from critique.plumbing.hours import default_hours

            maya = db.session.get_one(Person, cast.maya)
            change_profile(
                by=maya, name="Maya", zone="Europe/London", level="junior",
                hours=default_hours("Europe/London"), skills=[],
            )  # fmt: skip
    rounds()
    assert len(letters(cast.maya)) == 1


def test_mornings_follow_the_clocks_of_the_zone(app, cast, at, room, say, rounds, letters):
    """Chicago puts its clocks on on 14 March 2027: 09:00 is 15:00 UTC before, 14:00 after."""
    for day, hour in (
        (datetime(2027, 3, 12, tzinfo=UTC), 15),
        (datetime(2027, 3, 15, tzinfo=UTC), 14),
    ):
        before = len(letters(cast.maya))
        at.move_to(day)
        say(start_ms=hour)
        at.move_to(day.replace(hour=hour - 1, minute=59))
        rounds()
        assert len(letters(cast.maya)) == before
        at.move_to(day.replace(hour=hour))
        rounds()
        assert len(letters(cast.maya)) == before + 1


# --- hand-offs and reminders -------------------------------------------------------------------


def offer(app, cast, room):
    with app.app_context(), transaction():
        record_event(
            "walkthrough.posted", by_id=cast.maya, subject="walkthrough",
            subject_id=room.walkthrough, team_id=cast.team, review_id=room.review,
        )  # fmt: skip
        review = db.session.get_one(Review, room.review)
        review.review_by = WEDNESDAY + timedelta(hours=6)
        offer_hand_off(review=review, owner_id=cast.oliver, to_id=cast.ada, reason="On shift.")


def test_an_offer_is_mailed_as_one_and_not_once_it_is_gone(app, cast, at, room, rounds, letters):
    rounds()
    offer(app, cast, room)
    at.shift(60)
    rounds()
    [letter] = letters(cast.ada)
    assert letter.text.startswith(
        "Yours to take until Wednesday 25 November, 16:00 (London time), "
        "“Checkout”: It is offered to you, because you are there sooner than who has it."
    )
    with app.app_context():
        assert look_at_asks(letter.id) is None
    do(app, decline_hand_off, cast.ada, review_id=room.review)
    with app.app_context():
        assert "read or done" in look_at_asks(letter.id)


@pytest.mark.parametrize(
    ("of", "whose", "why"),
    [
        ("oliver", "Oliver’s move", "Oliver has not answered in time"),
        (None, "Open to any mentor", "Nobody has answered in time"),
    ],
)
def test_a_lead_is_told_whose_move_it_is(app, cast, at, room, rounds, letters, of, whose, why):
    wish(app, cast.wei, digest=False)
    at.move_to(morning(2))
    with app.app_context(), transaction():
        db.session.get_one(Review, room.review).review_by = WEDNESDAY + timedelta(hours=6)
        record_event(
            "reminder.given", by_id=None, subject="review", subject_id=room.review,
            team_id=cast.team, review_id=room.review,
            details={"person_id": cast.wei, "of_id": of and getattr(cast, of), "kind": "lead"},
        )  # fmt: skip
    at.shift(60)
    rounds()
    [letter] = letters(cast.wei)
    assert letter.text.startswith(
        f"{whose} due since Thursday 26 November, 00:00 (Singapore time), “Checkout”: {why}."
    )
