"""Requests are handed over, people reminded, and nobody asked beyond what they want"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
OPEN = sa.text("answered_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "hand_offs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.CheckConstraint("kind IN ('given', 'offered')", name=op.f("ck_hand_offs_kind")),
        sa.CheckConstraint(
            "answer IN ('taken', 'declined', 'lapsed')", name=op.f("ck_hand_offs_answer")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_hand_offs_review_id")),
        sa.ForeignKeyConstraint(["from_id"], ["people.id"], name=op.f("fk_hand_offs_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["people.id"], name=op.f("fk_hand_offs_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_offs")),
    )
    op.create_index(op.f("ix_hand_offs_review_id"), "hand_offs", ["review_id"])
    op.create_index(op.f("ix_hand_offs_to_id"), "hand_offs", ["to_id"])
    op.create_index(
        "ux_hand_offs_open",
        "hand_offs",
        ["review_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('half', 'near', 'lead')", name=op.f("ck_reminders_kind")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_reminders_review_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reminders_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "review_id",
            "person_id",
            "asked_at",
            "kind",
            name=op.f("uq_reminders_review_id_person_id_asked_at_kind"),
        ),
    )
    op.create_index(op.f("ix_reminders_review_id"), "reminders", ["review_id"])
    with op.batch_alter_table("people") as table:
        table.add_column(sa.Column("capacity", sa.Integer(), server_default="3", nullable=False))
    with op.batch_alter_table("reviewers") as table:
        table.add_column(
            sa.Column("reason", sa.String(length=300), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("reviewers") as table:
        table.drop_column("reason")
    with op.batch_alter_table("people") as table:
        table.drop_column("capacity")
    op.drop_table("reminders")
    op.drop_table("hand_offs")
