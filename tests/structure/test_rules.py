"""The house's rules, held by machine: one commit point, small files, plain names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "critique").rglob("*.py"))
SCRIPTS = sorted(p for p in (ROOT / "static" / "js").rglob("*.js"))
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "service", "services", "manager"}
COMMIT_POINT = ROOT / "critique" / "plumbing" / "transaction.py"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_has_at_most_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


def lines_of_body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without signature and docstring: keyword arguments and their story do not count."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return node.end_lineno - first.lineno + 1


def test_a_function_has_at_most_40_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in functions(path)
        if lines_of_body(node) > 40
    ]
    assert long == []


def test_no_name_that_says_nothing():
    named = [p for p in MODULES if p.stem in BANNED or p.parent.name in BANNED]
    assert named == []


def test_nobody_commits_but_the_one_commit_point():
    committing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path != COMMIT_POINT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]
    assert committing == []


def test_only_the_clock_reads_the_clock():
    reading = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path.name != "clock.py" or path.parent.name != "plumbing"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]
    assert reading == []


def test_templates_carry_no_inline_style_or_handler():
    bad = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "templates").rglob("*.html")
        if "mail" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if " style=" in line or " onclick=" in line or "javascript:" in line
    ]
    assert bad == []


def test_every_decision_has_its_parts():
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        text = path.read_text().lower()
        missing = [
            part for part in ("context", "decision", "refused", "consequences") if part not in text
        ]
        assert missing == [], f"{path.name} lacks {missing}"
