"""What happens around one request, told step by step: each step is a transaction and a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from flask import Flask

from critique.accounts.models import Membership
from critique.accounts.operations.memberships import end_membership
from critique.comments import operations as talk
from critique.comments.models import Comment, Resolution
from critique.comments.naming import see_mentions
from critique.comments.operations.reactions import add_reaction
from critique.mentoring.models import Turn
from critique.mentoring.operations import claim_review, release_claim
from critique.mentoring.passing import hand_over_turn, put_turn_aside
from critique.mentoring.turns import turns_on
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews import operations as reviews
from critique.reviews.access import review_for
from critique.reviews.models import Review
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.removal import take_away
from tests.conftest import load_person
from tests.people import Cast

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class Story:
    """Maya's request in Juniper; `at` is the moment of the next step."""

    def __init__(self, app: Flask, cast: Cast, at: datetime = MONDAY) -> None:
        self.app, self.cast, self.at = app, cast, at
        self.names = {getattr(cast, name): name for name in ("maya", "oliver", "wei", "ada")}
        self.review = 0

    @contextmanager
    def step(self) -> Iterator[None]:
        """A transaction at a minute of its own."""
        self.at += timedelta(minutes=1)
        with time_machine.travel(self.at, tick=False), self.app.app_context(), transaction():
            yield

    def post(self, *asked: int, **wishes: Any) -> int:
        with self.step():
            self.review = reviews.create_review(
                by=load_person(self.cast.maya), team_id=self.cast.team, title="Checkout",
                reviewers=[str(one) for one in asked], **wishes,
            ).id  # fmt: skip
        return self.review

    def show(self, version: int = 1) -> int:
        """Post a version, as the end of an upload does."""
        with self.step():
            walkthrough = Walkthrough(
                review_id=self.review, version=version, uploaded_by_id=self.cast.maya,
                filename="take.mp4", state="ready", duration_ms=60_000, created_at=clock.now(),
            )  # fmt: skip
            db.session.add(walkthrough)
            db.session.flush()
            record("walkthrough.posted", load_person(self.cast.maya), walkthrough)
            return walkthrough.id

    def remove(self, walkthrough_id: int) -> None:
        with self.step():
            take_away(db.session.get_one(Walkthrough, walkthrough_id), by=self.maya())

    def maya(self):
        return load_person(self.cast.maya)

    def newest(self) -> Walkthrough:
        chosen = db.select(Walkthrough).where(Walkthrough.review_id == self.review)
        return db.session.scalars(chosen.order_by(Walkthrough.version.desc())).first()

    def say(self, who: int, body: str = "Too small.", kind: str = "suggestion") -> int:
        with self.step():
            return talk.add_comment(
                by=load_person(who), walkthrough=self.newest(), body=body, kind=kind,
                weight="take_it_or_leave_it", start_ms=0, end_ms=0,
            ).id  # fmt: skip

    def on(self, comment_id: int, act: Callable[[Comment], Any]) -> Any:
        with self.step():
            made = act(db.session.get_one(Comment, comment_id))
            return getattr(made, "id", None)

    def reply(self, who: int, comment_id: int, body: str = "Thanks.") -> int:
        return self.on(
            comment_id, lambda c: talk.add_reply(by=load_person(who), comment=c, body=body)
        )

    def resolve(self, who: int, comment_id: int, how: str = "done", note: str = "So.") -> int:
        return self.on(
            comment_id,
            lambda c: talk.resolve_comment(by=load_person(who), comment=c, how=how, note=note),
        )

    def confirm(self, who: int, comment_id: int) -> Resolution:
        return self.on(
            comment_id, lambda c: talk.confirm_resolution(by=load_person(who), comment=c)
        )

    def take_up(self, who: int, comment_id: int) -> None:
        self.on(comment_id, lambda c: talk.reopen_comment(by=load_person(who), comment=c))

    def react(self, who: int, comment_id: int) -> None:
        self.on(comment_id, lambda c: add_reaction(by=load_person(who), to=c, kind="agree"))

    def look(self, who: int, comment_id: int) -> None:
        self.on(comment_id, lambda c: see_mentions(by=load_person(who), comment=c))

    def uncomment(self, who: int, comment_id: int) -> None:
        self.on(comment_id, lambda c: talk.remove_comment(by=load_person(who), comment=c))

    def aside(self, who: int) -> None:
        with self.step():
            put_turn_aside(by=load_person(who), review_id=self.review)

    def hand_over(self, who: int, to: int) -> None:
        with self.step():
            review = review_for(load_person(who), self.review, lock=True)
            hand_over_turn(by=load_person(who), review=review, from_id=who, to_id=to)

    def leave(self, who: int) -> None:
        with self.step():
            seat = db.session.scalar(db.select(Membership).where(Membership.person_id == who))
            end_membership(
                by=load_person(self.cast.ada), team_id=seat.team_id, membership_id=seat.id
            )

    def judge(self, who: int, verdict: str) -> None:
        with self.step():
            talk.give_verdict(by=load_person(who), walkthrough=self.newest(), verdict=verdict)

    def edit(self, **wishes: Any) -> None:
        with self.step():
            review = db.session.get_one(Review, self.review)
            reviews.edit_review(
                by=self.maya(), review_id=self.review, revision=review.revision, **wishes
            )

    def close(self) -> None:
        with self.step():
            reviews.close_review(by=self.maya(), review_id=self.review)

    def reopen(self) -> None:
        with self.step():
            reviews.reopen_review(by=self.maya(), review_id=self.review)

    def claim(self, who: int) -> None:
        with self.step():
            claim_review(by=load_person(who), review_id=self.review)

    def release(self, who: int) -> None:
        with self.step():
            release_claim(by=load_person(who), review_id=self.review)

    def moves(self) -> dict[str, str]:
        """Whose move it is and why: names and reasons."""
        with self.read():
            turns = turns_on([self.review])[self.review]
            return {self.names[turn.person_id]: turn.reason for turn in turns}

    def since(self) -> dict[str, datetime]:
        with self.read():
            return {
                self.names[turn.person_id]: turn.since
                for turn in turns_on([self.review])[self.review]
            }

    def endings(self) -> list[tuple[str, str, str]]:
        """The turns that ended, in order: who, why it was theirs, how it ended."""
        with self.read():
            chosen = db.select(Turn).where(Turn.ended_at.is_not(None))
            return [
                (self.names[turn.person_id], turn.reason, turn.ended_how)
                for turn in db.session.scalars(chosen.order_by(Turn.ended_at, Turn.id))
            ]

    @contextmanager
    def read(self) -> Iterator[None]:
        with time_machine.travel(self.at, tick=False), self.app.app_context(), snapshot():
            yield
