"""A seat knows when somebody came in who was not there when the meeting was drawn or booked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("seatings", sa.Column("joined_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("seatings", "joined_at")
