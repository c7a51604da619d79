"""The newest reviews that were timed are found without reading every turn"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SITTING = sa.text("reason = 'claimed' AND ended_how = 'answered'")


def upgrade() -> None:
    op.create_index(
        "ix_turns_sittings", "turns", ["id"], sqlite_where=SITTING, postgresql_where=SITTING
    )


def downgrade() -> None:
    op.drop_index("ix_turns_sittings", table_name="turns")
