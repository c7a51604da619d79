"""One migrated database a run, a clean copy of it a test; SQLite and, where one is, PostgreSQL."""

from __future__ import annotations

import contextvars
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache

from critique.accounts.login import COOKIE_KEY, digest
from critique.accounts.models import Person, SignIn
from critique.config import Settings
from critique.factory import create_app
from critique.plumbing import clock, jobs, schema
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from tests import compiled_once as compiled_once_a_run
from tests.people import Cast, seat_cast

POSTGRES = os.environ.get("TEST_POSTGRES_URL")
ENGINES = ["sqlite", *(["postgresql"] if POSTGRES else [])]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize(
    "database_url",
    [
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif("postgresql" not in ENGINES, reason="needs PostgreSQL"),
        )
    ],
    indirect=True,
)
# For what takes long and knows nothing of the database behind it: once is enough.
on_one = pytest.mark.parametrize("database_url", ENGINES[-1:], indirect=True)


def settings_for(data: Path, database_url: str, **changes: Any) -> Settings:
    """Settings of a test: its own folder, its own database, no disk reserve."""
    defaults: dict[str, Any] = {
        "base_url": "http://localhost",
        "secret_key": "test-secret",
        "disk_reserve_bytes": 0,
        "demo": False,
    }
    return Settings(data=data, database_url=database_url, **{**defaults, **changes})


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the current schema, to be copied."""
    folder = tmp_path_factory.mktemp("schema")
    path = folder / "migrated.sqlite"
    schema.upgrade(create_app(settings_for(folder, f"sqlite:///{path}")))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PostgreSQL database of this test process, at the current schema."""
    assert POSTGRES
    server = sa.make_url(POSTGRES)
    name = f"critique_test_{worker_id}_{os.getpid()}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        # Nobody pulls the plug of a test's database.
        connection.execute(sa.text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    admin.dispose()
    url = server.set(database=name, drivername="postgresql+psycopg")
    text = url.render_as_string(hide_password=False)
    schema.upgrade(create_app(settings_for(tmp_path_factory.mktemp("pg"), text)))
    return text


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of this test process (pytest-xdist), `main` without it."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


def sqlite_copy(migrated: Path, folder: Path) -> str:
    """URL of a clean SQLite database at the current schema."""
    path = folder / "critique.sqlite"
    shutil.copy(migrated, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a clean database at the current schema."""
    yield from clean_database(request.param, request, tmp_path)


def clean_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """URL of a clean database of that engine, for one test."""
    if engine == "sqlite":
        yield sqlite_copy(request.getfixturevalue("migrated"), folder)
        return
    url = request.getfixturevalue("postgres_url")
    yield url
    cleaner = sa.create_engine(url)
    with cleaner.begin() as connection:
        _empty(connection)
    cleaner.dispose()


def _empty(connection: sa.Connection) -> None:
    """Leave the schema as it was made; TRUNCATE writes files anew and takes ten times as long."""
    # Tables of the jobs lie in their own schema and are emptied alike.
    tables = connection.scalars(
        sa.text(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname IN ('public', 'dbos')"
            " AND tablename NOT IN ('alembic_version', 'dbos_migrations')"
        )
    ).all()
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables
    )
    # Everything goes, so no reference needs to be looked at.
    connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    for table in connection.scalars(sa.text(asked)).all():
        connection.execute(sa.text(f"DELETE FROM {table}"))
    connection.execute(
        sa.text(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )
    )


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of this test."""
    return settings_for(tmp_path, database_url)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates, compiled once a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Routes and queries, compiled once a run as well."""
    with compiled_once_a_run.shared():
        yield


@pytest.fixture
def app(settings: Settings, compiled: BytecodeCache) -> Iterator[Flask]:
    """The application on a clean database."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = compiled
    made.config["RATELIMIT_ENABLED"] = False
    yield made
    with made.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The fixed cast, seated."""
    with app.app_context(), transaction():
        return seat_cast()


class IsolatedClient(FlaskClient):
    """A client whose every request runs in an empty context.

    Without it Flask-Login's cached person leaks from one client to the next, and permission tests
    lie.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request."""
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def client_of(app: Flask) -> Callable[[int | None], FlaskClient]:
    """Make a client signed in as a person (by id), or as a guest for None.

    CSRF protection stays on; the client sends the right token by itself.
    """
    app.test_client_class = IsolatedClient

    def make(person_id: int | None) -> FlaskClient:
        client = app.test_client()
        if person_id is not None:
            _sign_in(app, client, person_id)
        return client

    return make


def _sign_in(app: Flask, client: FlaskClient, person_id: int) -> None:
    secret = f"secret-of-{person_id}-{os.urandom(8).hex()}"
    with app.app_context(), transaction():
        db.session.add(
            SignIn(
                person_id=person_id,
                digest=digest(secret),
                started_at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
            )
        )
    with client.session_transaction() as session:
        session[COOKIE_KEY] = secret
        session["csrf_token"] = "known-to-the-test"
    with app.test_request_context():
        from flask import session as flask_session
        from flask_wtf.csrf import generate_csrf

        flask_session["csrf_token"] = "known-to-the-test"
        token = generate_csrf()
    client.environ_base["HTTP_X_CSRFTOKEN"] = token


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], list[str]]:
    """Run every waiting job here and now, until none is left; gives their keys in order."""

    def run() -> list[str]:
        done: list[str] = []
        with app.app_context():
            while waiting := [w for w in jobs.unfinished() if w.key not in done]:
                db.session.rollback()
                for entry in waiting:
                    jobs.registry[entry.name].run(*entry.ids)
                    done.append(entry.key)
                    db.session.rollback()
        return done

    return run


def load_person(person_id: int) -> Person:
    """A person by id, in the current session."""
    return db.session.get_one(Person, person_id)
