"""Who only remarked on a request leaves it to be taken"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Whoever was neither asked nor took it on, of those whose move it is.
IN_PASSING = """
    UPDATE turns SET in_passing = true
    WHERE person_id != (SELECT author_id FROM reviews WHERE reviews.id = turns.review_id)
      AND NOT EXISTS (
        SELECT 1 FROM reviewers
        WHERE reviewers.review_id = turns.review_id AND reviewers.person_id = turns.person_id
      ) AND NOT EXISTS (
        SELECT 1 FROM claims
        WHERE claims.review_id = turns.review_id AND claims.person_id = turns.person_id
      ) AND reason NOT IN ('requested', 'claimed', 'handed_over')
"""


def upgrade() -> None:
    with op.batch_alter_table("turns") as table:
        table.add_column(
            sa.Column("in_passing", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.execute(IN_PASSING)


def downgrade() -> None:
    with op.batch_alter_table("turns") as table:
        table.drop_column("in_passing")
