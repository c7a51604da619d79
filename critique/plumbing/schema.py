"""Bringing a database to the current schema: the application's tables and the jobs' tables."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask

from critique.config import ROOT

# Tables that belong to no slice register themselves on import.
from critique.plumbing import heartbeat, jobs, mailer, search  # noqa: F401
from critique.plumbing.db import db


def upgrade(app: Flask) -> None:
    """Migrate to the newest schema; safe to repeat and to run after a kill half-way."""
    with app.app_context():
        with db.engine.connect() as connection:
            command.upgrade(alembic_config(connection), "head")
        db.engine.dispose()
    jobs.create_tables(app.config["SQLALCHEMY_DATABASE_URI"])


def alembic_config(connection: object) -> Config:
    """Alembic's configuration for the migrations that ship with the package."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def is_behind() -> bool:
    """Whether migrations of this Critique are still to be applied.

    A database that a newer Critique has migrated already is not behind. Raises the database's own
    error where it was never set up.
    """
    found = db.session.scalars(sa.text("SELECT version_num FROM alembic_version")).all()
    newest, known = _revisions()
    return not found or any(one in known and one not in newest for one in found)


@lru_cache(maxsize=1)
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """The newest revisions that ship with the package, and all of them."""
    scripts = ScriptDirectory.from_config(alembic_config(None))
    return (
        frozenset(scripts.get_heads()),
        frozenset(one.revision for one in scripts.walk_revisions()),
    )
