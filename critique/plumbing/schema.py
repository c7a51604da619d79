"""Bringing a database to the current schema: the application's tables and the jobs' tables."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
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
