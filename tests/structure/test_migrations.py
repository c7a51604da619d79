"""Migrations lead up and down, and arrive at exactly what the models say."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect

from critique.plumbing.db import db
from critique.plumbing.schema import alembic_config


def included(entry, name, kind, reflected, _other):
    if kind == "table" and reflected:
        return name in db.metadata.tables
    return not (kind == "index" and name == "search_index")


def test_the_migrated_schema_is_what_the_models_say(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": included, "compare_type": True}
        )
        assert compare_metadata(context, db.metadata) == []


def test_no_check_was_lost_on_the_way(app):
    """SQLite forgets checks when a table is built anew, and no comparison of metadata tells."""
    with app.app_context():
        inspector = inspect(db.engine)
        found = {
            (table, check["name"])
            for table in db.metadata.tables
            for check in inspector.get_check_constraints(table)
        }
    said = {
        (table.name, str(constraint.name))
        for table in db.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert found == said


def test_down_and_up_again(app):
    with app.app_context(), db.engine.connect() as connection:
        config = alembic_config(connection)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        context = MigrationContext.configure(connection, opts={"include_object": included})
        assert compare_metadata(context, db.metadata) == []
