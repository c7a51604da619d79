"""When two people can have a session, and who gets one: by properties."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from critique.pairing.sessions.assigning import Host, Learner, assign
from critique.pairing.sessions.openings import Block, available, free_starts, joined, opened
from critique.plumbing.calendar import is_inside
from critique.plumbing.hours import WorkingHours, default_hours

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
moments = st.integers(0, 7 * 24 * 12).map(lambda n: MONDAY + timedelta(minutes=5 * n))
stretches = st.lists(st.tuples(moments, moments), max_size=8)


@given(stretches, stretches, stretches, st.sampled_from((15, 30)))
def test_a_start_is_free_for_both_and_for_its_whole_length(one, other, busy, minutes):
    one, other = joined(one), joined(other)
    length = timedelta(minutes=minutes)
    found = free_starts([one, other], busy, minutes)
    assert found == sorted(set(found))
    for at in found:
        assert at.minute % 15 == 0
        for free in (one, other):
            assert any(start <= at and at + length <= end for start, end in free)
        assert not any(start < at + length and end > at for start, end in joined(busy))


@given(stretches, stretches, st.sampled_from((15, 30)))
def test_no_free_quarter_is_missed(one, busy, minutes):
    one, cut, length = joined(one), joined(busy), timedelta(minutes=minutes)
    at, wanted = MONDAY, []
    while at < MONDAY + timedelta(days=8):
        inside = any(start <= at and at + length <= end for start, end in one)
        if inside and not any(start < at + length and end > at for start, end in cut):
            wanted.append(at)
        at += timedelta(minutes=15)
    assert free_starts([one], busy, minutes) == wanted


@given(stretches)
def test_joined_stretches_are_apart_and_cover_the_same(given_):
    found = joined(given_)
    for (_, end), (start, _) in pairwise(found):
        assert end < start
    for start, end in given_:
        if start < end:
            assert any(a <= start and end <= b for a, b in found)


def test_a_weekly_block_follows_the_mentors_clock_over_a_clock_change():
    block = Block(weekday=3, span=(14 * 60, 15 * 60))
    found = opened([block], "Europe/London", datetime(2026, 10, 19, tzinfo=UTC), MONDAY)
    assert [(start.day, start.hour) for start, _ in found[:2]] == [(22, 13), (29, 14)]


def test_blocks_may_overlap_and_a_single_one_is_cut_to_what_is_asked():
    blocks = [
        Block(weekday=0, span=(600, 660)), Block(weekday=0, span=(630, 700)),
        Block(once=(MONDAY - timedelta(hours=1), MONDAY + timedelta(minutes=30))),
    ]  # fmt: skip
    found = opened(blocks, "UTC", MONDAY, MONDAY + timedelta(days=1))
    assert found == [
        (MONDAY, MONDAY + timedelta(minutes=30)),
        (MONDAY + timedelta(minutes=600), MONDAY + timedelta(minutes=700)),
    ]


def test_deep_work_is_not_available_and_stretch_hours_are_on_top():
    hours = WorkingHours("UTC", {0: ((540, 1020),)}, deep_work={0: ((540, 720),)})
    stretch = WorkingHours("UTC", {0: ((420, 480),)})
    day = (MONDAY, MONDAY + timedelta(days=1))
    plain, wider = available(hours, *day), available(hours, *day, stretch=stretch)
    assert plain == [(MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=17))]
    assert wider == [(MONDAY + timedelta(hours=7), MONDAY + timedelta(hours=8)), *plain]
    assert all(is_inside(default_hours("UTC"), start) for start, _ in plain)


people = st.integers(1, 8)


@settings(deadline=None)
@given(
    st.dictionaries(people, st.integers(1, 3), min_size=1, max_size=8),
    st.dictionaries(people.map(lambda n: n + 100), st.integers(0, 4), min_size=1, max_size=5),
    st.data(),
)
def test_no_quota_is_broken_nobody_twice_and_every_wish_that_can_be_is_met(wants, quotas, data):
    learners = [Learner(who, wanted) for who, wanted in wants.items()]
    hosts = [Host(who, quota) for who, quota in quotas.items()]
    pairs = [(one.id, other.id) for one in learners for other in hosts]
    possible = data.draw(st.dictionaries(st.sampled_from(pairs), st.booleans()))
    weeks = data.draw(st.dictionaries(st.sampled_from(pairs), st.integers(0, 12)))
    found = assign(learners, hosts, possible, weeks)
    assert {(one.learner_id, one.host_id) for one in found} <= set(possible)
    assert len({(one.learner_id, one.host_id) for one in found}) == len(found)
    given_, got = Counter(one.host_id for one in found), Counter(one.learner_id for one in found)
    assert all(count <= quotas[host] for host, count in given_.items())
    assert all(count <= wants[who] for who, count in got.items())
    # Maximal: no open wish has a possible mentor with room left.
    for who, host in possible:
        met = any((one.learner_id, one.host_id) == (who, host) for one in found)
        assert met or got[who] == wants[who] or given_[host] == quotas[host]


def test_the_load_is_level_and_mentors_change():
    learners = [Learner(n, 1) for n in range(6)]
    hosts = [Host(100, 4), Host(101, 4), Host(102, 4)]
    possible = {(one.id, other.id): False for one in learners for other in hosts}
    found = assign(learners, hosts, possible, {(n, 100): 1 for n in range(6)})
    assert sorted(Counter(one.host_id for one in found).values()) == [2, 2, 2]
    (only,) = assign([Learner(1, 1)], hosts[:2], {(1, 100): False, (1, 101): False}, {(1, 100): 1})
    assert only.host_id == 101
    assert "first session together" in only.reason


def test_skills_decide_among_equally_loaded_and_stretch_hours_come_last():
    wants = [Learner(1, 1, frozenset({"type"}))]
    hosts = [Host(100, 1), Host(101, 1, frozenset({"type"}))]
    (fits,) = assign(wants, hosts, {(1, 100): False, (1, 101): False}, {})
    assert (fits.host_id, "both know type" in fits.reason) == (101, True)
    (near,) = assign(
        [Learner(1, 1)], [Host(100, 1), Host(101, 1)], {(1, 100): True, (1, 101): False}, {}
    )
    assert near.host_id == 101


def test_why_is_true_for_whichever_of_the_two_reads_it():
    learner = Learner(1, 1, frozenset({"type"}))

    def why(skills: set[str], weeks: int | None) -> str:
        since = {} if weeks is None else {(1, 2): weeks}
        (match,) = assign([learner], [Host(2, 3, frozenset(skills), 0)], {(1, 2): False}, since)
        return match.reason

    assert why({"type"}, None) == "both know type, first session together"
    assert why(set(), 1) == "a mentor with room this week, last session together last week"
    assert why({"type"}, 5) == "both know type, last session together 5 weeks ago"
