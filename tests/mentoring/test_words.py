"""Whose move it is, in the words that pages, mails and programs share, on the reader's clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from critique.accounts.models import Person
from critique.mentoring.models import Turn
from critique.mentoring.moves import REASONS
from critique.mentoring.words import whose_move, why_of
from critique.plumbing.calendar import DEFAULT_HOURS
from critique.reviews.models import Review

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def somebody(number: int, name: str, zone: str = "UTC") -> Person:
    return Person(id=number, name=name, zone=zone, hours=DEFAULT_HOURS.to_json())


MAYA, OLIVER = somebody(1, "Maya"), somebody(2, "Oliver", "Europe/London")
WEI, ADA = somebody(3, "Wei", "Asia/Singapore"), somebody(4, "Ada")


def turn(person: Person, reason: str, by: Person | None = MAYA, **more) -> Turn:
    given = {"since": datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "in_passing": False, **more}
    return Turn(
        person=person, person_id=person.id, reason=reason, by=by, by_id=by.id if by else None,
        **given,
    )  # fmt: skip


def said(viewer: Person, *turns: Turn, due: datetime | None = DUE, closed=False, now=NOW):
    review = Review(author=MAYA, author_id=1, review_by=due, closed=closed)
    move = whose_move(review, turns, viewer=viewer, now=now)
    return move.sentence, move.state


def test_the_reader_has_the_move_until_the_deadline_in_their_own_time():
    assert said(OLIVER, turn(OLIVER, "requested")) == (
        "Your move until 16:00 – 3 working hours left: Maya asked you", "mine",
    )  # fmt: skip
    assert said(WEI, turn(WEI, "requested")) == (
        "Your move until tomorrow 00:00 – outside your hours: Maya asked you", "mine",
    )  # fmt: skip
    late = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert said(OLIVER, turn(OLIVER, "requested"), now=late) == (
        "Your move, due yesterday 16:00: Maya asked you", "late",
    )  # fmt: skip


def test_others_are_told_who_until_or_since_when_and_why():
    assert said(MAYA, turn(OLIVER, "requested"))[0] == "Oliver’s move until 16:00: you asked them"
    assert said(ADA, turn(OLIVER, "to_confirm"))[0] == (
        "Oliver’s move since 10:00: Maya answered their comment"
    )
    assert said(WEI, turn(MAYA, "replied", by=OLIVER)) == (
        "Maya’s move since 18:00: Oliver commented", "plain",
    )  # fmt: skip
    assert said(ADA, turn(OLIVER, "requested"), turn(WEI, "requested"))[0] == (
        "Oliver’s and Wei’s move until 16:00: Maya asked them"
    )
    assert said(ADA, turn(OLIVER, "requested"), turn(MAYA, "replied", by=WEI))[0] == (
        "Oliver’s and Maya’s move until 16:00"
    )


def test_one_owes_an_answer_since_not_until_and_is_told_what_to_do():
    review = Review(author=MAYA, author_id=1, review_by=DUE, closed=False)
    turns = [turn(OLIVER, "to_confirm"), turn(WEI, "requested")]
    move = whose_move(review, turns, viewer=OLIVER, now=NOW)
    assert (move.words, move.state) == ("Your move since 10:00", "mine")
    assert move.reason == (
        "Maya answered your comment. Confirm it, or say what is missing. It is Wei’s move, too."
    )


def test_a_claim_is_said_until_its_end_where_there_is_no_deadline():
    claim = turn(OLIVER, "claimed", by=OLIVER, until=datetime(2026, 11, 24, 13, 30, tzinfo=UTC))
    assert said(OLIVER, claim, due=None)[0] == (
        "Your move until 13:30 – 30 minutes left: you claimed it"
    )
    assert said(MAYA, claim, due=None)[0] == "Oliver’s move until 13:30: they claimed it"


def test_a_later_version_of_what_was_due_long_ago_is_not_late():
    new = turn(OLIVER, "new_version")
    assert said(OLIVER, new, due=datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == (
        "Your move since 10:00: a new version is there", "mine",
    )  # fmt: skip


def test_nobodys_is_everybodys_and_closed_is_closed():
    assert said(ADA) == ("Open to any mentor until 16:00", "plain")
    assert said(ADA, due=None) == ("Open to any mentor", "plain")
    assert said(ADA, turn(WEI, "new_version", in_passing=True)) == (
        "Open to any mentor until 16:00", "plain",
    )  # fmt: skip
    assert said(OLIVER, turn(OLIVER, "requested"), closed=True) == ("Closed", "done")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_its_words_for_everybody(reason):
    for viewer in (MAYA, OLIVER, ADA):
        for by in (MAYA, OLIVER, None):
            clause = why_of(turn(OLIVER, reason, by=by), viewer)
            assert clause
            assert not {"{", "}", "None"} & set(clause.split())
            assert clause[0].islower() or clause.split()[0] in ("Maya", "Oliver")
