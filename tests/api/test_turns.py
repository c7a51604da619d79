"""Turns for programs: with every request, one's own, and done with one press."""

from __future__ import annotations

import pytest

from tests.mentoring.story import Story


@pytest.fixture
def story(app, cast):
    told = Story(app, cast)
    told.post(cast.oliver)
    told.show()
    return told


def test_every_request_says_whose_move_it_is(cast, client_of, story):
    oliver, maya = client_of(cast.oliver), client_of(cast.maya)
    for path in (f"/api/v1/reviews/{story.review}", "/api/v1/reviews", "/api/v1/queue"):
        found = oliver.get(path).json
        review = found if isinstance(found, dict) else found[0].get("review", found[0])
        assert review["whose_move"].startswith("Your move")
        (turn,) = review["turns"]
        assert turn["person"]["name"] == "Oliver"
        assert (turn["reason"], turn["why"], turn["until"]) == (
            "requested",
            "Maya asked you.",
            None,
        )
        assert turn["by"]["name"] == "Maya"
        assert turn["since"].endswith("Z")
    assert (
        maya.get(f"/api/v1/reviews/{story.review}").json["whose_move"].startswith("Oliver’s move")
    )


def test_ones_own_turns_and_being_done_with_one(cast, client_of, story):
    oliver, wei = client_of(cast.oliver), client_of(cast.wei)
    note = story.say(cast.oliver, "What do you think, @Wei?")
    assert oliver.get("/api/v1/turns").json == []
    (own,) = wei.get("/api/v1/turns").json
    assert own["review"]["id"] == story.review
    assert (own["turn"]["reason"], own["turn"]["comment_id"]) == ("mentioned", note)
    done = wei.delete(f"/api/v1/reviews/{story.review}/turn")
    assert done.status_code == 200
    assert [turn["person"]["name"] for turn in done.json["turns"]] == ["Maya"]
    assert wei.get("/api/v1/turns").json == []
    assert wei.delete(f"/api/v1/reviews/{story.review}/turn").status_code == 200
    refused = client_of(cast.maya).delete(f"/api/v1/reviews/{story.review}/turn")
    assert (refused.status_code, refused.json["code"]) == (409, "needs_you")


def test_being_done_leads_on_to_what_waits_next(cast, client_of, story):
    story.say(cast.oliver, "What do you think, @Wei?")
    wei = client_of(cast.wei)
    assert "I am done here" in wei.get(f"/reviews/{story.review}").text
    there = wei.post(f"/reviews/{story.review}/turn/end")
    assert (there.status_code, there.headers["Location"]) == (303, "/")
    page = wei.get("/").text
    assert "Done. Checkout waits for you no more." in page
    assert "mentioned you" not in page
    assert "I am done here" not in wei.get(f"/reviews/{story.review}").text
