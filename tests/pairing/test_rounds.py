"""The weekly round: once, inside everybody's hours, and harmless to repeat."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from critique.accounts.models import Membership, Person, Team
from critique.events.models import Event
from critique.events.record import first_broken_event
from critique.pairing import jobs as pairing_jobs
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import whole_team
from critique.pairing.jobs import draw_round, draw_week, plan_week, tell_round
from critique.pairing.mail import write_letters
from critique.pairing.models import LeftOut, Meeting, Round, Seating
from critique.pairing.plan import Guest, Inputs, plan_round
from critique.pairing.pool import Seat
from critique.pairing.queries import round_of, this_weeks_meeting
from critique.pairing.replay import replayed
from critique.pairing.rounds import enqueue_due_rounds
from critique.pairing.sessions.models import BusyTime
from critique.pairing.slots import availability
from critique.pairing.weeks import due_week, is_let_go, week_after, week_at_hand, week_number
from critique.plumbing import clock, jobs
from critique.plumbing.calendar import default_hours, is_inside, monday_morning
from critique.plumbing.db import db, dialect
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import snapshot, transaction
from tests.pairing.conftest import (
    MONDAY,
    NEXT_WEEK,
    WEEK,
    draw_and_tell,
    everyone,
    person_named,
    received,
    tables,
)
from tests.people import person, team


def count(model) -> int:
    found = db.session.scalar(sa.select(sa.func.count()).select_from(model))
    db.session.rollback()
    return found


def fire(now=None) -> None:
    with transaction():
        enqueue_due_rounds(now or clock.now())


def end_jobs_at(moment) -> None:
    """The database itself notes when a job ended; this sets that clock too."""
    table = "workflow_status" if dialect() == "sqlite" else "dbos.workflow_status"
    with transaction():
        db.session.execute(
            sa.text(f"UPDATE {table} SET updated_at = :ms"), {"ms": int(moment.timestamp() * 1000)}
        )


@pytest.fixture
def old_team(app, cast):
    """Juniper has been there for long; the other team is of no matter here."""
    with app.app_context(), transaction():
        for found in db.session.scalars(sa.select(Team)):
            found.created_at = MONDAY - timedelta(days=60)
        db.session.execute(sa.delete(Membership).where(Membership.team_id == cast.other_team))
        db.session.execute(sa.delete(CoffeeGroup).where(CoffeeGroup.team_id == cast.other_team))
        db.session.execute(sa.delete(Team).where(Team.id == cast.other_team))
        for group in db.session.scalars(sa.select(CoffeeGroup)):
            group.made_at = MONDAY - timedelta(days=60)
    return cast.team


def test_monday_comes_and_the_team_is_drawn_once(app, clock_at, old_team, run_jobs):
    with app.app_context():
        fire(MONDAY - timedelta(minutes=6))
        assert jobs.unfinished() == []
        fire()
        fire()
        assert [entry.key for entry in jobs.unfinished()] == [
            f"pairing-group-{everyone(old_team)}-{WEEK}"
        ]
        run_jobs()
        assert count(Round) == 1
        assert len(received()) == 4
        draw_and_tell(old_team, WEEK)
        assert (count(Round), count(Letter)) == (1, 4)
        drawn = db.session.scalars(sa.select(Event).where(Event.verb == "round.drawn")).one()
        assert drawn.details["meetings"] == count(Meeting)
        assert first_broken_event() is None


@pytest.mark.parametrize(
    ("awake", "due"),
    [
        ("2026-11-23T06:59:59", None),
        ("2026-11-23T07:00:00", WEEK),
        ("2026-11-25T15:00:00", WEEK),
        ("2026-11-27T05:59:59", WEEK),
        ("2026-11-27T06:00:00", None),
        ("2026-11-28T00:00:00", None),
        ("2026-11-29T23:00:00", None),
    ],
)
def test_a_machine_that_slept_catches_up_while_somebody_can_be_booked(
    app, old_team, awake, due, clock_at
):
    now = datetime.fromisoformat(awake).replace(tzinfo=UTC)
    clock_at(now)
    with app.app_context():
        fire()
        assert [entry.ids[1] for entry in jobs.unfinished()] == ([due] if due else [])


def test_a_draw_that_starts_too_late_does_nothing(app, clock_at, old_team):
    clock_at(datetime(2026, 11, 28, 8, tzinfo=UTC))
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        assert (count(Round), count(Letter)) == (0, 0)


def test_late_in_the_week_nothing_is_booked_in_the_past(app, clock_at, old_team):
    now = datetime(2026, 11, 26, 16, 35, tzinfo=UTC)
    clock_at(now)
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        found = db.session.scalars(sa.select(Meeting)).all()
        assert found
        assert all(meeting.starts_at >= now for meeting in found)


def test_a_team_made_in_the_week_waits_for_its_first_monday(app, clock_at, old_team):
    clock_at(MONDAY + timedelta(days=1))
    with app.app_context():
        with transaction():
            made = team("New")
            person("Founder", made, "admin")
        fire()
        assert {entry.ids[0] for entry in jobs.unfinished()} == {everyone(old_team)}
        monday = MONDAY + timedelta(days=7)
        fire(monday)
        assert (everyone(made.id), NEXT_WEEK) in {entry.ids for entry in jobs.unfinished()}


def test_two_schedulers_at_once_draw_once(app, clock_at, old_team, run_jobs):
    start, failures = threading.Barrier(2), []

    def schedule() -> None:
        with app.app_context():
            try:
                start.wait(5)
                fire(MONDAY)
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)

    both = [threading.Thread(target=schedule) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    with app.app_context():
        assert failures == []
        assert len(jobs.unfinished()) == 1
        run_jobs()
        assert count(Round) == 1


def test_two_workers_at_once_write_once(app, clock_at, old_team, monkeypatch):
    """Both have drawn before either writes."""
    met = threading.Barrier(2)
    plan = pairing_jobs.plan_week

    def plan_together(*args, **kwargs):
        made = plan(*args, **kwargs)
        met.wait(5)
        return made

    monkeypatch.setattr(pairing_jobs, "plan_week", plan_together)

    def work() -> None:
        with app.app_context():
            draw_week(everyone(old_team), WEEK)

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    with app.app_context():
        tell_round(drawn_id(old_team))
        assert (count(Round), count(Letter)) == (1, 4)


def drawn_id(team_id):
    with snapshot():
        return round_of(whole_team(team_id).id, WEEK).id


def test_a_worker_killed_before_the_write_leaves_nothing(app, clock_at, old_team, monkeypatch):
    with app.app_context():
        with monkeypatch.context() as patch:
            patch.setattr(pairing_jobs, "record_round", killed)
            with pytest.raises(KeyboardInterrupt):
                draw_week(everyone(old_team), WEEK)
        assert [count(model) for model in (Round, Meeting, Letter, LeftOut)] == [0, 0, 0, 0]
        draw_and_tell(old_team, WEEK)
        assert (count(Round), count(Letter)) == (1, 4)


def test_a_worker_killed_among_the_letters_writes_the_rest_later(
    app, clock_at, old_team, monkeypatch
):
    with app.app_context():
        draw_week(everyone(old_team), WEEK)
        drawn = drawn_id(old_team)
        with monkeypatch.context() as patch:
            patch.setattr(pairing_jobs, "MEETINGS_AT_ONCE", 1)
            patch.setattr(pairing_jobs, "write_letters", killed_after(1))
            with pytest.raises(KeyboardInterrupt):
                tell_round(drawn)
        assert count(Letter) < 4
        tell_round(drawn)
        tell_round(drawn)
        assert count(Letter) == 4


def killed(*_, **__):
    raise KeyboardInterrupt


def killed_after(calls):
    """Write letters that often, then be killed."""
    left = iter(range(calls))

    def write(drafts):
        if next(left, None) is None:
            raise KeyboardInterrupt
        write_letters(drafts)

    return write


def test_a_draw_that_failed_for_good_is_tried_again_after_a_pause(app, clock_at, old_team):
    with app.app_context():
        key = f"pairing-group-{everyone(old_team)}-{WEEK}"
        fire()
        jobs.client().cancel_workflow(key)
        end_jobs_at(MONDAY)
        fire(MONDAY + timedelta(minutes=14))
        assert jobs.unfinished() == []
        fire(MONDAY + timedelta(minutes=16))
        fire(MONDAY + timedelta(minutes=17))
        assert [entry.key for entry in jobs.unfinished()] == [f"{key}-2"]


def test_somebody_leaves_while_the_draw_is_made(app, clock_at, old_team, monkeypatch):
    plan, made = pairing_jobs.plan_week, []

    def plan_and_lose_ada(*args, **kwargs):
        made.append(plan(*args, **kwargs))
        if len(made) == 1:
            with transaction():
                person_named("Ada").coffee_skipped_week = WEEK
        return made[-1]

    monkeypatch.setattr(pairing_jobs, "plan_week", plan_and_lose_ada)
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        assert len(made) == 2
        assert "ada@example.com" not in {letter.to for letter in received()}
        assert frozenset({"Maya", "Oliver"}) in tables()


@pytest.mark.parametrize(
    ("wish", "value", "comes"),
    [
        ("coffee_in", False, False),
        ("coffee_skipped_week", WEEK, False),
        ("coffee_skipped_week", "2026-W47", True),
        ("coffee_snoozed_until", date(2026, 11, 24), False),
        ("coffee_snoozed_until", date(2026, 11, 23), True),
    ],
)
def test_who_does_not_want_to_is_not_drawn(app, clock_at, old_team, wish, value, comes):
    with app.app_context():
        with transaction():
            setattr(person_named("Ada"), wish, value)
        draw_and_tell(old_team, WEEK)
        assert ("ada@example.com" in {letter.to for letter in received()}) is comes


def test_nobody_is_in(app, clock_at, old_team):
    with app.app_context():
        with transaction():
            db.session.execute(sa.update(Person).values(coffee_in=False))
        draw_and_tell(old_team, WEEK)
        assert [count(model) for model in (Round, Meeting, Letter)] == [1, 0, 0]


def test_one_person_is_told(app, clock_at, old_team):
    with app.app_context():
        with transaction():
            db.session.execute(sa.update(Person).values(coffee_in=Person.name == "Maya"))
        draw_and_tell(old_team, WEEK)
        (letter,) = received()
        assert (letter.kind, letter.to) == ("coffee-left_out", "maya@example.com")
        assert "nobody else is in" in letter.text


def test_who_was_left_out_comes_first(app, clock_at, old_team):
    """Wei shares no hour with anybody; once she does, one of the four must wait, and not she."""
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        assert person_named("Wei").id in {
            left.person_id for left in db.session.scalars(sa.select(LeftOut))
        }
        db.session.rollback()
        clock_at(MONDAY + timedelta(days=7))
        with transaction():
            db.session.execute(
                sa.update(Person).where(Person.name.in_(["Maya"])).values(coffee_in=False)
            )
            wei = person_named("Wei")
            wei.hours = {"zone": wei.zone, "days": {"0": ["17:00-18:00"]}}
            for name in ("Oliver", "Ada"):
                found = person_named(name)
                found.hours = {"zone": found.zone, "days": {"0": ["09:00-10:00"]}}
        plan = plan_week(everyone(old_team), NEXT_WEEK)
        assert {seat.person_id: seat.priority for seat in plan.inputs.seats} == {
            person_named("Wei").id: True,
            person_named("Oliver").id: False,
            person_named("Ada").id: False,
        }


def test_history_counts_what_was_kept(app, clock_at, old_team):
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        (trio,) = [meeting for names, meeting in tables().items() if len(names) == 3]
        ids = sorted(found.id for found in trio.people)
        clock_at(MONDAY + timedelta(days=7))
        plan = plan_week(everyone(old_team), NEXT_WEEK)
        number = week_number(WEEK)
        assert plan.inputs.history == {
            (ids[0], ids[1]): number, (ids[0], ids[2]): number, (ids[1], ids[2]): number
        }  # fmt: skip
        assert [seat.trio_seats for seat in plan.inputs.seats if seat.person_id in ids] == [1] * 3
        assert {s.last_trio for s in plan.inputs.seats if s.person_id in ids} == {number}
        with transaction():
            db.session.get(Meeting, trio.id).cancelled_at = clock.now()
        assert plan_week(everyone(old_team), NEXT_WEEK).inputs.history == {}


def test_somebody_in_two_teams_is_booked_at_two_times(app, clock_at, old_team):
    with app.app_context():
        with transaction():
            second = team("Sage", "Europe/London")
            person("Bo", second, "author", zone="Europe/London")
            for name in ("Oliver", "Ada"):
                found = person_named(name)
                found.hours = {"zone": found.zone, "days": {"3": ["09:00-11:00"]}}
            bo = person_named("Bo")
            bo.hours = {"zone": bo.zone, "days": {"3": ["09:00-11:00"]}}
            db.session.add(
                Membership(
                    team_id=second.id,
                    person_id=person_named("Oliver").id,
                    role="author",
                    joined_at=clock.now(),
                )
            )
            person_named("Maya").coffee_in = False
            second_id = second.id
        draw_and_tell(old_team, WEEK)
        draw_and_tell(second_id, WEEK)
        found = tables()
        first, other = found[frozenset({"Oliver", "Ada"})], found[frozenset({"Oliver", "Bo"})]
        assert first.ends_at <= other.starts_at or other.ends_at <= first.starts_at
        assert this_weeks_meeting(person_named("Oliver"), clock.now()).id == min(
            (first, other), key=lambda meeting: meeting.starts_at
        ).id  # fmt: skip


def test_the_same_inputs_give_the_same_draw(app, clock_at, old_team):
    with app.app_context():
        one = plan_week(everyone(old_team), WEEK)
        other = plan_week(everyone(old_team), WEEK, seed=one.seed)
        assert one == other
        draw_round(everyone(old_team), WEEK)
        kept = db.session.scalars(sa.select(Round)).one()
        assert (kept.seed, kept.pool_digest) == (one.seed, one.pool_digest)


def test_a_person_is_seated_once_a_round(app, clock_at, old_team):
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        seated = db.session.scalars(sa.select(Seating.person_id)).all()
        assert len(seated) == len(set(seated))


ZONES = ["America/Chicago", "Europe/London", "Asia/Singapore", "UTC", "Australia/Lord_Howe"]


@pytest.mark.parametrize("week", ["2026-W13", "2026-W44", "2026-W45", "2026-W48", "2026-W53"])
@hypothesis_settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    zones=st.lists(st.sampled_from(ZONES), min_size=0, max_size=14),
    seed=st.integers(0, 2**32),
    hours_late=st.integers(0, 120),
)
def test_no_slot_outside_anybodys_hours_and_nobody_twice(week, zones, seed, hours_late):
    """Also in the weeks when clocks change in London, Chicago and on Lord Howe."""
    now = monday_morning(week, "Europe/London") + timedelta(hours=hours_late)
    guests = {
        i: Guest(i, f"G{i}", f"g{i}@example.com", zone, "mid", (), default_hours(zone))
        for i, zone in enumerate(zones)
    }
    seats = tuple(
        Seat(i, availability(one.hours, week, not_before=now), site=one.zone)
        for i, one in guests.items()
    )
    inputs = Inputs(1, "Team", week, guests, seats, {}, frozenset(), now)
    plan = plan_round(inputs, seed=seed, now=now)
    placed = [person_id for booking in plan.bookings for person_id in booking.people]
    placed += [left.person_id for left in plan.left]
    assert sorted(placed) == sorted(guests)
    for booking in plan.bookings:
        assert booking.starts_at >= now
        for person_id in booking.people:
            for minute in range(20):
                at = booking.starts_at + timedelta(minutes=minute)
                assert is_inside(guests[person_id].hours, at)


def test_weeks_are_numbered_without_gaps():
    week = "2026-W01"
    for _ in range(120):
        assert week_number(week_after(week)) == week_number(week) + 1
        week = week_after(week)
    assert week_after("2026-W53") == "2027-W01"


def test_the_week_at_hand_is_the_coming_one_at_weekends():
    friday = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    assert week_at_hand("UTC", friday) == WEEK
    assert week_at_hand("UTC", friday + timedelta(minutes=1)) == NEXT_WEEK
    assert not is_let_go(NEXT_WEEK, "UTC", friday)
    assert due_week("Pacific/Kiritimati", datetime(2026, 11, 22, 17, tzinfo=UTC)) == WEEK


def test_what_their_own_calendars_say_is_taken_is_kept_free(app, clock_at, old_team):
    thursday = datetime(2026, 11, 26, tzinfo=UTC)
    with app.app_context(), transaction():
        # Somebody who is out until Thursday and does not come back before the century is over.
        for start, end in (
            (MONDAY - timedelta(days=400), thursday),
            (thursday + timedelta(days=1), MONDAY + timedelta(days=20_000)),
        ):
            db.session.add(
                BusyTime(person_id=person_named("Maya").id, starts_at=start, ends_at=end)
            )
    with app.app_context():
        draw_and_tell(old_team, WEEK)
        (hers,) = [one for names, one in tables().items() if "Maya" in names]
        assert hers.starts_at.date() == thursday.date()
        with snapshot():
            drawn = round_of(everyone(old_team), WEEK)
            assert drawn is not None
            assert replayed(drawn).proven
