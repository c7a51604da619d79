"""The database: declarative base, column types and the two engines' habits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm

from critique.plumbing import intent

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; naive datetimes are refused on the way in, aware ones come out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive values; store UTC (SQLite has no zones, so it gets the naive UTC)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Hand out aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(orm.DeclarativeBase):
    """Base of all records."""

    # A type_annotation_map on the class itself fails in Flask-SQLAlchemy (its issue 1361).
    registry = orm.registry(
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: sa.JSON, list[Any]: sa.JSON},
        metadata=sa.MetaData(naming_convention=NAMING),
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:

    class Record(Base):
        """Base of every table's class; at run time it is Flask-SQLAlchemy's own model base."""

        __abstract__ = True
else:
    Record = db.Model


def connect_database(app: Flask) -> None:
    """Bind the application's engine; DBOS keeps its own, which these habits leave alone."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy's own BEGIN (below) decides the kind of transaction, not the driver.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        # FULL: what was answered 2xx survives a power cut; NORMAL may lose the last commits.
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that reads, then writes, fails under load in spite of the busy timeout
    # (810 of 1,600 tries measured); one that begins IMMEDIATE waits its turn (0 of 1,600).
    connection.exec_driver_sql("BEGIN" if intent.is_reading() else "BEGIN IMMEDIATE")


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return db.session.get_bind().dialect.name
