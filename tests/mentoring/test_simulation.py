"""The simulated team: the same seed gives the same, and nobody knows what no page knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.mentoring.simulation.desks import POLICIES
from critique.mentoring.simulation.running import outcomes
from critique.mentoring.simulation.tally import tally
from critique.mentoring.simulation.world import (
    REVIEW,
    SITES,
    Setting,
    World,
    author_hours,
    drawn,
)
from critique.plumbing.calendar import add_working_minutes, is_inside

SMALL = Setting(mentors=6, load=0.85, weeks=1, seed=7)


@lru_cache(maxsize=8)
def world_of(setting: Setting) -> World:
    return drawn(setting)


def test_a_seed_gives_the_same_world_and_another_seed_another():
    assert drawn(SMALL).requests == world_of(SMALL).requests
    assert drawn(replace(SMALL, seed=8)).requests != world_of(SMALL).requests


@settings(deadline=None, max_examples=8)
@given(
    st.integers(1, 9), st.sampled_from([0.2, 0.85, 1.3]), st.integers(1, 2), st.integers(0, 2**62)
)
def test_the_load_is_exact_in_every_week_and_deadlines_are_the_authors(mentors, load, weeks, seed):
    world = drawn(Setting(mentors, load, weeks, seed))
    for week in range(weeks):
        opens = world.start + timedelta(weeks=week)
        closes = opens + timedelta(weeks=1)
        given_time = len([one for one in world.visits if opens <= one.at < closes])
        asked = len([one for one in world.requests if opens <= one.posted < closes])
        assert asked == (round(load * given_time) if given_time else 0)
    for one in world.requests[:50]:
        hours = author_hours(one.site)
        assert is_inside(hours, one.posted)
        assert one.due == add_working_minutes(hours, one.posted, one.hours_class * 60)


def test_mentors_come_in_their_hours_and_have_time_to_finish():
    world = world_of(SMALL)
    for visit in world.visits:
        hours = author_hours(world.mentors[visit.mentor].site)
        assert is_inside(hours, visit.at)
        assert is_inside(hours, visit.at + REVIEW - timedelta(minutes=1))


@pytest.mark.parametrize("policy", POLICIES)
def test_a_mentor_answers_one_request_at_a_time_and_only_what_was_asked_before(policy):
    world = world_of(SMALL)
    visits = {(one.at, one.mentor) for one in world.visits}
    found = outcomes(world, policy)
    answered = [(one.answered - REVIEW, one.by) for one in found if one.answered]
    assert answered
    assert len(set(answered)) == len(answered)
    assert set(answered) <= visits
    for one in found:
        assert (one.answered is None) == (one.by is None) == (one.by_site is None)
        assert one.answered is None or one.answered >= one.request.posted + REVIEW
        assert one.by_site in {None, *SITES}
        assert not one.handed_off or policy == "assigned"


def test_what_came_after_the_last_week_is_not_counted_and_every_deadline_has_passed():
    world = world_of(SMALL)
    found = outcomes(world, "shared")
    assert len(found) == len([r for r in world.requests if r.posted < world.counted_until])
    assert all(one.request.due < world.end for one in found)


def test_who_was_ill_was_expected_by_the_page_all_the_same():
    # Days that nobody knew of are in no calendar that a desk reads, and still nobody comes.
    world = world_of(replace(SMALL, mentors=9, weeks=4))
    came = {(one.at.date(), one.mentor) for one in world.visits}
    missed = 0
    for mentor in world.mentors:
        day = world.start
        while day < world.counted_until:
            noon = day + timedelta(hours=12) - timedelta(hours=6 if mentor.site == "Austin" else 0)
            expected = day.weekday() < 5 and not mentor.hours.is_off(noon.date())
            missed += expected and (day.date(), mentor.id) not in came
            day += timedelta(days=1)
    assert missed > 0


def test_the_tally_counts_what_was_never_answered_as_late():
    world = world_of(SMALL)
    found = outcomes(world, "shared")
    lost = [replace(one, answered=None, by=None, by_site=None) for one in found]
    counted = tally(lost, world.end)
    assert counted.in_time == 0
    assert counted.unanswered == counted.requests == len(found)
    assert counted.longest > 3
    nobody = tally([], world.end)
    assert nobody.in_time is nobody.p50 is None
