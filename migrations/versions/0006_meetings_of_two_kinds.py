"""Meetings are coffee or fast feedback, and seats hold what was answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
LINKS = (
    ("team_id", "teams"), ("review_id", "reviews"), ("comment_id", "comments"),
    ("host_id", "people"), ("booked_by_id", "people"),
)  # fmt: skip
HOSTED = sa.text("host_id IS NOT NULL AND cancelled_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("meetings") as table:
        table.add_column(
            sa.Column("kind", sa.String(length=10), server_default="coffee", nullable=False)
        )
        for name, _ in LINKS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        table.add_column(sa.Column("booked_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE meetings SET team_id = (SELECT team_id FROM rounds WHERE rounds.id = round_id)"
    )
    with op.batch_alter_table("meetings") as table:
        table.alter_column("team_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("round_id", existing_type=sa.Integer(), nullable=True)
        for name, target in LINKS:
            table.create_foreign_key(op.f(f"fk_meetings_{name}"), target, [name], ["id"])
        table.create_check_constraint(op.f("ck_meetings_kind"), "kind IN ('coffee', 'feedback')")
        table.create_check_constraint(
            op.f("ck_meetings_round"), "(kind = 'coffee') = (round_id IS NOT NULL)"
        )
        table.create_index(op.f("ix_meetings_team_id"), ["team_id"])
        table.create_index(op.f("ix_meetings_review_id"), ["review_id"])
    op.create_index(
        "ux_meetings_host",
        "meetings",
        ["host_id", "starts_at"],
        unique=True,
        sqlite_where=HOSTED,
        postgresql_where=HOSTED,
    )
    with op.batch_alter_table("seatings") as table:
        table.add_column(sa.Column("answer", sa.String(length=10), nullable=True))
        table.add_column(sa.Column("answered_at", MOMENT, nullable=True))
        table.add_column(sa.Column("happened", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("happened_at", MOMENT, nullable=True))
        table.alter_column("round_id", existing_type=sa.Integer(), nullable=True)
        table.create_check_constraint(
            op.f("ck_seatings_answer"), "answer IN ('accepted', 'declined', 'tentative')"
        )


def downgrade() -> None:
    op.execute(
        "DELETE FROM seatings WHERE meeting_id IN (SELECT id FROM meetings WHERE kind = 'feedback')"
    )
    op.execute("DELETE FROM meetings WHERE kind = 'feedback'")
    with op.batch_alter_table("seatings") as table:
        table.drop_constraint(op.f("ck_seatings_answer"), type_="check")
        table.alter_column("round_id", existing_type=sa.Integer(), nullable=False)
        for name in ("answer", "answered_at", "happened", "happened_at"):
            table.drop_column(name)
    op.drop_index("ux_meetings_host", table_name="meetings")
    with op.batch_alter_table("meetings") as table:
        table.drop_index(op.f("ix_meetings_team_id"))
        table.drop_index(op.f("ix_meetings_review_id"))
        table.drop_constraint(op.f("ck_meetings_kind"), type_="check")
        table.drop_constraint(op.f("ck_meetings_round"), type_="check")
        for name, _ in LINKS:
            table.drop_constraint(op.f(f"fk_meetings_{name}"), type_="foreignkey")
        table.alter_column("round_id", existing_type=sa.Integer(), nullable=False)
        for name in ("kind", "booked_at", *(name for name, _ in LINKS)):
            table.drop_column(name)
