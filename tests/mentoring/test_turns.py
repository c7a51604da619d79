"""Whose move it is, through what people do: the set, its reasons, and that `since` survives."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.mentoring.keeping import keep_turns
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from tests.mentoring.story import Story


@pytest.fixture
def story(app, cast):
    return Story(app, cast)


def test_the_author_posts_then_who_was_asked_looks_then_the_author_again(story, cast):
    story.post(cast.oliver, cast.wei)
    assert story.moves() == {"maya": "to_post"}
    story.show()
    assert story.moves() == {"oliver": "requested", "wei": "requested"}
    first = story.since()
    note = story.say(cast.oliver)
    assert story.moves() == {"wei": "requested", "maya": "replied"}
    assert story.since()["wei"] == first["wei"]
    story.resolve(cast.maya, note)
    assert story.moves() == {"wei": "requested", "oliver": "to_confirm"}
    story.confirm(cast.oliver, note)
    assert story.moves() == {"wei": "requested"}
    story.judge(cast.wei, "looks_good")
    assert story.moves() == {"maya": "approved"}
    story.close()
    assert story.moves() == {}
    story.reopen()
    assert story.moves() == {"maya": "reopened"}
    assert story.endings() == [
        ("maya", "to_post", "answered"),
        ("oliver", "requested", "answered"),
        ("maya", "replied", "answered"),
        ("oliver", "to_confirm", "answered"),
        ("wei", "requested", "answered"),
        ("maya", "approved", "withdrawn"),
    ]


def test_chatter_changes_nothing(story, cast):
    story.post(cast.oliver)
    story.show()
    note = story.say(cast.oliver)
    before = (story.moves(), story.since())
    story.reply(cast.maya, note, "Thanks, see https://example.com/?a=1 for why.")
    story.react(cast.maya, note)
    story.say(cast.wei, "Lovely type.", kind="praise")
    story.react(cast.wei, note)
    assert (story.moves(), story.since()) == before


def test_a_question_back_waits_for_words_of_who_wrote_the_comment(story, cast):
    story.post(cast.oliver)
    story.show()
    note = story.say(cast.oliver)
    story.reply(cast.maya, note, "Smaller than what?")
    assert story.moves() == {"oliver": "asked"}
    story.reply(cast.oliver, note, "Than the total.")
    assert story.moves() == {"maya": "replied"}
    story.resolve(cast.maya, note, how="asked", note="By how much?")
    assert story.moves() == {"oliver": "asked"}
    story.reply(cast.oliver, note, "By two pixels.")
    assert story.moves() == {"maya": "replied"}


def test_a_new_version_is_for_those_whose_notes_are_not_settled(story, cast):
    story.post(cast.oliver, cast.wei)
    story.show()
    note = story.say(cast.oliver)
    story.judge(cast.wei, "looks_good")
    assert story.moves() == {"maya": "replied"}
    story.show(2)
    assert story.moves() == {"oliver": "new_version"}
    story.say(cast.oliver, "Better; the rule is heavy still.")
    assert story.moves() == {"maya": "replied"}
    story.resolve(cast.maya, note)
    assert story.moves() == {"maya": "replied", "oliver": "to_confirm"}


def test_a_version_after_all_is_settled_is_for_all_who_were_asked(story, cast):
    story.post(cast.oliver, cast.wei)
    story.show()
    story.judge(cast.oliver, "looks_good")
    story.judge(cast.wei, "looks_good")
    assert story.moves() == {"maya": "approved"}
    story.show(2)
    assert story.moves() == {"oliver": "new_version", "wei": "new_version"}
    story.say(cast.wei)
    assert story.moves() == {"oliver": "new_version", "maya": "replied"}
    story.judge(cast.oliver, "looks_good")
    assert story.moves() == {"maya": "replied"}


def test_another_round_waits_for_a_version_or_for_all_its_notes_to_be_answered(story, cast):
    story.post(cast.oliver)
    story.show()
    note = story.say(cast.oliver)
    story.judge(cast.oliver, "another_round")
    assert story.moves() == {"maya": "another_round"}
    story.resolve(cast.maya, note)
    assert story.moves() == {"oliver": "to_confirm"}
    story.judge(cast.oliver, "lets_talk")
    assert story.moves() == {"maya": "talk", "oliver": "to_confirm"}
    story.show(2)
    assert story.moves() == {"oliver": "to_confirm"}


def test_who_is_named_has_the_move_until_they_look_answer_or_nod(story, cast):
    story.post(cast.oliver)
    story.show()
    note = story.say(cast.oliver, "What do you think, @Wei? And you, @Ada?")
    assert story.moves() == {"maya": "replied", "wei": "mentioned", "ada": "mentioned"}
    story.reply(cast.wei, note, "Agreed.")
    assert story.moves() == {"maya": "replied", "ada": "mentioned"}
    story.look(cast.ada, note)
    assert story.moves() == {"maya": "replied"}
    story.reply(cast.maya, note, "@Ada, once more?")
    assert story.moves() == {"oliver": "asked", "ada": "mentioned"}
    story.react(cast.ada, note)
    assert story.moves() == {"oliver": "asked"}


def test_a_claim_is_a_turn_that_ends_with_it(story, cast):
    story.post()
    story.show()
    assert story.moves() == {}
    story.claim(cast.oliver)
    assert story.moves() == {"oliver": "claimed"}
    story.release(cast.oliver)
    assert story.moves() == {}
    story.claim(cast.oliver)
    since = story.since()["oliver"]
    story.at += timedelta(minutes=20)
    story.claim(cast.oliver)
    story.at += timedelta(minutes=20)
    assert story.since() == {"oliver": since}
    story.at += timedelta(minutes=20)
    assert story.moves() == {}
    story.claim(cast.wei)
    assert story.moves() == {"wei": "claimed"}
    story.say(cast.wei)
    assert story.moves() == {"maya": "replied"}
    assert story.endings() == [
        ("maya", "to_post", "answered"),
        ("oliver", "claimed", "released"),
        ("oliver", "claimed", "lapsed"),
        ("wei", "claimed", "answered"),
    ]


def test_who_was_asked_by_name_is_asked_also_after_their_claim(story, cast):
    story.post(cast.oliver)
    story.show()
    story.claim(cast.oliver)
    assert story.moves() == {"oliver": "requested"}
    story.at += timedelta(hours=2)
    assert story.moves() == {"oliver": "requested"}


def test_a_remark_in_passing_is_the_authors_to_read_and_nothing_more(story, cast):
    story.post()
    story.show()
    story.say(cast.wei)
    assert story.moves() == {"maya": "remarked"}
    story.judge(cast.wei, "looks_good")
    assert story.moves() == {"maya": "remarked"}


def test_who_is_named_later_is_asked_and_who_is_named_no_more_is_not(story, cast):
    story.post(cast.oliver)
    story.show()
    story.edit(reviewers=[str(cast.wei)])
    assert story.moves() == {"wei": "requested"}
    assert story.endings()[-1] == ("oliver", "requested", "lifted")


def test_without_a_version_there_is_nothing_to_look_at(story, cast):
    story.post(cast.oliver)
    first = story.show()
    note = story.say(cast.oliver)
    assert story.moves() == {"maya": "replied"}
    story.remove(first)
    assert story.moves() == {"maya": "to_post"}
    story.show(2)
    assert story.moves() == {"oliver": "new_version"}
    story.uncomment(cast.oliver, note)
    assert story.moves() == {"oliver": "requested"}


def test_reopened_is_the_authors_until_they_go_on(story, cast):
    story.post(cast.oliver)
    story.show()
    story.judge(cast.oliver, "looks_good")
    story.close()
    story.reopen()
    assert story.moves() == {"maya": "reopened"}
    story.edit(reviewers=[str(cast.oliver), str(cast.wei)])
    assert story.moves() == {"wei": "requested"}
    story.judge(cast.wei, "looks_good")
    assert story.moves() == {"maya": "approved"}


def test_what_is_done_with_one_press_stays_done(story, cast):
    story.post(cast.oliver)
    story.show()
    note = story.say(cast.oliver, "@Ada, see this.")
    story.resolve(cast.maya, note)
    assert story.moves() == {"oliver": "to_confirm", "ada": "mentioned"}
    story.aside(cast.ada)
    story.aside(cast.ada)
    assert story.moves() == {"oliver": "to_confirm"}
    story.aside(cast.oliver)
    assert story.moves() == {"maya": "approved"}
    story.reply(cast.maya, note, "Does it suit you?")
    assert story.moves() == {"maya": "approved"}
    story.take_up(cast.oliver, note)
    assert story.moves() == {"maya": "replied"}


def test_the_work_itself_is_not_done_with_one_press(story, cast):
    story.post(cast.oliver)
    story.show()
    with pytest.raises(Conflict, match="waits for you to look"):
        story.aside(cast.oliver)
    story.aside(cast.wei)
    assert story.moves() == {"oliver": "requested"}
    story.close()
    with pytest.raises(Conflict, match="closed"):
        story.aside(cast.oliver)


def test_who_hands_over_is_not_asked_again_and_the_other_has_it_until_they_answer(story, cast):
    story.post(cast.oliver)
    story.show()
    story.hand_over(cast.oliver, cast.wei)
    assert story.moves() == {"wei": "handed_over"}
    assert story.endings()[-1] == ("oliver", "requested", "handed_over")
    story.edit(title="Checkout, once more")
    assert story.moves() == {"wei": "handed_over"}
    story.say(cast.wei)
    assert story.moves() == {"maya": "replied"}


def test_who_leaves_the_team_has_no_turn_and_nobody_left_means_the_author(story, cast):
    story.post(cast.oliver, cast.wei)
    story.show()
    story.leave(cast.oliver)
    assert story.moves() == {"wei": "requested"}
    story.leave(cast.wei)
    assert story.moves() == {"maya": "fell_back"}
    assert [one for one in story.endings() if one[2] == "left"] == [
        ("oliver", "requested", "left"), ("wei", "requested", "left"),
    ]  # fmt: skip
    story.edit(reviewers=[str(cast.ada)])
    assert story.moves() == {"ada": "requested"}


def test_a_mentor_who_leaves_gives_back_what_they_hold(story, cast):
    story.post()
    story.show()
    story.claim(cast.oliver)
    story.leave(cast.oliver)
    assert story.moves() == {"maya": "fell_back"}
    story.claim(cast.wei)
    assert story.moves() == {"wei": "claimed"}


def test_the_request_of_somebody_who_left_is_a_leads(story, cast):
    story.post()
    story.leave(cast.maya)
    assert story.moves() == {"wei": "fell_back"}


def test_hearing_of_it_costs_the_same_at_any_size(app, story, cast):
    """Counted: what the rules need to know, however much was said."""

    def cost() -> int:
        counted: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            counted.append(statement)

        with story.step():
            sa.event.listen(db.engine, "before_cursor_execute", note)
            keep_turns(story.review, clock.now(), by_id=None)
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(counted)

    story.post(cast.oliver)
    story.show()
    story.reply(cast.maya, story.say(cast.oliver))
    few = cost()
    for _ in range(8):
        story.reply(cast.maya, story.say(cast.oliver))
    assert cost() == few <= 20
