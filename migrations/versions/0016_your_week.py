"""The weekly letter is a list of its own, a morning knows whose week it began, calendars are read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    # Neither way builds a table anew.
    op.add_column(
        "notice_wishes",
        sa.Column("weekly", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    # Who wants no digest did not ask for another letter in the morning.
    op.execute("UPDATE notice_wishes SET weekly = digest")
    op.add_column("digests", sa.Column("week", sa.String(length=8), nullable=True))
    op.create_index("ux_digests_week", "digests", ["person_id", "week"], unique=True)
    op.create_table(
        "calendar_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_calendar_addresses_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_addresses")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_addresses_digest")),
    )
    in_force = sa.text("revoked_at IS NULL")
    op.create_index(
        "ux_calendar_addresses_person",
        "calendar_addresses",
        ["person_id"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )


def downgrade() -> None:
    op.drop_table("calendar_addresses")
    op.drop_index("ux_digests_week", "digests")
    op.drop_column("digests", "week")
    op.drop_column("notice_wishes", "weekly")
