"""Webhooks: told in the transaction of the event, signed, tried again, switched off in the end."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from critique.activity.hooks import jobs as hook_jobs
from critique.activity.hooks import operations
from critique.activity.hooks.hearing import keep_telling
from critique.activity.hooks.keys import secret_for
from critique.activity.hooks.models import Delivery, Webhook
from critique.activity.hooks.occasions import OCCASIONS
from critique.events.models import Event
from critique.events.record import record_event
from critique.plumbing import clock, jobs, trace
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review, create_review
from tests.conftest import load_person
from tests.receiver import receiving

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
def now():
    """Monday afternoon, standing still until it is moved."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def receiver(app, settings):
    app.extensions["critique_settings"] = dataclasses.replace(settings, call_own_machine=True)
    with receiving() as made:
        yield made


@pytest.fixture
def hooked(app, cast, receiver) -> int:
    """A webhook of Juniper to the receiver, told of everything."""
    return hook(app, cast, receiver.address)


def hook(app, cast, address: str, kind: str = "plain", occasions=tuple(OCCASIONS)) -> int:
    with app.app_context(), transaction():
        return operations.create_webhook(
            by=load_person(cast.wei),
            team_id=cast.team,
            name="Channel",
            kind=kind,
            address=address,
            occasions=occasions,
        ).id


def post(app, cast, **wishes) -> int:
    wishes = {"title": "Checkout", "reviewers": ["oliver@example.com"], **wishes}
    with one_request(app):
        return create_review(by=load_person(cast.maya), team_id=cast.team, **wishes).id


@contextmanager
def one_request(app):
    """What happens inside is what one request of a person does."""
    token = trace.request_id.set(secrets.token_hex(8))
    try:
        with app.app_context(), transaction():
            yield
    finally:
        trace.request_id.reset(token)


def messages(app) -> list[Delivery]:
    with app.app_context():
        found = list(db.session.scalars(sa.select(Delivery).order_by(Delivery.id)))
        db.session.expunge_all()
        return found


def webhook(app, webhook_id: int) -> Webhook:
    with app.app_context():
        found = db.session.get_one(Webhook, webhook_id)
        db.session.expunge_all()
        return found


def attempt(app, delivery: Delivery) -> Delivery:
    """The next try of a message, which its delayed job would make."""
    with app.app_context():
        hook_jobs.send_delivery(delivery.id, delivery.attempts)
    return next(one for one in messages(app) if one.id == delivery.id)


def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a message is signed with a secret, as docs/webhooks.md says to check it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(one, f"v1,{made}") for one in given)


def test_a_request_is_told_signed_and_without_its_brief(app, cast, hooked, receiver, run_jobs, now):
    review_id = post(
        app, cast, brief="Nobody outside may read this.", review_by="in 4 working hours"
    )
    run_jobs()
    [taken] = receiver.taken
    assert taken.headers["content-type"] == "application/json"
    with app.app_context():
        secret = secret_for(db.session.get_one(Webhook, hooked))
    assert is_genuine(secret, taken.headers, taken.body)
    assert not is_genuine(secret, taken.headers, taken.body + b" ")
    assert not is_genuine(
        "whsec_" + base64.b64encode(b"x" * 32).decode(), taken.headers, taken.body
    )
    assert int(taken.headers["webhook-timestamp"]) == int(MONDAY.timestamp())
    told = json.loads(taken.body)
    assert told["type"] == "review.created"
    assert told["timestamp"] == "2026-11-23T15:00:00Z"
    assert told["data"]["by"] == "Maya"
    assert told["data"]["url"] == f"http://localhost/reviews/{review_id}"
    assert told["data"]["review"]["title"] == "Checkout"
    assert told["data"]["review"]["review_by"] == "2026-11-23T19:00:00Z"
    assert "Nobody outside" not in taken.body.decode()
    [kept] = messages(app)
    assert (kept.state, kept.status_code, kept.attempts, kept.answer) == ("delivered", 200, 1, "ok")


def test_the_message_and_its_job_are_of_the_events_own_transaction(app, cast, hooked):
    def undone():
        with app.app_context(), transaction():
            create_review(by=load_person(cast.maya), team_id=cast.team, title="Undone")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undone()
    assert messages(app) == []
    with app.app_context():
        assert jobs.unfinished() == []


def test_another_teams_webhook_hears_nothing(app, cast, hooked, receiver, run_jobs):
    with app.app_context(), transaction():
        create_review(by=load_person(cast.rival), team_id=cast.other_team, title="Theirs")
    run_jobs()
    assert receiver.taken == []


def test_only_what_was_chosen_is_told(app, cast, receiver, run_jobs):
    hook(app, cast, receiver.address, occasions=["review.closed"])
    review_id = post(app, cast)
    assert messages(app) == []
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=review_id, reason="A secret reason.")
    run_jobs()
    [taken] = receiver.taken
    assert json.loads(taken.body)["type"] == "review.closed"
    assert "secret reason" not in taken.body.decode()


def test_one_act_is_one_message_by_the_weightiest_of_it(app, cast, hooked, receiver, run_jobs):
    """A verdict makes it somebody's move, and is told as the verdict, whichever is heard first."""
    review_id = post(app, cast)
    run_jobs()
    receiver.taken.clear()
    for verbs in (("turn.given", "verdict.given"), ("verdict.given", "turn.given", "turn.given")):
        with one_request(app):
            for verb in verbs:
                record(verb, cast, review_id, verdict="looks_good")
        run_jobs()
        [taken] = receiver.taken
        assert json.loads(taken.body)["type"] == "verdict.given"
        assert json.loads(taken.body)["data"]["verdict"] == "looks_good"
        receiver.taken.clear()


def record(verb: str, cast, review_id: int, **details) -> None:
    record_event(
        verb,
        by_id=cast.oliver,
        subject=verb.partition(".")[0],
        subject_id=1,
        team_id=cast.team,
        review_id=review_id,
        details=details,
    )


@pytest.mark.parametrize(("version", "told"), [(2, 1), (None, 0)])
def test_a_version_is_told_and_a_recorded_reply_is_not(
    app, cast, hooked, receiver, run_jobs, version, told
):
    review_id = post(app, cast)
    run_jobs()
    receiver.taken.clear()
    with one_request(app):
        record("walkthrough.posted", cast, review_id, version=version)
    run_jobs()
    assert [json.loads(one.body)["data"]["version"] for one in receiver.taken] == [version] * told


def test_a_failed_message_is_tried_again_after_1_5_15_and_60_minutes_under_the_same_id(
    app, cast, hooked, receiver, run_jobs, now
):
    receiver.status, receiver.body = 503, b"<b>later</b>\0"
    post(app, cast)
    run_jobs()
    waits, at = [], MONDAY
    for _ in range(6):
        [kept] = messages(app)
        assert (kept.state, kept.status_code, kept.failure) == ("waiting", 503, "It answered 503.")
        waits.append((kept.next_try_at - at) / timedelta(minutes=1))
        at = kept.next_try_at
        now.move_to(at)
        attempt(app, kept)
    assert waits == [1, 5, 15, 60, 60, 60]
    receiver.status = 204
    [kept] = messages(app)
    now.move_to(kept.next_try_at)
    assert kept.answer == "<b>later</b>"
    assert attempt(app, kept).state == "delivered"
    assert len({one.headers["webhook-id"] for one in receiver.taken}) == 1
    assert len({one.body for one in receiver.taken}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.taken}) == 8


def test_a_receiver_that_asks_for_more_time_gets_it_up_to_an_hour(
    app, cast, hooked, receiver, run_jobs, now
):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    post(app, cast)
    run_jobs()
    [kept] = messages(app)
    assert kept.next_try_at == MONDAY + timedelta(minutes=10)
    receiver.headers = {"Retry-After": "999999"}
    now.move_to(kept.next_try_at)
    assert attempt(app, kept).next_try_at == MONDAY + timedelta(minutes=70)


def test_after_48_hours_the_webhook_is_switched_off_and_its_leads_are_told(
    app, cast, hooked, receiver, run_jobs, now
):
    receiver.status = 500
    post(app, cast)
    run_jobs()
    now.move_to(MONDAY + timedelta(hours=47, minutes=58))
    post(app, cast, title="Later")
    run_jobs()
    first, later = messages(app)
    assert attempt(app, first).state == "failed"
    off = webhook(app, hooked)
    assert off.switched_off_why == (
        "Nothing was taken for 48 hours. The last try: It answered 500."
    )
    assert messages(app)[1].state == "dropped"
    calls = len(receiver.taken)
    attempt(app, later)
    post(app, cast, title="Not told")
    run_jobs()
    assert len(receiver.taken) == calls
    with app.app_context():
        letters = db.session.scalars(sa.select(Letter).where(Letter.kind == "webhook")).all()
        assert {letter.person_id for letter in letters} == {cast.wei, cast.ada}
        assert letters[0].text.startswith("Your move: ")
        assert "It answered 500." in letters[0].text
        verbs = db.session.scalars(sa.select(Event.verb).where(Event.subject == "webhook")).all()
        assert verbs == ["webhook.created", "webhook.switched_off"]


def test_a_receiver_that_takes_others_stays_on(app, cast, hooked, receiver, run_jobs, now):
    receiver.status = 422
    post(app, cast)
    run_jobs()
    now.move_to(MONDAY + timedelta(hours=20))
    receiver.status = 200
    post(app, cast, title="Taken")
    run_jobs()
    receiver.status = 422
    now.move_to(MONDAY + timedelta(hours=48))
    assert attempt(app, messages(app)[0]).state == "failed"
    assert webhook(app, hooked).is_active


def test_gone_switches_it_off_at_once(app, cast, hooked, receiver, run_jobs):
    receiver.status = 410
    post(app, cast)
    run_jobs()
    assert messages(app)[0].state == "failed"
    assert "410" in webhook(app, hooked).switched_off_why


def test_a_redirect_is_noted_and_not_followed(app, cast, hooked, receiver, run_jobs):
    receiver.status, receiver.headers = 302, {"Location": f"{receiver.address}/inside"}
    post(app, cast)
    run_jobs()
    [kept] = messages(app)
    assert (kept.state, kept.status_code) == ("waiting", 302)
    assert "redirect" in kept.failure
    assert len(receiver.taken) == 1


def test_an_address_that_leads_inside_by_now_is_not_called(app, cast, hooked, settings, run_jobs):
    app.extensions["critique_settings"] = settings
    post(app, cast)
    run_jobs()
    [kept] = messages(app)
    assert (kept.state, kept.status_code) == ("waiting", None)
    assert "public addresses only" in kept.failure


def test_a_huge_answer_is_kept_to_its_beginning(app, cast, hooked, receiver, run_jobs):
    receiver.body = "é".encode() * 1_000_000
    post(app, cast)
    run_jobs()
    [kept] = messages(app)
    assert (kept.state, kept.answer) == ("delivered", "é" * 500)


def test_killed_between_the_answer_and_the_note_it_is_sent_again_under_the_same_id(
    app, cast, hooked, receiver, run_jobs, monkeypatch
):
    post(app, cast)
    [kept] = messages(app)

    class Killed(BaseException):
        pass

    def killed(*_args):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(hook_jobs, "_note", killed)
        with pytest.raises(Killed):
            attempt(app, kept)
    assert messages(app)[0].state == "waiting"
    run_jobs()
    assert messages(app)[0].state == "delivered"
    one, two = receiver.taken
    assert (one.headers["webhook-id"], one.body) == (two.headers["webhook-id"], two.body)


def test_no_transaction_is_open_while_it_is_sent(app, cast, hooked, receiver, run_jobs):
    """The receiver's own write waits for nobody: on SQLite one open transaction would block it."""
    seen = []

    def write(handler):
        with app.app_context(), transaction():
            seen.append(db.session.get_one(Review, 1, with_for_update=True).id)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    receiver.write = write
    post(app, cast)
    run_jobs()
    assert seen == [1]
    assert messages(app)[0].state == "delivered"


def test_a_try_that_was_made_is_not_made_again(app, cast, hooked, receiver, run_jobs):
    post(app, cast)
    run_jobs()
    with app.app_context():
        hook_jobs.send_delivery(messages(app)[0].id, 0)
        hook_jobs.send_delivery(messages(app)[0].id, 1)
        hook_jobs.send_delivery(987_654, 0)
    assert len(receiver.taken) == 1


def test_for_a_day_after_a_rotation_both_secrets_sign(app, cast, hooked, receiver, run_jobs, now):
    def rotate() -> str:
        with app.app_context(), transaction():
            return secret_for(operations.rotate_secret(by=load_person(cast.wei), webhook_id=hooked))

    with app.app_context():
        old = secret_for(db.session.get_one(Webhook, hooked))
    new = rotate()
    for later, both in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        now.move_to(MONDAY + later)
        receiver.taken.clear()
        post(app, cast)
        run_jobs()
        [taken] = receiver.taken
        assert is_genuine(new, taken.headers, taken.body)
        assert is_genuine(old, taken.headers, taken.body) is both


def test_the_secret_is_in_no_row_of_the_database(app, cast, hooked):
    with app.app_context():
        row = db.session.get_one(Webhook, hooked)
        secret = secret_for(row)
        kept = [getattr(row, column.key) for column in Webhook.__table__.columns]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret.removeprefix("whsec_") not in str(kept)


@pytest.mark.parametrize("address", ["https://10.0.0.1/", "http://example.com/", "https://a"])
def test_an_address_that_is_never_called_is_not_kept(app, cast, address):
    with pytest.raises(Invalid) as refused:
        hook(app, cast, address)
    assert "public addresses only" in refused.value.fields["address"]


def test_a_team_has_so_many_and_no_more(app, cast, monkeypatch):
    monkeypatch.setattr(operations, "MOST_WEBHOOKS", 1)
    hook(app, cast, "https://example.com/")
    with pytest.raises(Conflict, match="at most 1"):
        hook(app, cast, "https://example.com/")


def test_a_removed_one_is_told_nothing_more_and_its_address_is_forgotten(
    app, cast, hooked, receiver, run_jobs
):
    post(app, cast)
    with app.app_context(), transaction():
        operations.remove_webhook(by=load_person(cast.ada), webhook_id=hooked)
    post(app, cast, title="Later")
    run_jobs()
    assert receiver.taken == []
    assert [one.state for one in messages(app)] == ["dropped"]
    assert webhook(app, hooked).address == ""


def test_a_trial_reaches_also_what_is_switched_off_and_is_not_repeated(
    app, cast, hooked, receiver, run_jobs
):
    def trial():
        with app.app_context(), transaction():
            operations.try_webhook(by=load_person(cast.wei), webhook_id=hooked)
        run_jobs()
        return messages(app)[-1]

    with app.app_context(), transaction():
        operations.switch_off_webhook(by=load_person(cast.wei), webhook_id=hooked)
    assert trial().state == "delivered"
    assert json.loads(receiver.taken[0].body)["type"] == "webhook.tried"
    receiver.status = 500
    assert trial().state == "failed"


def test_trying_again_goes_at_once_and_begins_anew(app, cast, hooked, receiver, run_jobs, now):
    receiver.status = 500
    post(app, cast)
    run_jobs()
    again = [messages(app)[0].attempts]

    def press():
        [kept] = messages(app)
        with app.app_context(), transaction():
            operations.send_again(by=load_person(cast.wei), delivery_id=kept.id)
        run_jobs()
        again.append(messages(app)[0].attempts)

    press()
    assert again == [1, 2]
    now.move_to(MONDAY + timedelta(hours=49))
    assert attempt(app, messages(app)[0]).state == "failed"
    with pytest.raises(Conflict, match="switched off"):
        press()
    with app.app_context(), transaction():
        operations.switch_on_webhook(by=load_person(cast.wei), webhook_id=hooked)
    press()
    [kept] = messages(app)
    assert (kept.state, kept.next_try_at - clock.now()) == ("waiting", timedelta(minutes=1))
    receiver.status = 200
    press()
    with pytest.raises(Conflict, match="delivered already"):
        press()


def tick(app, run_jobs) -> None:
    with app.app_context(), transaction():
        keep_telling(clock.now())
    run_jobs()


def test_a_deadline_is_told_once_when_it_is_near_and_again_when_it_was_moved(
    app, cast, receiver, run_jobs, now
):
    hook(app, cast, receiver.address, occasions=["deadline.neared"])
    review_id = post(app, cast, review_by="2026-11-24T15:00:00Z")
    post(app, cast, title="Soon, but only just asked", review_by="2026-11-24T14:00:00Z")
    with app.app_context(), transaction():
        db.session.get_one(Review, review_id + 1).created_at = MONDAY + timedelta(hours=22)
    told = []
    for hours in (0, 21.9, 22, 22.1):
        now.move_to(MONDAY + timedelta(hours=hours))
        tick(app, run_jobs)
        tick(app, run_jobs)
        told.append([json.loads(one.body)["data"]["review"]["id"] for one in receiver.taken])
    assert told == [[], [], [review_id], [review_id]]
    with app.app_context(), transaction():
        review = db.session.get_one(Review, review_id)
        review.review_by += timedelta(hours=24)
    now.move_to(MONDAY + timedelta(hours=47))
    tick(app, run_jobs)
    assert len(receiver.taken) == 2


def test_what_lost_its_job_is_sent_all_the_same_and_what_is_old_is_forgotten(
    app, cast, hooked, receiver, run_jobs, now
):
    post(app, cast)
    with app.app_context():
        jobs.client().cancel_workflow(f"delivery-{messages(app)[0].id}-0")
    run_jobs()
    assert receiver.taken == []
    now.move_to(MONDAY + timedelta(minutes=16))
    tick(app, run_jobs)
    assert messages(app)[0].state == "delivered"
    now.move_to(MONDAY + timedelta(days=31))
    tick(app, run_jobs)
    assert messages(app) == []


def test_the_code_of_the_documentation_tells_ours_from_others(
    app, cast, hooked, receiver, run_jobs, now
):
    page = (ROOT / "docs" / "webhooks.md").read_text()
    names: dict = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)
    post(app, cast)
    run_jobs()
    [taken] = receiver.taken
    with app.app_context():
        secret = secret_for(db.session.get_one(Webhook, hooked))
    assert names["is_genuine"](secret, taken.headers, taken.body)
    assert not names["is_genuine"](secret, taken.headers, taken.body + b" ")
    now.move_to(MONDAY + timedelta(minutes=6))
    assert not names["is_genuine"](secret, taken.headers, taken.body)
