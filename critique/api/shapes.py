"""What the API answers. Times are RFC 3339 in UTC; `*_ms` are integers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from critique.accounts.login import asker
from critique.api.person_shape import PersonShape
from critique.api.turn_shape import TurnShape
from critique.mentoring.models import Turn
from critique.mentoring.words import whose_move
from critique.plumbing import clock
from critique.reviews.live_or_written import Way, advice_on
from critique.reviews.models import Review
from critique.walkthroughs.models import Still, Walkthrough
from critique.walkthroughs.queries import (
    media_path,
    same_as,
    sources_of,
    still_path,
    walkthroughs_of,
)
from critique.web.app import absolute_url, settings


class Problem(BaseModel):
    """An error (RFC 9457): `detail` is a sentence for people, `fields` name what to mend."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, str] = {}
    request_id: str | None = None


class StepShape(BaseModel):
    """One step of making a walkthrough usable."""

    name: str
    state: str
    reason: str | None


class WalkthroughSummary(BaseModel):
    """A version in a request's list."""

    id: int
    version: int | None
    kind: str
    state: str
    reason: str | None
    note: str
    steps: list[StepShape]

    @classmethod
    def of(cls, walkthrough: Walkthrough) -> WalkthroughSummary:
        """From a record with its steps loaded."""
        return cls(
            id=walkthrough.id,
            version=walkthrough.version,
            kind=walkthrough.kind,
            state=walkthrough.state,
            reason=walkthrough.reason,
            note=walkthrough.note,
            steps=steps_of(walkthrough),
        )


def steps_of(walkthrough: Walkthrough) -> list[StepShape]:
    """The steps in their order."""
    return [StepShape(name=s.name, state=s.state, reason=s.reason) for s in walkthrough.steps]


class SourceShape(BaseModel):
    """Something a browser can play."""

    url: str
    type: str


class StillShape(BaseModel):
    """One picture of a version; `url` shows it, and is empty until it was read."""

    id: int
    position: int
    filename: str
    sha256: str
    url: str | None
    width: int | None
    height: int | None

    @classmethod
    def of(cls, still: Still) -> StillShape:
        """From a record."""
        url = settings().base_url + still_path(still, "picture") if still.picture_key else None
        return cls(
            id=still.id,
            position=still.position,
            filename=still.filename,
            sha256=still.sha256,
            url=url,
            width=still.width,
            height=still.height,
        )


class WalkthroughShape(WalkthroughSummary):
    """One version with everything to play and show it.

    `kind` is recording or stills (pictures, without a clock). `same_as` is the id of an earlier
    version that is the same file, byte for byte. Of a removed one the files are gone.
    """

    review_id: int
    filename: str
    sha256: str | None
    duration_ms: int | None
    width: int | None
    height: int | None
    sources: list[SourceShape]
    poster: str | None
    sprite: str | None
    peaks: str | None
    stills: list[StillShape]
    same_as: int | None
    removed_at: datetime | None

    @classmethod
    def of(cls, walkthrough: Walkthrough) -> WalkthroughShape:
        """From a record with its steps loaded."""
        twin = same_as(walkthrough, walkthroughs_of(walkthrough.review_id))
        base = settings().base_url

        def file(kind: str, key: str | None) -> str | None:
            there = key is not None and walkthrough.removed_at is None
            return base + media_path(walkthrough, kind) if there else None

        return cls(
            **WalkthroughSummary.of(walkthrough).model_dump(),
            review_id=walkthrough.review_id,
            filename=walkthrough.filename,
            sha256=walkthrough.sha256,
            duration_ms=walkthrough.duration_ms,
            width=walkthrough.width,
            height=walkthrough.height,
            sources=[SourceShape(url=base + s.url, type=s.type) for s in sources_of(walkthrough)],
            poster=file("poster", walkthrough.poster_key),
            sprite=file("sprite.vtt", walkthrough.sprite_track_key),
            peaks=file("peaks", walkthrough.peaks_key),
            stills=[StillShape.of(still) for still in walkthrough.stills],
            same_as=twin.id if twin else None,
            removed_at=walkthrough.removed_at,
        )


class ReviewSummary(BaseModel):
    """A request in a list; `whose_move` says `turns` in a sentence to the caller.

    No turn in an open request means that everybody who mentors may take it.
    """

    id: int
    url: str
    title: str
    state: str
    stage: str
    team: str
    project: str | None
    author: PersonShape
    review_by: datetime | None
    review_by_zone: str
    review_by_rule: str
    created_at: datetime
    whose_move: str
    turns: list[TurnShape]

    @classmethod
    def of(cls, review: Review, turns: Sequence[Turn]) -> ReviewSummary:
        """From a record with its details loaded, and its turns in force."""
        viewer = asker()
        move = whose_move(review, turns, viewer=viewer, now=clock.now())
        return cls(
            id=review.id,
            url=absolute_url("pages.room", review_id=review.id),
            title=review.title,
            state="closed" if review.closure else "open",
            stage=review.stage,
            team=review.team.name,
            project=review.project.name if review.project else None,
            author=PersonShape.of(review.author),
            review_by=review.review_by,
            review_by_zone=review.review_by_zone,
            review_by_rule=review.review_by_rule,
            created_at=review.created_at,
            whose_move=move.sentence,
            turns=[TurnShape.of(turn, viewer) for turn in turns],
        )


class AimShape(BaseModel):
    """One thing the author wants to know."""

    id: int
    text: str


class RecommendationShape(BaseModel):
    """What the ticks recommend: `way` is live or written; `booking` is where one is booked."""

    way: Way
    reason: str
    booking: str | None

    @classmethod
    def of(cls, review: Review) -> RecommendationShape:
        """From a record."""
        advice = advice_on(review.ticks)
        booking = absolute_url("sessions.new", review_id=review.id)
        live = advice.way == "live"
        return cls(way=advice.way, reason=advice.reason, booking=booking if live else None)


class ReviewShape(ReviewSummary):
    """A request with everything it says and its versions."""

    brief: str
    aims: list[AimShape]
    off_limits: str
    links: list[str]
    reviewers: list[PersonShape]
    skills: list[str]
    ticks: list[str]
    recommendation: RecommendationShape
    revision: int
    walkthroughs: list[WalkthroughSummary]

    @classmethod
    def of(  # type: ignore[override]  # a summary needs no versions
        cls, review: Review, turns: Sequence[Turn], walkthroughs: list[Walkthrough]
    ) -> ReviewShape:
        """From a record with its details, its turns in force, and its versions."""
        return cls(
            **ReviewSummary.of(review, turns).model_dump(),
            brief=review.brief,
            aims=[AimShape(id=aim.id, text=aim.text) for aim in review.aims],
            off_limits=review.off_limits,
            links=[link.url for link in review.links],
            reviewers=[PersonShape.of(row.person) for row in review.reviewers],
            skills=[row.skill for row in review.skills],
            ticks=review.ticks,
            recommendation=RecommendationShape.of(review),
            revision=review.revision,
            walkthroughs=[WalkthroughSummary.of(w) for w in walkthroughs],
        )
