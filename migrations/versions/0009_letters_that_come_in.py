"""Letters that come in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
STATES = "state IN ('waiting', 'taken', 'refused', 'dropped', 'parked')"


def upgrade() -> None:
    op.create_table(
        "incoming_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("once", sa.String(length=64), nullable=False),
        sa.Column("mail_from", sa.String(length=320), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_incoming_letters_state")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_incoming_letters_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_incoming_letters_team_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_letters")),
        sa.UniqueConstraint("once", name=op.f("uq_incoming_letters_once")),
    )
    op.create_index("ix_incoming_letters_state", "incoming_letters", ["state", "received_at"])
    op.create_index("ix_incoming_letters_person", "incoming_letters", ["person_id", "received_at"])
    op.create_index("ix_incoming_letters_team_id", "incoming_letters", ["team_id"])


def downgrade() -> None:
    op.drop_table("incoming_letters")
