"""Requests keep what speaks for talking instead of writing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing was ticked before there was anything to tick. Neither way builds the table anew.
    op.add_column("reviews", sa.Column("ticks", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("reviews", "ticks")
