"""The room: one request with its walkthrough, its words and the talk about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for

from critique.accounts.access import MENTORING_ROLES, role_in
from critique.accounts.login import asker, signed_in
from critique.accounts.models import Person
from critique.activity.queries import is_muted
from critique.comments.queries import newest_change
from critique.comments.talk import talk_of
from critique.mentoring.models import Claim
from critique.mentoring.queries import claim_on
from critique.pages import blueprint
from critique.pages.room_live import live_offer
from critique.pages.room_review import own_review, standing_parts
from critique.pages.room_session import session_parts
from critique.pages.room_stills import pictures_of
from critique.pages.room_words import KIND_WORDS, WEIGHT_WORDS, passages_of
from critique.pairing.sessions.outcomes import talks_about
from critique.plumbing import clock
from critique.reviews.access import may_edit, review_for
from critique.reviews.models import Review
from critique.reviews.queries import warnings_for
from critique.walkthroughs.frame_clock import frame_clock_of
from critique.walkthroughs.models import Transcript, Walkthrough
from critique.walkthroughs.queries import (
    removed_version,
    same_as,
    sources_of,
    transcript_of,
    walkthroughs_of,
)
from critique.walkthroughs.words import Word, words_from


@blueprint.get("/reviews/<int:review_id>")
@signed_in
def room(review_id: int) -> str:
    """Show one request. `?v=2` picks the version (else the newest), `?t=` is a moment in ms."""
    person = asker()
    review = review_for(person, review_id)
    versions = walkthroughs_of(review.id)
    claim = claim_on(review.id, clock.now())
    shown = _chosen(versions)
    return render_template(
        "pages/room.html",
        **_request_parts(person, review, versions, claim),
        **_walkthrough_parts(person, review, shown, renew_url=_renew_url(person, claim)),
        **session_parts(person, review),
        talks=talks_about(review.id),
        versions=versions,
        walkthrough=shown,
        twin=same_as(shown, versions) if shown else None,
        removed=removed_version(review.id, request.args.get("v", type=int)),
        kinds=KIND_WORDS,
        weights=WEIGHT_WORDS,
        at_ms=request.args.get("t", 0, type=int),
    )


def _chosen(versions: Sequence[Walkthrough]) -> Walkthrough | None:
    wanted = request.args.get("v", type=int)
    return next((v for v in versions if v.version == wanted), versions[-1] if versions else None)


def _request_parts(
    person: Person, review: Review, versions: Sequence[Walkthrough], claim: Claim | None
) -> dict[str, Any]:
    role = role_in(person, review.team_id)
    return {
        "review": review,
        "claim": claim,
        "mine": review.author_id == person.id,
        "may_edit": may_edit(person, review),
        "may_claim": role in MENTORING_ROLES and review.author_id != person.id,
        "outside_hours": warnings_for(review),
        "muted": is_muted(person, review.id),
        "live": live_offer(person, review, claim),
        **standing_parts(person, review, versions),
    }


def _renew_url(person: Person, claim: Claim | None) -> str | None:
    """Where the page says that the holder of the claim is at work; None for everybody else."""
    if claim is None or claim.person_id != person.id:
        return None
    return url_for("mentoring.renew", review_id=claim.review_id)


def _walkthrough_parts(
    person: Person, review: Review, shown: Walkthrough | None, *, renew_url: str | None
) -> dict[str, Any]:
    if shown is None:
        nothing: dict[str, Any] = {
            "threads": [],
            "passages": [],
            "sources": [],
            "stills": pictures_of(None, []),
        }
        nothing |= {"transcript": None, "data": None}
        return nothing | own_review(person, review, None, [])
    transcript = transcript_of(shown.id)
    words = words_from(transcript.words) if transcript else []
    # Before the threads: what happens in between is fetched once more, never missed.
    newest = newest_change(review.id)
    threads = talk_of(shown.id)
    return {
        "threads": threads,
        **own_review(person, review, shown, threads),
        "newest": newest,
        "passages": passages_of(words),
        "transcript": transcript,
        "sources": sources_of(shown),
        "stills": pictures_of(shown, threads),
        "data": _data(person, shown, transcript, words, newest) | {"renew_url": renew_url},
    }


def _data(
    person: Person,
    shown: Walkthrough,
    transcript: Transcript | None,
    words: Sequence[Word],
    newest: int,
) -> dict[str, Any]:
    """What the modules of the page need; `words` are [id, start_ms, end_ms] in order."""

    def media(kind: str, key: str | None) -> str | None:
        return url_for("walkthroughs.media", walkthrough_id=shown.id, kind=kind) if key else None

    return {
        "walkthrough": shown.id,
        "version": shown.version,
        "kind": shown.kind,
        "stills": [{"id": still.id} for still in shown.stills],
        "state": shown.state,
        "person": {"id": person.id, "name": person.name},
        "duration_ms": shown.duration_ms or 0,
        "frames": frame_clock_of(shown),
        "transcript": transcript.id if transcript else None,
        "words": [[word.id, word.start_ms, word.end_ms] for word in words],
        "newest": newest,
        "peaks": media("peaks", shown.peaks_key),
        "sprite": media("sprite", shown.sprite_key),
        "sprite_track": media("sprite.vtt", shown.sprite_track_key),
        "threads_url": url_for("comments.threads", walkthrough_id=shown.id),
    }
