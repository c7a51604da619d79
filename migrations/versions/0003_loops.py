"""Loops can be shown to somebody"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "loop_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("with_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_loop_shares_person_id")
        ),
        sa.ForeignKeyConstraint(["with_id"], ["people.id"], name=op.f("fk_loop_shares_with_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loop_shares")),
    )
    op.create_index(op.f("ix_loop_shares_with_id"), "loop_shares", ["with_id"])
    op.create_index(
        "ux_loop_shares_in_force",
        "loop_shares",
        ["person_id", "with_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("loop_shares")
