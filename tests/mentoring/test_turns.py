"""Whose move it is, through what people do: the set, its reasons, and that `since` survives."""

from __future__ import annotations

import pytest

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
