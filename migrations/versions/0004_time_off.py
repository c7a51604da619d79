"""Time off: absences of people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("added_at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_absences_days")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_person", "absences", ["person_id", "last_day"])


def downgrade() -> None:
    op.drop_index("ix_absences_person", table_name="absences")
    op.drop_table("absences")
    # Days away belong to rows that are gone now; what else stands in a calendar stands by itself.
    people = sa.table("people", sa.column("id", sa.Integer), sa.column("hours", sa.JSON))
    for person_id, hours in op.get_bind().execute(sa.select(people.c.id, people.c.hours)).all():
        if hours.pop("away", None) is not None:
            op.execute(people.update().where(people.c.id == person_id).values(hours=hours))
