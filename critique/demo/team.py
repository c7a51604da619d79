"""The demo team: people in many zones, requests at every stage, a film in two versions, pictures.

It is seated once, into an empty database, through the same operations people use. Being killed
half-way is harmless: the next start goes on where this one stopped.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from critique.accounts.models import Membership, Person, Team
from critique.accounts.operations import add_person
from critique.accounts.passwords import hash_password
from critique.config import Settings
from critique.demo import reminders
from critique.demo.talk import answer_in_the_second, talk_about_the_first
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import open_block
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.hours import Span
from critique.plumbing.storage import open_storage
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review, create_review
from critique.reviews.wishes import Wishes
from critique.walkthroughs.models import Transcript, Upload, Walkthrough
from critique.walkthroughs.operations import begin_upload, finish_upload, original_key
from critique.walkthroughs.spool import Spool

HERE = Path(__file__).resolve().parent
PASSWORD = "fern-and-clay"  # noqa: S105 - printed at every start of a demo, on purpose
TEAM = "Fern & Clay"
TITLE = "The new checkout, before I start the final version"
SHIPPED = "Eleven icons for plant care"

# address, name, role, zone, level, skills, what to do as this person
PEOPLE: tuple[tuple[str, str, str, str, str, tuple[str, ...], str], ...] = (
    (
        "maya@example.com", "Maya Torres", "author", "America/Chicago", "junior",
        ("illustration",), "junior designer in Austin; posts work",
    ),
    (
        "oliver@example.com", "Oliver Hart", "mentor", "Europe/London", "senior",
        ("checkout", "typography"), "mentor in London; works from the queue",
    ),
    (
        "wei@example.com", "Wei Lim", "lead", "Asia/Singapore", "senior",
        ("research", "accessibility"), "lead in Singapore; sees the whole team",
    ),
    (
        "ada@example.com", "Ada Brandt", "admin", "Europe/Berlin", "mid",
        (), "admin in Berlin; invites and removes people",
    ),
    ("leo@example.com", "Leo Okafor", "author", "Europe/London", "junior", ("motion",), ""),
    ("ines@example.com", "Inês Duarte", "mentor", "Europe/Lisbon", "senior", ("motion",), ""),
    ("priya@example.com", "Priya Nair", "author", "Asia/Kolkata", "mid", ("research",), ""),
    ("sam@example.com", "Sam Rivera", "author", "America/New_York", "mid", ("icons",), ""),
)  # fmt: skip

# Who can be booked when, Mondays to Thursdays on their own clocks: Maya's morning and Priya's noon.
OPEN: tuple[tuple[str, Span], ...] = (
    ("Oliver", (900, 1020)),
    ("Inês", (960, 1020)),
    ("Wei", (840, 900)),
)

# file, what changed
TAKES = (
    ("walkthrough", "The order stays beside the form, and delivery has a day."),
    ("walkthrough_2", "A darker button, a louder note, and the focus goes on by itself."),
)

# who asks, and what
REQUESTS: tuple[tuple[str, Wishes], ...] = (
    (
        "Maya",
        {
            "title": TITLE,
            "brief": "Orders break off at the last step: people say the **delivery price** "
            "surprised them. Now the order, with its price, is there from the start.\n\n"
            "v2 answers what Inês and Wei said about v1.",
            "aims": [
                "Is the green button strong enough?",
                "Does the delivery day make sense without the note?",
            ],
            "stage": "mid",
            "off_limits": "The logo and the plant photos; they come from the shop.",
            "links": ["https://example.com/fern-and-clay/checkout"],
            "project": "Plant shop",
            "skills": ["checkout", "typography"],
            "review_by": "in 6 working hours",
        },
    ),
    (
        "Leo",
        {
            "title": reminders.TITLE,
            "brief": "Three takes of the same reminder, from calm to lively.",
            "aims": ["Which one would you still like after a month?"],
            "stage": "early",
            "project": "Plant care app",
            "skills": ["motion"],
            "reviewers": ["oliver@example.com"],
            "review_by": "end of my tomorrow",
        },
    ),
    (
        "Priya",
        {
            "title": "Questions for the five shop visits",
            "brief": "The script for next week. I want to hear what I am *not* asking.",
            "aims": ["Which question leads people to an answer?"],
            "stage": "final",
            "project": "Plant shop",
            "reviewers": ["wei@example.com"],
            "review_by": "in 10 working hours",
        },
    ),
    (
        "Sam",
        {"title": SHIPPED, "stage": "final", "project": "Plant care app", "skills": ["icons"]},
    ),
)


def seat_demo_team(settings: Settings) -> None:
    """Make sure an empty database gets its demo team; any other database is left alone."""
    with snapshot():
        is_empty = db.session.scalar(sa.select(sa.func.count(Team.id))) == 0
    if is_empty:
        password_hash = hash_password(PASSWORD)
        with transaction():
            _seat(password_hash, settings)
    _post_versions(settings)
    reminders.post_pictures(settings)


def seated_people() -> list[tuple[str, str]]:
    """Addresses of the demo people who are members now, each with what to do as them."""
    active = set(
        db.session.scalars(
            sa.select(Person.email)
            .join(Membership, Membership.person_id == Person.id)
            .join(Team, Team.id == Membership.team_id)
            .where(Team.name == TEAM, Membership.ended_at.is_(None))
        )
    )
    return [(row[0], row[6]) for row in PEOPLE if row[6] and row[0] in active]


def _seat(password_hash: str, settings: Settings) -> None:
    people: dict[str, Person] = {}
    # The admin comes first: the team takes the zone of whoever makes it.
    for email, name, role, zone, level, skills, _ in sorted(PEOPLE, key=lambda p: p[2] != "admin"):
        people[name.split()[0]] = add_person(
            by=None,
            email=email,
            name=name,
            team=TEAM,
            role=role,
            zone=zone,
            level=level,
            skills=skills,
            password_hash=password_hash,
        )
    team = db.session.scalars(sa.select(Team).where(Team.name == TEAM)).one()
    for name, span in OPEN:
        for weekday in range(4):
            open_block(by=people[name], block=Block(weekday=weekday, span=span))
    _ask(people, team.id, settings)


def _ask(people: dict[str, Person], team_id: int, settings: Settings) -> None:
    requests = {
        wishes["title"]: create_review(by=people[name], team_id=team_id, **wishes)
        for name, wishes in REQUESTS
    }
    shipped = requests[SHIPPED]
    close_review(by=shipped.author, review_id=shipped.id, reason="Shipped last week.")
    reminders.expect_first(people["Leo"], requests[reminders.TITLE].id, settings)
    for name, note in TAKES:
        begin_upload(
            by=people["Maya"],
            review_id=requests[TITLE].id,
            filename=f"{name}.mp4",
            filetype="video/mp4",
            note=note,
            length=(HERE / f"{name}.mp4").stat().st_size,
            settings=settings,
            spool=Spool(settings.spool),
        )


def _post_versions(settings: Settings) -> None:
    """Store the demo recordings and post them, those that are not posted yet."""
    with snapshot():
        uploads = db.session.execute(
            sa.select(Upload.id, Upload.walkthrough_id, Upload.filename)
            .join(Review, Review.id == Upload.review_id)
            .where(
                Upload.walkthrough_id.is_not(None),
                Review.title == TITLE,
                Upload.finished_at.is_(None),
                Upload.filename.in_([f"{name}.mp4" for name, _ in TAKES]),
            )
            .order_by(Upload.walkthrough_id)
        ).all()
    for upload_id, walkthrough_id, filename in uploads:
        assert walkthrough_id is not None
        source = HERE / filename
        open_storage(settings).put(original_key(walkthrough_id), source, "video/mp4")
        with transaction():
            _post(upload_id, source)


def _post(upload_id: str, source: Path) -> None:
    upload = db.session.get_one(Upload, upload_id)
    maya = db.session.get_one(Person, upload.person_id)
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    finish_upload(by=maya, upload_id=upload_id, sha256=sha256)
    walkthrough = db.session.get_one(Walkthrough, upload.walkthrough_id)
    words = _give_words(walkthrough, maya, source.with_suffix(".json"))
    if walkthrough.version == 1:
        talk_about_the_first(walkthrough, words)
    else:
        answer_in_the_second(walkthrough, words)


def _give_words(walkthrough: Walkthrough, author: Person, script: Path) -> list[list[Any]]:
    """Put the spoken script in force, with the times the voice gave it when it was made."""
    rows: list[list[Any]] = json.loads(script.read_text())
    now = clock.now()
    db.session.add(
        Transcript(
            walkthrough_id=walkthrough.id,
            revision=1,
            engine="uploaded",
            draft=False,
            language="en",
            words=rows,
            next_word_id=len(rows) + 1,
            made_by_id=author.id,
            created_at=now,
        )
    )
    # Listening to it again would only keep the first visitor's own recording waiting.
    hearing = next(step for step in walkthrough.steps if step.name == "transcript")
    hearing.state, hearing.started_at, hearing.finished_at = "done", now, now
    db.session.flush()
    return rows
