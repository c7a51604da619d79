"""Whose move it is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
REASONS = (
    "handed_over", "requested", "claimed", "asked", "to_confirm", "new_version",
    "to_post", "another_round", "talk", "replied", "approved", "reopened",
    "mentioned", "remarked", "fell_back",
)  # fmt: skip
ENDINGS = (
    "answered", "lifted", "lapsed", "withdrawn", "done", "handed_over", "released", "left",
)  # fmt: skip

# The newest version of a request that can be looked at.
NEWEST = """
    SELECT walkthroughs.review_id, MAX(walkthroughs.version) AS version FROM walkthroughs
    WHERE walkthroughs.version IS NOT NULL AND walkthroughs.removed_at IS NULL
      AND walkthroughs.state IN ('processing', 'ready')
    GROUP BY walkthroughs.review_id
"""
# Weightier reasons come first; who has a turn in a request gets no second one.
GIVE = """
    INSERT INTO turns (review_id, person_id, reason, since, by_id, until)
    SELECT given.review_id, given.person_id, '{reason}', given.since, given.by_id, {until}
    FROM ({rows}) AS given
    JOIN reviews ON reviews.id = given.review_id AND reviews.closed = false
    JOIN memberships ON memberships.team_id = reviews.team_id
      AND memberships.person_id = given.person_id AND memberships.ended_at IS NULL
    WHERE NOT EXISTS (
        SELECT 1 FROM turns
        WHERE turns.review_id = given.review_id AND turns.person_id = given.person_id
    )
"""
REQUESTED = """
    SELECT reviewers.review_id, reviewers.person_id, reviews.author_id AS by_id,
      CASE WHEN walkthroughs.created_at > reviewers.asked_at
        THEN walkthroughs.created_at ELSE reviewers.asked_at END AS since
    FROM reviewers
    JOIN reviews ON reviews.id = reviewers.review_id
    JOIN ({newest}) AS newest ON newest.review_id = reviewers.review_id
    JOIN walkthroughs ON walkthroughs.review_id = newest.review_id
      AND walkthroughs.version = newest.version
    WHERE NOT EXISTS (
        SELECT 1 FROM comments
        WHERE comments.walkthrough_id = walkthroughs.id AND comments.removed_at IS NULL
          AND comments.author_id = reviewers.person_id
    ) AND NOT EXISTS (
        SELECT 1 FROM verdicts
        WHERE verdicts.walkthrough_id = walkthroughs.id AND verdicts.by_id = reviewers.person_id
    )
"""
CLAIMED = """
    SELECT claims.review_id, claims.person_id, claims.person_id AS by_id,
      claims.claimed_at AS since, claims.until AS until
    FROM claims WHERE claims.until > CURRENT_TIMESTAMP
"""


# Comments whose answer waits for who wrote them.
ANSWERED = """
    SELECT walkthroughs.review_id, comments.author_id AS person_id,
      MIN(resolutions.at) AS since, MIN(resolutions.by_id) AS by_id
    FROM resolutions
    JOIN comments ON comments.id = resolutions.comment_id AND comments.removed_at IS NULL
    JOIN walkthroughs ON walkthroughs.id = comments.walkthrough_id
    JOIN reviews ON reviews.id = walkthroughs.review_id AND reviews.author_id != comments.author_id
    WHERE resolutions.reopened_at IS NULL AND resolutions.confirmed_at IS NULL
      AND comments.kind != 'praise' AND resolutions.how IN ({hows})
    GROUP BY walkthroughs.review_id, comments.author_id
"""
OPEN_NOTES = """
    SELECT walkthroughs.review_id, reviews.author_id AS person_id,
      MIN(comments.created_at) AS since, MIN(comments.author_id) AS by_id
    FROM comments
    JOIN walkthroughs ON walkthroughs.id = comments.walkthrough_id
    JOIN ({newest}) AS newest ON newest.review_id = walkthroughs.review_id
      AND newest.version = walkthroughs.version
    JOIN reviews ON reviews.id = walkthroughs.review_id AND reviews.author_id != comments.author_id
    WHERE comments.removed_at IS NULL AND comments.kind != 'praise' AND NOT EXISTS (
        SELECT 1 FROM resolutions
        WHERE resolutions.comment_id = comments.id AND resolutions.reopened_at IS NULL
    )
    GROUP BY walkthroughs.review_id, reviews.author_id
"""
VERDICTS = """
    SELECT verdicts.review_id, reviews.author_id AS person_id,
      MIN(verdicts.at) AS since, MIN(verdicts.by_id) AS by_id
    FROM verdicts
    JOIN walkthroughs ON walkthroughs.id = verdicts.walkthrough_id
    JOIN ({newest}) AS newest ON newest.review_id = walkthroughs.review_id
      AND newest.version = walkthroughs.version
    JOIN reviews ON reviews.id = verdicts.review_id
    WHERE verdicts.verdict = '{verdict}'
    GROUP BY verdicts.review_id, reviews.author_id
"""
TO_POST = """
    SELECT reviews.id AS review_id, reviews.author_id AS person_id,
      reviews.created_at AS since, reviews.author_id AS by_id
    FROM reviews WHERE reviews.id NOT IN (SELECT review_id FROM ({newest}) AS shown)
"""
WAITING = (
    ("requested", REQUESTED),
    ("claimed", CLAIMED),
    ("asked", ANSWERED.replace("{hows}", "'unclear', 'asked'")),
    ("to_confirm", ANSWERED.replace("{hows}", "'done', 'wont_do'")),
    ("another_round", VERDICTS.replace("{verdict}", "another_round")),
    ("talk", VERDICTS.replace("{verdict}", "lets_talk")),
    ("replied", OPEN_NOTES),
    ("to_post", TO_POST),
)


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_how", sa.String(length=12), nullable=True),
        sa.CheckConstraint(f"reason IN {REASONS}", name=op.f("ck_turns_reason")),
        sa.CheckConstraint(f"ended_how IN {ENDINGS}", name=op.f("ck_turns_ended_how")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_turns_ended")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_turns_by_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_turns_comment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_turns_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_turns_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
    )
    with op.batch_alter_table("turns", schema=None) as table:
        table.create_index(table.f("ix_turns_review_id"), ["review_id"], unique=False)
        in_force = {
            "sqlite_where": sa.text("ended_at IS NULL"),
            "postgresql_where": sa.text("ended_at IS NULL"),
        }
        table.create_index("ix_turns_of_person", ["person_id"], unique=False, **in_force)
        table.create_index("ux_turns_in_force", ["review_id", "person_id"], unique=True, **in_force)
    for reason, rows in WAITING:
        until = "given.until" if reason == "claimed" else "NULL"
        whose = rows.format(newest=NEWEST)
        op.execute(GIVE.format(reason=reason, rows=whose, until=until))


def downgrade() -> None:
    op.drop_table("turns")
