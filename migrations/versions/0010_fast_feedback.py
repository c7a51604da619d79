"""Fast feedback: open blocks, wishes, busy times, outcomes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)


def person(table: str, *, key: bool = False) -> list[sa.SchemaItem]:
    found: list[sa.SchemaItem] = [
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id")),
    ]
    if key:
        found.append(sa.PrimaryKeyConstraint("person_id", name=op.f(f"pk_{table}")))
    return found


def upgrade() -> None:
    op.create_table(
        "busy_times",
        sa.Column("id", sa.Integer(), nullable=False),
        *person("busy_times"),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_times")),
    )
    op.create_index(op.f("ix_busy_times_person_id"), "busy_times", ["person_id"])
    op.create_table(
        "calendar_feeds",
        *person("calendar_feeds", key=True),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=True),
    )
    op.create_table(
        "openings",
        sa.Column("id", sa.Integer(), nullable=False),
        *person("openings"),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(weekday IS NULL) = (starts_at IS NOT NULL)", name=op.f("ck_openings_when")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
    )
    op.create_index(op.f("ix_openings_person_id"), "openings", ["person_id"])
    op.create_table(
        "session_rounds",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("unmet", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_session_rounds_team_id")),
        sa.PrimaryKeyConstraint("team_id", "week", name=op.f("pk_session_rounds")),
    )
    op.create_table(
        "session_wishes",
        *person("session_wishes", key=True),
        sa.Column("a_week", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("stretch", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "session_outcomes",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        *person("session_outcomes"),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_session_outcomes_meeting_id")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_session_outcomes")),
    )
    op.create_table(
        "signals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        *person("signals"),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_signals_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index("ix_signals_meeting", "signals", ["meeting_id", "id"])
    op.create_index(op.f("ix_signals_at"), "signals", ["at"])
    with op.batch_alter_table("teams") as table:
        table.add_column(
            sa.Column("call_address", sa.String(length=300), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("teams") as table:
        table.drop_column("call_address")
    for name in (
        "signals", "session_outcomes", "session_wishes", "session_rounds", "openings", "calendar_feeds",
        "busy_times",
    ):  # fmt: skip
        op.drop_table(name)
