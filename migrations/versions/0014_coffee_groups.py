"""Coffee is drawn by group, rounds keep what they were drawn from, wishes and silence are rows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
IN_FORCE = sa.text("ended_at IS NULL")
OF_TEAM = sa.text("kind = 'everyone'")


def upgrade() -> None:
    with op.batch_alter_table("memberships") as table:
        table.add_column(sa.Column("reports_to_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_memberships_reports_to_id"), "people", ["reports_to_id"], ["id"]
        )
    _make_groups()
    _give_rounds_a_group()
    with op.batch_alter_table("seatings") as table:
        table.add_column(
            sa.Column("on_edge", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    _make_wishes()


def _make_groups() -> None:
    op.create_table(
        "coffee_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("skill", sa.String(length=60), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("from_week", sa.String(length=8), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('everyone', 'skill', 'named', 'newcomers')",
            name=op.f("ck_coffee_groups_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'skill') = (skill IS NOT NULL)", name=op.f("ck_coffee_groups_skill")
        ),
        sa.CheckConstraint("size IN (2, 3)", name=op.f("ck_coffee_groups_size")),
        sa.CheckConstraint("every_weeks IN (1, 2, 4)", name=op.f("ck_coffee_groups_every_weeks")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_coffee_groups_team_id")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_coffee_groups_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["people.id"], name=op.f("fk_coffee_groups_ended_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coffee_groups")),
    )
    op.create_index(op.f("ix_coffee_groups_team_id"), "coffee_groups", ["team_id"])
    op.create_index(
        "ux_coffee_groups_everyone",
        "coffee_groups",
        ["team_id"],
        unique=True,
        sqlite_where=OF_TEAM,
        postgresql_where=OF_TEAM,
    )
    op.create_table(
        "coffee_group_places",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_in", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["coffee_groups.id"], name=op.f("fk_coffee_group_places_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_coffee_group_places_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_coffee_group_places_by_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_coffee_group_places")),
    )
    op.create_index(op.f("ix_coffee_group_places_person_id"), "coffee_group_places", ["person_id"])
    op.execute(
        "INSERT INTO coffee_groups (team_id, kind, name, size, every_weeks, from_week, made_at)"
        " SELECT id, 'everyone', 'Everyone', 2, 1, '2026-W01', created_at FROM teams"
    )


def _give_rounds_a_group() -> None:
    with op.batch_alter_table("rounds") as table:
        table.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("outcome_digest", sa.String(length=64), server_default="", nullable=False)
        )
        table.add_column(sa.Column("weights", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("pool", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE rounds SET group_id = (SELECT coffee_groups.id FROM coffee_groups"
        " WHERE coffee_groups.team_id = rounds.team_id)"
    )
    with op.batch_alter_table("rounds") as table:
        table.alter_column("group_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("outcome_digest", existing_type=sa.String(64), server_default=None)
        table.alter_column("weights", existing_type=sa.JSON(), server_default=None)
        table.create_foreign_key(op.f("fk_rounds_group_id"), "coffee_groups", ["group_id"], ["id"])
        table.drop_constraint(op.f("uq_rounds_team_id_week"), type_="unique")
        table.create_unique_constraint(op.f("uq_rounds_group_id_week"), ["group_id", "week"])
        table.create_index(op.f("ix_rounds_team_id"), ["team_id"])


def _make_wishes() -> None:
    op.create_table(
        "coffee_apart",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.CheckConstraint("person_id <> other_id", name=op.f("ck_coffee_apart_other")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_coffee_apart_person_id")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["people.id"], name=op.f("fk_coffee_apart_other_id")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_coffee_apart")),
    )
    op.create_index(op.f("ix_coffee_apart_other_id"), "coffee_apart", ["other_id"])
    op.create_table(
        "coffee_silences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_coffee_silences_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_coffee_silences_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coffee_silences")),
    )
    op.create_index(op.f("ix_coffee_silences_round_id"), "coffee_silences", ["round_id"])
    op.create_index(
        "ux_coffee_silences_in_force",
        "coffee_silences",
        ["person_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.drop_table("coffee_silences")
    op.drop_table("coffee_apart")
    with op.batch_alter_table("seatings") as table:
        table.drop_column("on_edge")
    # A team has one round a week again: those of its other groups go, with what they booked.
    other = (
        "SELECT rounds.id FROM rounds JOIN coffee_groups ON coffee_groups.id = rounds.group_id"
        " WHERE coffee_groups.kind <> 'everyone'"
    )
    op.execute(f"DELETE FROM left_out WHERE round_id IN ({other})")  # noqa: S608 - ours
    op.execute(f"DELETE FROM seatings WHERE round_id IN ({other})")  # noqa: S608 - ours
    op.execute(f"DELETE FROM meetings WHERE round_id IN ({other})")  # noqa: S608 - ours
    op.execute(f"DELETE FROM rounds WHERE id IN ({other})")  # noqa: S608 - ours
    with op.batch_alter_table("rounds") as table:
        table.drop_index(op.f("ix_rounds_team_id"))
        table.drop_constraint(op.f("uq_rounds_group_id_week"), type_="unique")
        table.drop_constraint(op.f("fk_rounds_group_id"), type_="foreignkey")
        table.create_unique_constraint(op.f("uq_rounds_team_id_week"), ["team_id", "week"])
        for name in ("group_id", "outcome_digest", "weights", "pool"):
            table.drop_column(name)
    op.drop_table("coffee_group_places")
    op.drop_table("coffee_groups")
    with op.batch_alter_table("memberships") as table:
        table.drop_constraint(op.f("fk_memberships_reports_to_id"), type_="foreignkey")
        table.drop_column("reports_to_id")
