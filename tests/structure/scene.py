"""A whole team at work in Juniper, so that every route has something real to be asked for.

Everything said in it carries the word CANARY: where that word turns up for a stranger, it leaked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from critique.accounts.models import ApiToken, Membership, Person, SignIn
from critique.accounts.operations import add_absence, invite_person, issue_token
from critique.accounts.operations.links import mailed_secret, new_link
from critique.accounts.passwords import hash_password
from critique.activity.hooks.models import Webhook
from critique.activity.hooks.operations import create_webhook, switch_off_webhook, try_webhook
from critique.activity.models import Notice
from critique.comments.operations import (
    add_comment,
    add_draft,
    add_reply,
    confirm_resolution,
    resolve_comment,
)
from critique.comments.operations.reactions import add_reaction
from critique.letters.models import IncomingLetter
from critique.mentoring.operations import claim_review
from critique.mentoring.sharing import share_loops
from critique.pairing.groups.operations import add_group, put_in_group
from critique.pairing.groups.queries import whole_team
from critique.pairing.models import Meeting, Round, Seating
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import open_block
from critique.pairing.week.keys import secret_of
from critique.pairing.week.models import CalendarAddress
from critique.pairing.week.operations import make_calendar_address
from critique.pairing.weeks import week_at_hand
from critique.pairing.wishes.operations import keep_apart
from critique.plumbing import clock
from critique.plumbing.calendar import week_of
from critique.plumbing.db import db
from critique.plumbing.lists import list_token
from critique.plumbing.mailer import write_letter
from critique.plumbing.search import Passage, replace_entries
from critique.plumbing.storage import storage
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review, create_review
from critique.walkthroughs.models import STEP_NAMES, Step, Still, Transcript, Upload, Walkthrough
from tests.conftest import load_person
from tests.people import Cast, person

CANARY = "quillfeather"
OLD_WEEK = "2026-W02"
# Said only in a draft of Oliver's, so nobody else may ever read it.
UNSENT = "thistledown"
PASSWORD = "a long enough password"
SPOKEN = f"the {CANARY} total sits above the button now and the rule is lighter"
FILES = ("original", "playable", "poster", "sprite", "sprite.vtt", "peaks")


@dataclass(frozen=True)
class Scene:
    """Ids of one of each, and who is who (`None` is a guest)."""

    people: dict[str, int | None]
    ids: dict[str, int | str]
    closed_review: int
    settled_comment: int
    confirmed_comment: int
    rivals_review: int
    secrets: list[str] = field(default_factory=list)

    @property
    def review(self) -> int:
        return int(self.ids["review_id"])

    @property
    def over_meeting(self) -> int:
        """A meeting of Maya and Oliver that is over."""
        meetings: Any = self.ids["meeting_id"]
        return int(meetings["week"])

    @property
    def later_walkthrough(self) -> int:
        """The next version of the same work, still being uploaded."""
        return int(self.ids["later"])

    @property
    def walkthrough(self) -> int:
        return int(self.ids["walkthrough_id"])


def set_scene(app: Flask, cast: Cast, folder: Path) -> Scene:
    """Seat everybody and make one of each thing."""
    password_hash = hashed()
    with app.app_context():
        store_files(folder)
        with transaction():
            return _seated(cast, password_hash)


@cache
def hashed() -> str:
    """The cast's password, hashed once: it is slow on purpose."""
    return hash_password(PASSWORD)


def store_files(folder: Path) -> None:
    for kind in FILES:
        source = folder / kind
        source.write_bytes(f"{CANARY} {kind}".encode() * 4)
        storage().put(f"scene/{kind}", source, "application/octet-stream")


def _seated(cast: Cast, password_hash: str) -> Scene:
    maya, oliver = load_person(cast.maya), load_person(cast.oliver)
    robin = _removed(cast)
    for member in (maya, oliver):
        member.password_hash = password_hash
    review = create_review(
        by=maya,
        team_id=cast.team,
        title=f"Checkout {CANARY}",
        brief=f"Is the {CANARY} found?",
        aims=["Is the price found first?"],
        reviewers=["oliver@example.com"],
        skills=["typography"],
        project=f"Project {CANARY}",
        review_by="in 2 working days",
    )
    walkthrough = _walkthrough(review, cast)
    comment = add_comment(
        by=oliver, walkthrough=walkthrough, body=f"Too heavy, {CANARY}.", words=(2, 4)
    )
    reply = add_reply(by=maya, comment=comment, body=f"True, {CANARY}. @Wei, look.")
    draft = add_draft(
        by=oliver, walkthrough=walkthrough, body=f"Unsaid, {UNSENT} and {CANARY}.", words=(5, 6)
    )
    settled = add_comment(by=oliver, walkthrough=walkthrough, body="Too small.", start_ms=9000)
    resolve_comment(by=maya, comment=settled)
    confirmed = add_comment(by=oliver, walkthrough=walkthrough, body="Too big.", start_ms=9500)
    resolve_comment(by=maya, comment=confirmed)
    confirm_resolution(by=oliver, comment=confirmed)
    for nodded in (comment, reply):
        add_reaction(by=maya, to=nodded, kind="thanks")
    closed = create_review(by=maya, team_id=cast.team, title=f"Closed {CANARY}")
    close_review(by=maya, review_id=closed.id)
    rivals = create_review(
        by=load_person(cast.rival), team_id=cast.other_team, title="Rivals checkout"
    )
    claim_review(by=oliver, review_id=review.id)
    meetings = _meetings(cast, review)
    ids: dict[str, Any] = {
        "review_id": review.id,
        "person_id": cast.maya,
        "share_id": share_loops(by=maya, with_id=cast.oliver, team_id=cast.team).id,
        "walkthrough_id": walkthrough.id,
        "other_id": walkthrough.id,
        "comment_id": comment.id,
        "reply_id": reply.id,
        "draft_id": draft.id,
        "kind": "playable",
        "still_id": _still(walkthrough),
        "name": "sprite",
        "filename": "css/app.css",
        **_links(cast),
        "letter_id": _letter(cast),
        "parked_id": _parked_letter(cast),
        "incoming_id": _incoming(cast, comment.id),
        **_upload(review, cast),
        **meetings,
        "absence_id": _absence(maya),
        "group_id": _coffee_group(cast),
        "week": OLD_WEEK,
        "colleague_id": cast.ada,
        "sign_in_id": _sign_in(cast),
        "membership_id": _membership(cast.team, cast.maya),
        "token": {
            "coffee": list_token("coffee", cast.maya, week_of(clock.now(), maya.zone)),
            "notice": list_token("digest", cast.maya),
            "meeting": list_token("meeting", cast.maya, f"{meetings['meeting_id']['coffee']}-0"),
            "week": list_token("happened", cast.maya, str(meetings["meeting_id"]["week"])),
        },
        "notice_id": _notice(cast),
        **_webhook(cast),
    }
    issue_token(by=None, person=oliver)
    db.session.flush()
    people = {
        "guest": None, "nia": cast.nia, "rival": cast.rival, "robin": robin.id,
        "maya": cast.maya, "oliver": cast.oliver, "wei": cast.wei, "ada": cast.ada,
    }  # fmt: skip
    return Scene(people, ids, closed.id, settled.id, confirmed.id, rivals.id, _secrets())


def _removed(cast: Cast) -> Person:
    robin = person("Robin", None, None)
    now = clock.now()
    db.session.add(
        Membership(
            team_id=cast.team, person_id=robin.id, role="mentor", joined_at=now,
            ended_at=now, ended_by_id=cast.ada,
        )
    )  # fmt: skip
    return robin


def _walkthrough(review: Review, cast: Cast) -> Walkthrough:
    now = clock.now()
    made = Walkthrough(
        review=review, version=1, uploaded_by_id=cast.maya, filename=f"{CANARY}.mp4",
        note=CANARY, state="ready", duration_ms=60_000, width=320, height=180, created_at=now,
        has_video=True, has_audio=True, original_key="scene/original",
        playable_key="scene/playable",
        playable_type="video/mp4", poster_key="scene/poster", sprite_key="scene/sprite",
        sprite_track_key="scene/sprite.vtt", peaks_key="scene/peaks",
        steps=[
            Step(name=name, position=at, state="failed" if name == "sprite" else "done")
            for at, name in enumerate(STEP_NAMES)
        ],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    words = [[at + 1, w, at * 500, at * 500 + 400, 0.9] for at, w in enumerate(SPOKEN.split())]
    transcript = Transcript(
        walkthrough_id=made.id, revision=1, engine="test", draft=False, language="en",
        words=words, next_word_id=len(words) + 1, created_at=now,
    )  # fmt: skip
    db.session.add(transcript)
    db.session.flush()
    replace_entries(
        team_id=review.team_id, review_id=review.id, walkthrough_id=made.id,
        source="transcript", source_id=made.id, passages=[Passage(SPOKEN, 0, 6000)],
    )  # fmt: skip
    return made


def _still(walkthrough: Walkthrough) -> int:
    """A picture, as a version of pictures has them."""
    still = Still(
        walkthrough_id=walkthrough.id, position=1, filename=f"{CANARY}.png", sha256="0" * 64,
        original_key="scene/original", original_size=1, picture_key="scene/poster",
        picture_type="image/png", small_key="scene/poster", width=8, height=8,
    )  # fmt: skip
    db.session.add(still)
    db.session.flush()
    return still.id


def _links(cast: Cast) -> dict[str, Any]:
    invited = invite_person(
        by=load_person(cast.ada), team_id=cast.team, email="new@example.com", role="author"
    )
    invitation = mailed_secret(invited)
    reset = new_link("reset", email="maya@example.com")
    reset.person_id = cast.maya
    return {
        "link_id": invited.id,
        "secret": {
            "invitation": invitation,
            "setup": mailed_secret(new_link("setup")),
            "reset": mailed_secret(reset),
            "calendar": secret_of(make_calendar_address(by=load_person(cast.maya)).seed),
        },
    }


def _letter(cast: Cast) -> int:
    letter = write_letter(
        kind="coffee", key="scene-letter", to_name="Maya", to_address="maya@example.com",
        subject=f"Coffee {CANARY}", text="Until then.", person_id=cast.maya, team_id=cast.team,
    )  # fmt: skip
    db.session.flush()
    return letter.id


def _notice(cast: Cast) -> int:
    """Something that Maya has not read yet."""
    unread = sa.select(Notice.id).where(Notice.person_id == cast.maya, Notice.seen_at.is_(None))
    return int(db.session.scalars(unread.order_by(Notice.id)).all()[0])


def _incoming(cast: Cast, comment_id: int) -> int:
    now = clock.now()
    parked = IncomingLetter(
        kind="reply", person_id=cast.maya, subject_id=comment_id, team_id=cast.team,
        once="0" * 64, mail_from="maya@example.com", size=20, raw=f"\n\n{CANARY}".encode(),
        received_at=now, state="parked", settled_at=now, reason=f"Critique failed, {CANARY}.",
    )  # fmt: skip
    db.session.add(parked)
    db.session.flush()
    return parked.id


def _parked_letter(cast: Cast) -> int:
    letter = write_letter(
        kind="digest", key="scene-parked", to_name="Maya", to_address="maya@example.com",
        subject=f"Your move: {CANARY}", text=f"All about {CANARY}.", person_id=cast.maya,
    )  # fmt: skip
    letter.parked_at, letter.failure = clock.now(), "The mail server said: 550 No such mailbox"
    db.session.flush()
    return letter.id


def _upload(review: Review, cast: Cast) -> dict[str, int | str]:
    now = clock.now()
    coming = Walkthrough(
        review=review, version=2, uploaded_by_id=cast.maya, filename="next.mp4",
        state="uploading", created_at=now, original_size=100,
    )  # fmt: skip
    db.session.add(coming)
    db.session.flush()
    upload = Upload(
        id="u" * 43, review_id=review.id, person_id=cast.maya, walkthrough_id=coming.id,
        filename="next.mp4", length=100, created_at=now, expires_at=now + timedelta(hours=24),
    )  # fmt: skip
    db.session.add(upload)
    db.session.flush()
    return {"upload_id": upload.id, "later": coming.id}


def _meetings(cast: Cast, review: Review) -> dict[str, Any]:
    """One coffee, one session in a block that Oliver has open, and one that is over."""
    coffee, now = _meeting(cast), clock.now()
    opening = open_block(
        by=load_person(cast.oliver), block=Block(once=(now, now + timedelta(hours=6)))
    )
    session = Meeting(
        kind="feedback", team_id=cast.team, review_id=review.id, host_id=cast.oliver,
        starts_at=now + timedelta(hours=3), ends_at=now + timedelta(hours=3, minutes=15),
        uid="session-scene@localhost", reason=f"Maya asked, {CANARY}",
        seats=[Seating(person_id=who) for who in (cast.maya, cast.oliver)],
    )  # fmt: skip
    over = Meeting(
        kind="feedback", team_id=cast.team, host_id=cast.oliver,
        starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2),
        uid="session-over@localhost", reason=f"Maya asked, {CANARY}",
        seats=[Seating(person_id=who) for who in (cast.maya, cast.oliver)],
    )  # fmt: skip
    db.session.add_all([session, over])
    db.session.flush()
    found = {
        "coffee": coffee,
        "session": session.id,
        "api": session.id,
        "week": over.id,
        "meeting": coffee,
    }
    return {"meeting_id": found, "opening_id": opening.id}


def _meeting(cast: Cast) -> int:
    now = clock.now()
    # The week that a draw asked for now would be of: at a weekend the next one.
    week = week_at_hand("Europe/London", now)
    group = whole_team(cast.team)
    drawn = Round(
        team_id=cast.team, group_id=group.id, week=week, number=1, seed=1,
        pool_digest="0" * 64, drawn_at=now,
    )  # fmt: skip
    db.session.add(drawn)
    db.session.flush()
    meeting = Meeting(
        team_id=cast.team, round_id=drawn.id, starts_at=now + timedelta(hours=2),
        uid="coffee-scene@localhost",
        ends_at=now + timedelta(hours=2, minutes=20), reason=f"Other zones, {CANARY}.",
        seats=[Seating(person_id=who, round_id=drawn.id) for who in (cast.maya, cast.oliver)],
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    return meeting.id


def _absence(maya: Person) -> int:
    first = clock.now().date() + timedelta(days=10)
    made = add_absence(
        by=maya, person=maya, first_day=first, last_day=first + timedelta(days=2), words=CANARY
    )
    return made.id


def _coffee_group(cast: Cast) -> int:
    """A guild of Oliver's that was not drawn this week; and Maya does not want to meet Ada."""
    lead = load_person(cast.wei)
    guild = add_group(by=lead, team_id=cast.team, kind="named", name=f"Guild {CANARY}")
    put_in_group(by=lead, group_id=guild.id, person_id=cast.oliver)
    # An old round, so that this week's can still be drawn.
    db.session.add(
        Round(
            team_id=cast.team, group_id=guild.id, week=OLD_WEEK, number=1, seed=1,
            pool_digest="0" * 64, drawn_at=clock.now(),
        )
    )  # fmt: skip
    keep_apart(by=load_person(cast.maya), other_id=cast.ada)
    return guild.id


def _sign_in(cast: Cast) -> int:
    now = clock.now()
    made = SignIn(
        person_id=cast.maya, digest="canary-digest-of-a-session", started_at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made.id


def _webhook(cast: Cast) -> dict[str, int]:
    wei = load_person(cast.wei)
    told, off = (
        create_webhook(
            by=wei, team_id=cast.team, name=f"{name} {CANARY}", kind="plain",
            address=f"https://example.com/{CANARY}", occasions=["review.created"],
        )
        for name in ("Channel", "Another")
    )  # fmt: skip
    switch_off_webhook(by=wei, webhook_id=off.id)
    return {
        "webhook_id": told.id,
        "off_webhook_id": off.id,
        "delivery_id": try_webhook(by=wei, webhook_id=told.id).id,
    }


def _membership(team_id: int, person_id: int) -> int:
    found = db.session.query(Membership).filter_by(team_id=team_id, person_id=person_id).one()
    return found.id


def _secrets() -> list[str]:
    """What must never be in any answer: hashes and digests of everybody."""
    hashes = [p.password_hash for p in db.session.query(Person) if p.password_hash]
    digests = [row.digest for table in (ApiToken, SignIn) for row in db.session.query(table)]
    digests += [row.seed for row in db.session.query(Webhook)]
    digests += [row.seed for row in db.session.query(CalendarAddress)]
    assert hashes
    assert digests
    return hashes + digests
