"""The API's description: complete, valid, and true of what the routes do with anything sent."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate
from schemathesis import checks

from critique.accounts.operations import issue_token
from critique.plumbing.transaction import transaction
from tests.conftest import ENGINES, load_person, on_one

EXAMPLES = 8
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture
def spec(app) -> dict[str, Any]:
    return app.test_client().get("/api/v1/openapi.json").json


@on_one
def test_every_route_is_described_and_every_description_is_a_route(app, spec):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in spec["paths"].items() for method in item}
    assert described == routes


@on_one
def test_it_is_valid_openapi_3_1(spec):
    assert spec["openapi"].startswith("3.1")
    assert spec["servers"] == [{"url": "http://localhost"}]
    validate(spec)


@on_one
def test_every_refusal_is_a_problem_and_every_post_takes_a_key(spec):
    for item in spec["paths"].values():
        for method, operation in item.items():
            if operation["operationId"] == "openapi":
                continue
            assert operation["summary"], operation["operationId"]
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
            named = [parameter["name"] for parameter in operation["parameters"]]
            assert ("Idempotency-Key" in named) == (method == "post")


@on_one
def test_names_are_those_of_the_contract(spec):
    fields = {
        name: set(s.get("properties", ())) for name, s in spec["components"]["schemas"].items()
    }
    assert fields["NewReview"] >= {
        "title", "brief", "aims", "stage", "review_by", "reviewers", "skills",
    }  # fmt: skip
    assert fields["WalkthroughShape"] >= {
        "state", "duration_ms", "width", "height", "sources", "poster", "sprite", "peaks", "steps",
    }  # fmt: skip
    assert fields["WalkthroughSummary"] >= {"id", "version", "state", "reason", "steps"}
    assert fields["TranscriptShape"] >= {"engine", "draft", "language", "words"}
    assert fields["WordShape"] == {"id", "text", "start_ms", "end_ms", "confidence"}
    assert fields["NewComment"] >= {"body", "kind", "weight", "start_ms", "end_ms", "words"}
    assert fields["QueueRowShape"] == {
        "review", "why", "claimed_by", "claimed_until", "slack_minutes", "about_minutes", "savable",
    }  # fmt: skip
    for page_only in ("first_word", "once", "review_by_moment", "revision"):
        assert page_only not in fields["NewComment"] | fields["NewReview"]


# What fits is asked of SQLite, what does not of PostgreSQL, which is the stricter one.
@pytest.mark.parametrize(
    ("mode", "database_url"),
    [
        pytest.param(schemathesis.GenerationMode.POSITIVE, ENGINES[0], id="positive"),
        pytest.param(schemathesis.GenerationMode.NEGATIVE, ENGINES[-1], id="negative"),
    ],
    indirect=["database_url"],
)
def test_whatever_is_sent_is_answered_as_described(app, cast, scene, mode):
    """Schemathesis sends what fits and what does not, to real ids and to others."""
    with app.app_context(), transaction():
        token = issue_token(by=None, person=load_person(cast.wei))
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    asked = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        ids = {name: scene.ids[name] for name in re.findall(r"{(\w+)}", operation.path)}
        for real in [ids, {}] if ids else [{}]:
            with warnings.catch_warnings():
                # A route that takes nothing leaves nothing to send wrong.
                warnings.simplefilter("ignore")
                cases = operation.as_strategy(generation_mode=mode, path_parameters=real)
                try:
                    _hold(cases, headers)
                except Unsatisfiable:
                    continue
            asked.add(operation.label)
    assert len(asked) >= len(spec_paths(schema)) // 2


def spec_paths(schema) -> list[str]:
    return list(schema.raw_schema["paths"])


def _hold(cases, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(case=cases)
    def ask(case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
