"""Notices, and letters that wait for an admin"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
WAITING = "sent_at IS NULL AND parked_at IS NULL AND dropped_at IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("letters") as batch:
        batch.add_column(sa.Column("parked_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("dropped_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("revived_at", MOMENT, nullable=True))
        batch.add_column(
            sa.Column("revived_attempts", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("letters") as batch:
        batch.alter_column("revived_attempts", server_default=None)
    # What had failed for good was either nobody's to have any more, or waits for an admin now.
    letters = sa.table(
        "letters",
        *(sa.column(name) for name in ("sent_at", "failure", "next_try_at", "written_at")),
        sa.column("parked_at", MOMENT),
        sa.column("dropped_at", MOMENT),
    )
    failed = letters.c.sent_at.is_(None) & letters.c.failure.is_not(None)
    final = failed & letters.c.next_try_at.is_(None)
    left = letters.c.failure.like("Not sent: no longer%")
    op.execute(sa.update(letters).where(final, left).values(dropped_at=letters.c.written_at))
    op.execute(sa.update(letters).where(final, ~left).values(parked_at=letters.c.written_at))
    for name, column, where in (
        ("ix_letters_parked", "parked_at", "parked_at IS NOT NULL"),
        ("ix_letters_waiting", "written_at", WAITING),
    ):
        op.create_index(
            name,
            "letters",
            [column],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_notices_actor_id")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_notices_comment_id")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_notices_letter_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_notices_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("person_id", "occasion", name=op.f("uq_notices_person_id_occasion")),
    )
    op.create_index(op.f("ix_notices_review_id"), "notices", ["review_id"])
    op.create_index(op.f("ix_notices_event_id"), "notices", ["event_id"])
    op.create_index("ix_notices_person", "notices", ["person_id", "id"])
    op.create_index(
        "ix_notices_unseen",
        "notices",
        ["person_id", "review_id"],
        sqlite_where=sa.text("seen_at IS NULL"),
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    op.create_table(
        "mutes",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mutes_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_mutes_review_id")),
        sa.PrimaryKeyConstraint("review_id", "person_id", name=op.f("pk_mutes")),
    )
    op.create_index(op.f("ix_mutes_person_id"), "mutes", ["person_id"])
    op.create_table(
        "notice_wishes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("immediate", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notice_wishes_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_wishes")),
    )
    op.create_table(
        "digests",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("reviews", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_digests_letter_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digests_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_digests")),
    )
    op.create_table(
        "couriers",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest_look_at", MOMENT, nullable=True),
        sa.Column("asks_look_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_couriers_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_couriers")),
    )
    op.create_index(op.f("ix_couriers_digest_look_at"), "couriers", ["digest_look_at"])
    op.create_index(op.f("ix_couriers_asks_look_at"), "couriers", ["asks_look_at"])


def downgrade() -> None:
    for table in ("couriers", "digests", "notice_wishes", "mutes", "notices"):
        op.drop_table(table)
    op.drop_index("ix_letters_waiting", "letters")
    op.drop_index("ix_letters_parked", "letters")
    with op.batch_alter_table("letters") as batch:
        for column in ("revived_attempts", "revived_at", "dropped_at", "parked_at"):
            batch.drop_column(column)
