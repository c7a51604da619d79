"""Alembic's environment: always on the connection the application hands over."""

from __future__ import annotations

from alembic import context

# Importing these registers every model, also of a slice whose pages are not there yet.
from critique.accounts import models as accounts  # noqa: F401
from critique.comments import models as comments  # noqa: F401
from critique.events import models as events  # noqa: F401
from critique.mentoring import models as mentoring  # noqa: F401
from critique.pairing import models as pairing  # noqa: F401
from critique.plumbing import schema  # noqa: F401
from critique.plumbing.db import db
from critique.reviews import models as reviews  # noqa: F401
from critique.walkthroughs import models as walkthroughs  # noqa: F401


def belongs_to_critique(
    entry: object, name: str | None, kind: str, reflected: bool, _: object
) -> bool:
    """Leave the jobs' tables and the full-text shadow tables out of every comparison."""
    if kind == "table" and reflected:
        return name in db.metadata.tables
    return not (kind == "index" and name == "search_index")


def check_references(on: bool) -> None:
    """Switch SQLite's foreign keys: a table can be built anew only while nothing refers to it."""
    if connection.dialect.name == "sqlite":
        # Outside a transaction, where alone the switch has an effect.
        connection.connection.driver_connection.execute(
            f"PRAGMA foreign_keys={'ON' if on else 'OFF'}"
        )


connection = context.config.attributes["connection"]
check_references(on=False)
context.configure(
    connection=connection,
    target_metadata=db.metadata,
    include_object=belongs_to_critique,
    render_as_batch=True,
    compare_type=True,
    # SQLite: one transaction a migration, so a kill leaves the old or the new schema.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
check_references(on=True)
