"""The rules of turns, asked about any facts: what always holds, whatever happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.mentoring.moves import (
    DISMISSIBLE,
    REASONS,
    Call,
    Facts,
    Given,
    Held,
    Lease,
    Note,
)
from critique.mentoring.rules import Changes, changes_in, dues_of
from critique.mentoring.thread_facts import asks

AUTHOR, PEOPLE = 1, (1, 2, 3, 4)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOW = START + timedelta(hours=100)

moments = st.integers(0, 99).map(lambda hours: START + timedelta(hours=hours))
some_moment = st.none() | moments
people = st.sampled_from(PEOPLE)
others = st.sampled_from(PEOPLE[1:])
by_person = st.dictionaries(people, moments, max_size=4)
by_other = st.dictionaries(others, moments, max_size=3)
notes = st.builds(
    Note,
    id=st.integers(1, 9),
    by_id=people,
    back_at=moments,
    how=st.sampled_from([None, "done", "wont_do", "unclear", "asked"]),
    answered_at=moments,
    answered_by_id=people,
    confirmed=st.booleans(),
    writer_at=some_moment,
    author_at=some_moment,
    question_at=some_moment,
)
held = st.builds(
    Held,
    person_id=people,
    reason=st.sampled_from(REASONS),
    since=moments,
    by_id=st.none() | people,
    comment_id=st.none() | st.integers(1, 9),
    until=st.none() | moments,
)
facts = st.builds(
    Facts,
    now=st.just(NOW),
    author_id=st.just(AUTHOR),
    is_open=st.sampled_from([True, True, True, False]),
    members=st.sets(people).map(frozenset),
    posted_at=some_moment,
    broken=st.booleans(),
    asked=by_other,
    lease=st.none()
    | st.builds(Lease, others, moments, moments.map(lambda at: at + timedelta(hours=100))),
    notes=st.lists(notes, max_size=4),
    verdicts=st.dictionaries(
        others,
        st.builds(Given, st.sampled_from(["looks_good", "another_round", "lets_talk"]), moments),
        max_size=3,
    ),
    spoke=by_person,
    acted=by_person,
    calls=st.lists(st.builds(Call, people, people, st.integers(1, 9), moments), max_size=3),
    reopened_at=some_moment,
    gone_on=st.booleans(),
    stirred=st.booleans(),
    took_on=st.sets(others),
    held=st.lists(held, max_size=4, unique_by=lambda one: one.person_id),
    aside=by_person,
    passed=by_person,
    falls=st.booleans(),
    stand_in_id=st.none() | people,
)


def after(known: Facts, changes: Changes) -> list[Held]:
    """The turns in force once the changes are written down."""
    ended = {one.person_id for one in changes.ended}
    altered = {due.person_id: due for due in changes.altered}
    kept = [
        one
        if one.person_id not in altered
        else Held(
            one.person_id,
            altered[one.person_id].reason,
            one.since,
            altered[one.person_id].by_id,
            altered[one.person_id].comment_id,
            altered[one.person_id].until,
        )
        for one in known.held
        if one.person_id not in ended
    ]
    return kept + [
        Held(due.person_id, due.reason, known.now, due.by_id, due.comment_id, due.until)
        for due in changes.begun
    ]


@settings(max_examples=100, deadline=None)
@given(facts)
def test_there_is_at_most_one_turn_a_person_and_only_for_members(known):
    standing = after(known, changes_in(known))
    assert len({one.person_id for one in standing}) == len(standing)
    assert {one.person_id for one in standing} <= set(known.members)
    assert known.is_open or standing == []


@settings(max_examples=100, deadline=None)
@given(facts)
def test_since_never_moves_and_nobody_is_ended_and_begun_without_a_clock(known):
    changes = changes_in(known)
    since = {one.person_id: one.since for one in known.held}
    begun = {due.person_id for due in changes.begun}
    for one in after(known, changes):
        assert one.person_id in begun or one.since == since[one.person_id]
    for one in changes.ended:
        assert one.person_id not in begun or (one.until is not None and one.until <= known.now)


@settings(max_examples=100, deadline=None)
@given(facts)
def test_hearing_of_it_twice_changes_nothing_more(known):
    once = after(known, changes_in(known))
    again = changes_in(replace(known, held=once, stirred=False, falls=False))
    assert (list(again.begun), list(again.altered), list(again.ended)) == ([], [], [])


@settings(max_examples=100, deadline=None)
@given(facts)
def test_an_open_request_that_falls_is_never_nobodys(known):
    known = replace(known, is_open=True, falls=True, members=frozenset({AUTHOR, *known.members}))
    assert after(known, changes_in(known))


@settings(max_examples=80, deadline=None)
@given(facts)
def test_each_has_their_weightiest_reason(known):
    reasons = list(dues_of(known))
    for due in (*changes_in(known).begun, *changes_in(known).altered):
        own = [one.reason for one in reasons if one.person_id == due.person_id]
        assert REASONS.index(due.reason) == min(REASONS.index(reason) for reason in own)


@settings(max_examples=80, deadline=None)
@given(facts, people)
def test_what_was_put_aside_or_passed_on_does_not_come_back_by_itself(known, person):
    aside = replace(known, aside={**known.aside, person: NOW})
    assert not any(due.person_id == person and due.reason in DISMISSIBLE for due in dues_of(aside))
    passed = replace(known, passed={**known.passed, person: NOW}, falls=False, held=())
    left = {due.reason for due in dues_of(passed) if due.person_id == person}
    assert left <= {"to_post"} - ({"to_post"} if person != AUTHOR else set())


def test_of_two_reviewers_one_answers_and_the_other_keeps_theirs():
    hour = timedelta(hours=1)
    known = Facts(
        NOW, AUTHOR, members=frozenset(PEOPLE), posted_at=START, asked={2: START, 3: START},
        held=[Held(2, "requested", START), Held(3, "requested", START)], took_on={2, 3},
        notes=[Note(7, 2, START + hour)], spoke={2: START + hour}, acted={2: START + hour},
    )  # fmt: skip
    assert after(known, changes_in(known)) == [
        Held(3, "requested", START), Held(1, "replied", NOW, 2, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Why?", True),
        ("Why? I like it.", True),
        ("(Which one?)", True),
        ("Wirklich?!", True),
        ("本当ですか？", True),
        ("See https://example.com/?a=1 and /x?y=2", False),
        ("Thanks.", False),
        ("", False),
    ],
)
def test_what_is_a_question(text, asked):
    assert asks(text) is asked
