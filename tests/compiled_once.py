"""What each application would compile anew, though it depends on the code alone, shared by a run.

Every test has an application of its own, and it took a third of the suite's time to compile the
same routes, queries and templates for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

PARTS = ("_parts", "_trace", "_converters", "arguments")
BUILDERS = ("_build", "_build_unknown")


@contextmanager
def shared() -> Iterator[None]:
    """Share routes and queries between all applications that are made inside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", _routes(Rule.compile))
        patch.setattr(SQLAlchemy, "_make_engine", _queries(SQLAlchemy._make_engine))
        yield


def _routes(plain: Any) -> Any:
    """Werkzeug reads each rule and compiles two functions for it."""
    made: dict[Any, dict[str, Any]] = {}

    def compile_once(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
        if key not in made:
            plain(rule)
            made[key] = {name: getattr(rule, name) for name in PARTS}
            made[key] |= {name: getattr(rule, name).__func__ for name in BUILDERS}
        for name in PARTS:
            setattr(rule, name, made[key][name])
        for name in BUILDERS:
            setattr(rule, name, made[key][name].__get__(rule))

    return compile_once


def _queries(plain: Any) -> Any:
    """SQLAlchemy keeps the SQL of a query with the engine, and by the engine's own dialect."""
    dialects: dict[str, sa.Dialect] = {}
    compiled = LRUCache(5_000)

    def make_engine(self: SQLAlchemy, bind_key: str | None, options: Any, app: Any) -> sa.Engine:
        engine: sa.Engine = plain(self, bind_key, options, app)
        engine.dialect = dialects.setdefault(engine.name, engine.dialect)
        engine.update_execution_options(compiled_cache=compiled)
        return engine

    return make_engine
