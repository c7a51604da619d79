"""Print the URL of a PostgreSQL server that tests may use; nothing where none answers."""

from __future__ import annotations

import os

import sqlalchemy as sa

CANDIDATES = (
    "postgresql+psycopg://127.0.0.1:5432/postgres",
    "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
)


def find() -> str:
    """The first candidate whose server lets us create databases, else an empty text."""
    given = os.environ.get("TEST_POSTGRES_URL")
    for url in (given,) if given else CANDIDATES:
        engine = sa.create_engine(url, connect_args={"connect_timeout": 3})
        try:
            with engine.connect() as connection:
                may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                if connection.execute(sa.text(may)).scalar():
                    return url
        except sa.exc.OperationalError:
            continue
        finally:
            engine.dispose()
    return ""


if __name__ == "__main__":
    print(find())  # noqa: T201 - the Makefile reads it
