"""Every refusal is problem+json that names the field; nothing sent makes a 500."""

from __future__ import annotations

import pytest

from critique.api.comments import NewComment
from critique.plumbing.errors import Invalid
from critique.web.forms import check

PROBLEM = "application/problem+json"
HUGE = "9" * 30


def refused(answer, status: int, field: str | None = None) -> None:
    assert (answer.status_code, answer.content_type) == (status, PROBLEM), answer.text
    body = answer.json
    assert body["status"] == status
    assert body["detail"].endswith(".")
    if field:
        assert field in body["fields"], body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", ""),
        ("title", 7),
        ("title", ["T"]),
        ("title", "x" * 201),
        ("title", "a\0b"),
        ("title", "\ud800"),
        ("brief", "x" * 20_001),
        ("brief", {"a": 1}),
        ("aims", "one"),
        ("aims", [1]),
        ("aims", ["\udfff"]),
        ("aims", [str(n) for n in range(11)]),
        ("stage", "late"),
        ("stage", 1),
        ("review_by", "soon"),
        ("review_by", "2001-01-01T00:00:00Z"),
        ("review_by", "9999-12-31T23:59:59Z"),
        ("review_by", 5),
        ("review_by", "in 9999 working days"),
        ("reviewers", ["nobody@example.com"]),
        ("reviewers", ["rival@example.com"]),
        ("reviewers", ["maya@example.com"]),
        ("reviewers", "oliver@example.com"),
        ("reviewers", [{"id": 2}]),
        ("reviewers", [10**30]),
        ("skills", [None]),
        ("links", ["javascript:alert(1)"]),
        ("links", ["//x"]),
        ("team", "Rivals"),
        ("team", 3),
    ],
)
def test_a_request_that_does_not_fit_names_the_field(maya, field, value):
    body = {"title": "T", field: value}
    refused(maya.post("/api/v1/reviews", json=body), 422, field)
    assert maya.get("/api/v1/reviews").json == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start_ms": 1}, "body"),
        ({"body": "\0", "start_ms": 1}, "body"),
        ({"body": "x"}, "start_ms"),
        ({"body": "x", "start_ms": -1}, "start_ms"),
        ({"body": "x", "start_ms": 2**70}, "start_ms"),
        ({"body": "x", "start_ms": True}, "start_ms"),
        ({"body": "x", "start_ms": 1.5}, "start_ms"),
        ({"body": "x", "start_ms": 99_000_000}, "start_ms"),
        ({"body": "x", "start_ms": 5, "end_ms": 4}, "end_ms"),
        ({"body": "x", "words": {"first": 1, "last": 999}}, "words"),
        ({"body": "x", "words": {"first": 3, "last": 1}}, "words"),
        ({"body": "x", "words": {"first": 2**70, "last": 1}}, "words"),
        ({"body": "x", "words": {"first": 1}}, "words"),
        ({"body": "x", "words": [1, 2]}, "words"),
        ({"body": "x", "words": "1-2"}, "words"),
        ({"body": "x", "start_ms": 1, "kind": "rant"}, "kind"),
        ({"body": "x", "start_ms": 1, "weight": 3}, "weight"),
        ({"body": "x", "start_ms": 1, "aim_id": 999_999}, "aim_id"),
    ],
)
def test_a_comment_that_does_not_fit_names_the_field(oliver, room, body, field):
    refused(oliver.post(f"/api/v1/walkthroughs/{room.walkthrough}/comments", json=body), 422, field)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"1",
        b"\xff\xfe",
        b'{"title": NaN}',
        b"[" * 200_000,
        b'{"title":' * 20_000,
        b'{"start_ms": ' + b"1" * 9000 + b"}",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_a_body_that_is_no_object_is_refused(maya, data):
    answer = maya.post("/api/v1/reviews", data=data, content_type="application/json")
    refused(answer, 422)


def test_only_json_is_taken_where_json_is_asked_for(maya):
    answer = maya.post("/api/v1/reviews", data={"title": "T"})
    refused(answer, 415)
    assert answer.json["code"] == "unsupported_media_type"


def test_a_body_beyond_measure_is_413(maya):
    answer = maya.post(
        "/api/v1/reviews", data=b"x" * (8 * 1024 * 1024 + 1), content_type="application/json"
    )
    refused(answer, 413)


@pytest.mark.parametrize(
    "made_up", ["0", HUGE, "9999999999", "987654", "1" * 5000, "%00", "x", "-1"]
)
def test_no_such_id_is_404_however_it_is_written(maya, made_up):
    for address in (
        f"/api/v1/reviews/{made_up}", f"/api/v1/walkthroughs/{made_up}",
        f"/api/v1/walkthroughs/{made_up}/transcript.vtt", f"/api/v1/comments/{made_up}",
    ):  # fmt: skip
        refused(maya.get(address), 404)
    refused(maya.put(f"/api/v1/reviews/{made_up}/claim"), 404)
    refused(maya.post(f"/api/v1/comments/{made_up}/replies", json={"body": "x"}), 404)
    head = maya.head(f"/uploads/{made_up}", headers={"Tus-Resumable": "1.0.0"})
    assert head.status_code == 404


def test_queries_that_do_not_fit_name_the_field(maya):
    for address, field in (
        ("/api/v1/reviews?after=x", "after"), (f"/api/v1/reviews?after={HUGE}", "after"),
        ("/api/v1/reviews?after=0", "after"), ("/api/v1/reviews?state=", "state"),
        (f"/api/v1/queue?page={HUGE}", "page"), ("/api/v1/search?q=" + "x" * 201, "q"),
    ):  # fmt: skip
        refused(maya.get(address), 422, field)
    for query in ("", "%00", "%ff%fe", "%ED%A0%80", "***", '"', "' OR 1=1 --", "a:b AND NOT c"):
        answer = maya.get(f"/api/v1/search?q={query}")
        assert (answer.status_code, answer.json) == (200, [])


def test_unknown_addresses_and_methods_are_problems_too(maya):
    refused(maya.get("/api/v1/nothing"), 404)
    refused(maya.get("/api/v2/reviews"), 404)
    wrong = maya.delete("/api/v1/queue")
    refused(wrong, 405)
    assert "GET" in wrong.headers["Allow"]
    wrong = maya.get("/uploads/")
    refused(wrong, 405)
    assert "POST" in wrong.headers["Allow"]


def test_without_a_token_that_works_it_is_401(app, maya):
    for header in ("Bearer nonsense", "Bearer ", "Basic abc", "bearer x", ""):
        for method, address in (("GET", "/api/v1/queue"), ("POST", "/api/v1/reviews")):
            answer = maya.open(address, method=method, headers={"Authorization": header}, json={})
            refused(answer, 401)
            assert "Authorization: Bearer" in answer.json["detail"]
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert maya.get("/api/v1/openapi.json", headers={"Authorization": ""}).status_code == 200


def test_a_session_needs_the_pages_proof_here_too(client_of, cast):
    client = client_of(cast.maya)
    assert client.post("/api/v1/reviews", json={"title": "T"}).status_code == 201
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    refused(client.post("/api/v1/reviews", json={"title": "T"}), 400)


def test_a_transcript_that_is_none_keeps_what_was_there(maya, oliver, room):
    address = f"/api/v1/walkthroughs/{room.walkthrough}/transcript"
    before = maya.get(address).json
    for data in (b"", b"   ", b"\x00\x01\x02", b"WEBVTT\n\nbroken --> \nx"):
        answer = maya.put(address, data=data)
        assert 400 <= answer.status_code < 500, data
        refused(answer, answer.status_code)
    refused(oliver.put(address, data="words"), 403)
    assert maya.get(address).json == before


def test_a_closed_request_takes_no_comment(app, maya, oliver, room, cast):
    from critique.plumbing.transaction import transaction
    from critique.reviews.operations import close_review
    from tests.conftest import load_person

    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    address = f"/api/v1/walkthroughs/{room.walkthrough}/comments"
    refused(oliver.post(address, json={"body": "x", "start_ms": 1}), 409)
    refused(oliver.put(f"/api/v1/reviews/{room.review}/claim"), 409)


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"body": "", "start_ms": 1}, "body", "This is needed."),
        ({"body": "x" * 20_001, "start_ms": 1}, "body", "At most 20000 characters."),
        ({"body": 7, "start_ms": 1}, "body", "This must be text."),
        ({"body": "x", "start_ms": -1}, "start_ms", "At least 0."),
        ({"body": "x", "start_ms": 1.5}, "start_ms", "This must be a whole number."),
        ({"body": "x", "words": [0, 1]}, "words", "This must be a JSON object."),
        ({"body": "x", "draft": "maybe"}, "draft", "This must be true or false."),
    ],
)
def test_a_field_that_does_not_fit_is_told_in_plain_words(body, field, sentence):
    with pytest.raises(Invalid) as refusal:
        check(NewComment, body)
    assert refusal.value.fields == {field: sentence}
