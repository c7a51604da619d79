"""Feedback that follows the work"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import critique.plumbing.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = critique.plumbing.db.UtcDateTime(timezone=True)
OLD_HOWS = ("done", "wont_do", "unclear")
HOWS = (*OLD_HOWS, "asked")
KINDS = ("recording", "stills")


def upgrade() -> None:
    op.create_table(
        "stills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("walkthrough_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("original_key", sa.String(length=200), nullable=False),
        sa.Column("original_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("picture_key", sa.String(length=200), nullable=True),
        sa.Column("picture_type", sa.String(length=60), nullable=True),
        sa.Column("small_key", sa.String(length=200), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["walkthrough_id"], ["walkthroughs.id"], name=op.f("fk_stills_walkthrough_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stills")),
        sa.UniqueConstraint(
            "walkthrough_id", "position", name=op.f("uq_stills_walkthrough_id_position")
        ),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("walkthrough_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=14), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.Column("at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('looks_good', 'another_round', 'lets_talk')",
            name=op.f("ck_verdicts_verdict"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_verdicts_by_id")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_verdicts_review_id")),
        sa.ForeignKeyConstraint(
            ["walkthrough_id"], ["walkthroughs.id"], name=op.f("fk_verdicts_walkthrough_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("by_id", "once", name=op.f("uq_verdicts_by_id_once")),
    )
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdicts_review_id"), ["review_id"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("walkthrough_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("aim_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("weight", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("transcript_id", sa.Integer(), nullable=True),
        sa.Column("first_word", sa.Integer(), nullable=True),
        sa.Column("last_word", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("quote_before", sa.String(length=32), nullable=False),
        sa.Column("quote_after", sa.String(length=32), nullable=False),
        sa.Column("still_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("edited_at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("start_ms >= 0 AND end_ms >= start_ms", name=op.f("ck_drafts_range")),
        sa.ForeignKeyConstraint(
            ["aim_id"], ["aims.id"], name=op.f("fk_drafts_aim_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_drafts_author_id")),
        sa.ForeignKeyConstraint(["still_id"], ["stills.id"], name=op.f("fk_drafts_still_id")),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_drafts_transcript_id")
        ),
        sa.ForeignKeyConstraint(
            ["walkthrough_id"], ["walkthroughs.id"], name=op.f("fk_drafts_walkthrough_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("author_id", "once", name=op.f("uq_drafts_author_id_once")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_drafts_walkthrough_id"), ["walkthrough_id"], unique=False
        )

    op.create_table(
        "placements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("walkthrough_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=True),
        sa.Column("end_ms", sa.Integer(), nullable=True),
        sa.Column("still_id", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(start_ms IS NULL) = (state = 'removed')", name=op.f("ck_placements_place")
        ),
        sa.CheckConstraint(
            "state IN ('exact', 'moved', 'uncertain', 'removed')", name=op.f("ck_placements_state")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_placements_by_id")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_placements_comment_id")
        ),
        sa.ForeignKeyConstraint(["still_id"], ["stills.id"], name=op.f("fk_placements_still_id")),
        sa.ForeignKeyConstraint(
            ["walkthrough_id"], ["walkthroughs.id"], name=op.f("fk_placements_walkthrough_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint(
            "comment_id", "walkthrough_id", name=op.f("uq_placements_comment_id_walkthrough_id")
        ),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_placements_walkthrough_id"), ["walkthrough_id"], unique=False
        )

    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_mentions_comment_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mentions_person_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_mentions_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
    )
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mentions_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentions_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentions_reply_id"), ["reply_id"], unique=False)

    op.create_table(
        "reactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", critique.plumbing.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('agree', 'thanks', 'insight', 'looking')", name=op.f("ck_reactions_kind")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_reactions_comment_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reactions_person_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reactions_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
    )
    with op.batch_alter_table("reactions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reactions_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(
            "ux_reactions_comment",
            ["comment_id", "person_id", "kind"],
            unique=True,
            sqlite_where=sa.text("reply_id IS NULL"),
            postgresql_where=sa.text("reply_id IS NULL"),
        )
        batch_op.create_index(
            "ux_reactions_reply",
            ["reply_id", "person_id", "kind"],
            unique=True,
            sqlite_where=sa.text("reply_id IS NOT NULL"),
            postgresql_where=sa.text("reply_id IS NOT NULL"),
        )

    _extend_comments()
    _extend_replies()
    _extend_resolutions()
    _extend_walkthroughs()


def _extend_comments() -> None:
    with op.batch_alter_table("comments") as table:
        table.add_column(sa.Column("verdict_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("still_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("region", sa.JSON(none_as_null=True), nullable=True))
        table.create_index(table.f("ix_comments_verdict_id"), ["verdict_id"])
        table.create_foreign_key(
            table.f("fk_comments_verdict_id"), "verdicts", ["verdict_id"], ["id"]
        )
        table.create_foreign_key(table.f("fk_comments_still_id"), "stills", ["still_id"], ["id"])


def _extend_replies() -> None:
    with op.batch_alter_table("replies") as table:
        table.add_column(sa.Column("recording_id", sa.Integer(), nullable=True))
        table.create_unique_constraint(table.f("uq_replies_recording_id"), ["recording_id"])
        table.create_foreign_key(
            table.f("fk_replies_recording_id"), "walkthroughs", ["recording_id"], ["id"]
        )


def _extend_resolutions() -> None:
    with op.batch_alter_table("resolutions") as table:
        table.drop_constraint(table.f("ck_resolutions_how"), type_="check")
        table.create_check_constraint(table.f("ck_resolutions_how"), _one_of("how", HOWS))
        table.add_column(sa.Column("version_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("at_ms", sa.Integer(), nullable=True))
        table.add_column(sa.Column("confirmed_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("confirmed_at", MOMENT, nullable=True))
        table.create_foreign_key(
            table.f("fk_resolutions_version_id"), "walkthroughs", ["version_id"], ["id"]
        )
        table.create_foreign_key(
            table.f("fk_resolutions_confirmed_by_id"), "people", ["confirmed_by_id"], ["id"]
        )


def _extend_walkthroughs() -> None:
    with op.batch_alter_table("walkthroughs") as table:
        table.add_column(
            sa.Column("kind", sa.String(length=10), server_default="recording", nullable=False)
        )
        table.create_check_constraint(table.f("ck_walkthroughs_kind"), _one_of("kind", KINDS))
        table.add_column(sa.Column("removed_at", MOMENT, nullable=True))
        table.add_column(sa.Column("removed_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("frames_key", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("reply_to_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("shared_at", MOMENT, nullable=True))
        table.alter_column("version", existing_type=sa.INTEGER(), nullable=True)
        table.create_foreign_key(
            table.f("fk_walkthroughs_removed_by_id"), "people", ["removed_by_id"], ["id"]
        )
    # Versions from before know no frame hashes: the step is there, and may be asked for again.
    op.execute(
        "INSERT INTO steps (walkthrough_id, name, position, state, attempt, tries) "
        "SELECT id, 'frames', 8, 'skipped', 1, 1 FROM walkthroughs "
        "WHERE EXISTS (SELECT 1 FROM steps WHERE steps.walkthrough_id = walkthroughs.id)"
    )


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN {values}"


def downgrade() -> None:
    op.execute("DELETE FROM steps WHERE name = 'frames'")
    # Recorded replies have no version, which the older schema does not know: they get ones apart.
    op.execute("UPDATE walkthroughs SET version = -id WHERE version IS NULL")
    with op.batch_alter_table("walkthroughs") as table:
        table.drop_constraint(table.f("fk_walkthroughs_removed_by_id"), type_="foreignkey")
        table.drop_constraint(table.f("ck_walkthroughs_kind"), type_="check")
        table.alter_column("version", existing_type=sa.INTEGER(), nullable=False)
        for name in (
            "shared_at",
            "reply_to_id",
            "frames_key",
            "removed_by_id",
            "removed_at",
            "kind",
        ):
            table.drop_column(name)
    _shrink_threads()
    with op.batch_alter_table("reactions", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_reactions_reply",
            sqlite_where=sa.text("reply_id IS NOT NULL"),
            postgresql_where=sa.text("reply_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ux_reactions_comment",
            sqlite_where=sa.text("reply_id IS NULL"),
            postgresql_where=sa.text("reply_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_reactions_comment_id"))

    op.drop_table("reactions")
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mentions_reply_id"))
        batch_op.drop_index(batch_op.f("ix_mentions_person_id"))
        batch_op.drop_index(batch_op.f("ix_mentions_comment_id"))

    op.drop_table("mentions")
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placements_walkthrough_id"))

    op.drop_table("placements")
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_drafts_walkthrough_id"))
        batch_op.drop_index(batch_op.f("ix_drafts_author_id"))

    op.drop_table("drafts")
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verdicts_review_id"))

    op.drop_table("verdicts")
    op.drop_table("stills")


def _shrink_threads() -> None:
    op.execute("UPDATE resolutions SET how = 'unclear' WHERE how = 'asked'")
    with op.batch_alter_table("resolutions") as table:
        table.drop_constraint(table.f("ck_resolutions_how"), type_="check")
        table.create_check_constraint(table.f("ck_resolutions_how"), _one_of("how", OLD_HOWS))
        table.drop_constraint(table.f("fk_resolutions_confirmed_by_id"), type_="foreignkey")
        table.drop_constraint(table.f("fk_resolutions_version_id"), type_="foreignkey")
        for name in ("confirmed_at", "confirmed_by_id", "at_ms", "version_id"):
            table.drop_column(name)
    with op.batch_alter_table("replies") as table:
        table.drop_constraint(table.f("fk_replies_recording_id"), type_="foreignkey")
        table.drop_constraint(table.f("uq_replies_recording_id"), type_="unique")
        table.drop_column("recording_id")
    with op.batch_alter_table("comments") as table:
        table.drop_index(table.f("ix_comments_verdict_id"))
        table.drop_constraint(table.f("fk_comments_verdict_id"), type_="foreignkey")
        table.drop_constraint(table.f("fk_comments_still_id"), type_="foreignkey")
        for name in ("region", "still_id", "verdict_id"):
            table.drop_column(name)
