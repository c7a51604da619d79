"""Drawings on a frame: what is kept, what is refused and how, and none outlives its comment."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from critique.api.comments import NewComment
from critique.comments.forms import CommentForm
from critique.comments.models import Comment
from critique.comments.operations import edit_comment, remove_comment
from critique.comments.region import (
    LARGEST_STORED,
    MOST_POINTS,
    MOST_SHAPES,
    BadRegion,
    region_of,
    typed_region,
    written,
)
from critique.comments.talk import talk_of
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Walkthrough
from critique.web.forms import check
from tests.conftest import load_person

PEN: dict[str, Any] = {"shape": "pen", "points": [[0.1, 0.2, 0.5], [0.123456, 1, 0.678]]}
ARROW: dict[str, Any] = {"shape": "arrow", "from": [0, 0], "to": [0.5, 0.25]}
RECTANGLE: dict[str, Any] = {"shape": "rectangle", "from": [0.9, 0.1], "to": [0.2, 0.8]}
TEXT: dict[str, Any] = {"shape": "text", "at": [0.5, 0.5], "text": " too light "}
PIN: dict[str, Any] = {"shape": "pin", "at": [1, 1], "number": 2}
ALL = [PEN, ARROW, RECTANGLE, TEXT, PIN]
KEPT = [
    {"shape": "pen", "points": [[0.1, 0.2, 0.5], [0.1235, 1.0, 0.68]]},
    {"shape": "arrow", "from": [0.0, 0.0], "to": [0.5, 0.25]},
    {"shape": "rectangle", "from": [0.2, 0.1], "to": [0.9, 0.8]},
    {"shape": "text", "at": [0.5, 0.5], "text": "too light"},
    {"shape": "pin", "at": [1.0, 1.0], "number": 2},
]

number = st.floats(0, 1)
point = st.tuples(number, number).map(list)
shapes = st.lists(
    st.one_of(
        st.fixed_dictionaries({"shape": st.just("pin"), "at": point, "number": st.integers(1, 99)}),
        st.fixed_dictionaries(
            {"shape": st.sampled_from(["arrow", "rectangle"]), "from": point, "to": point}
        ),
        st.fixed_dictionaries(
            {
                "shape": st.just("pen"),
                "points": st.lists(
                    st.tuples(number, number, number).map(list), min_size=1, max_size=20
                ),
            }
        ),
    ),
    max_size=8,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*ARROW, *PEN, *TEXT, "x"]), inner)
    ),
    max_leaves=12,
)


def test_each_shape_is_kept_rounded_and_a_rectangle_from_its_upper_left():
    assert region_of(ALL) == KEPT
    assert typed_region(json.dumps(ALL)) == KEPT


@pytest.mark.parametrize("nothing", [None, [], "", "  ", "[]", "null"])
def test_nothing_drawn_is_nothing(nothing):
    assert typed_region(nothing) is None


@given(shapes)
def test_what_was_kept_is_kept_again_as_it_is(drawn):
    kept = region_of(drawn)
    assert region_of(kept) == kept
    assert typed_region(written(kept or [])) == kept


@given(anything)
def test_nothing_else_than_a_region_or_a_refusal_comes_out(junk):
    try:
        kept = region_of(junk)
    except BadRegion:
        return
    assert kept is None or all(shape["shape"] for shape in kept)


def but(shape: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    return [{**shape, **changes}]


def deep(levels: int) -> Any:
    nested: Any = 0
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    ("drawn", "why"),
    [
        ({}, "not a drawing"),
        (7, "not a drawing"),
        ([7], "none of"),
        ([deep(400)], "none of"),
        ([{"shape": ["pen"]}], "none of"),
        ([{"shape": "circle", "at": [0, 0]}], "none of"),
        (but(PIN, colour="red"), "exactly"),
        ([{"shape": "arrow", "from": [0, 0]}], "exactly"),
        (but(PEN, points=[]), "points"),
        (but(PEN, points=None), "points"),
        (but(PEN, points=[[0, 0]]), "pressure"),
        (but(PEN, points=[deep(400)]), "pressure"),
        (but(PEN, points=[[0, 0, 2]]), "from 0 to 1"),
        (but(PEN, points=[[0, 0, 0.5]] * (MOST_POINTS + 1)), "at most 2000 points"),
        (but(PEN, points=[[0.5, 0.5, 0.5]] * 1_000_000), "1000000"),
        ([PIN] * (MOST_SHAPES + 1), "At most 50 shapes"),
        ([PIN] * 10_000, "10000"),
        ([but(PEN, points=[[0.1234, 0.1234, 0.55]] * 2000)[0]] * 5, "too large"),
        (but(ARROW, to=[math.nan, 0]), "from 0 to 1"),
        (but(ARROW, to=[math.inf, 0]), "from 0 to 1"),
        (but(ARROW, to=[-0.0001, 0]), "from 0 to 1"),
        (but(ARROW, to=[1.0001, 0]), "from 0 to 1"),
        (but(ARROW, to=[10**400, 0]), "from 0 to 1"),
        (but(ARROW, to=[True, 0]), "from 0 to 1"),
        (but(ARROW, to=["0.5", 0]), "from 0 to 1"),
        (but(ARROW, to=[0, 0, 0]), "[x, y]"),
        (but(ARROW, to={"x": 0, "y": 0}), "[x, y]"),
        (but(PIN, number=0), "1 to 99"),
        (but(PIN, number=100), "1 to 99"),
        (but(PIN, number=1.0), "1 to 99"),
        (but(PIN, number=True), "1 to 99"),
        (but(TEXT, text=""), "empty"),
        (but(TEXT, text=" \t"), "empty"),
        (but(TEXT, text=["x"]), "must be text"),
        (but(TEXT, text="x" * 81), "at most 80"),
        (but(TEXT, text="x" * 1_000_000), "at most 80"),
        (but(TEXT, text="abc\u202edef"), "nobody can see"),
        (but(TEXT, text="abc\u2066def"), "nobody can see"),
        (but(TEXT, text="abc\x1bdef"), "nobody can see"),
        (but(TEXT, text="abc\ndef"), "nobody can see"),
        (but(TEXT, text="abc\x00def"), "nobody can see"),
        (but(TEXT, text="abc\ud800def"), "nobody can see"),
    ],
)
def test_hostile_drawings_are_refused_under_the_fields_name(drawn, why):
    for shape in (CommentForm, NewComment):
        with pytest.raises(Invalid) as refusal:
            check(shape, {"body": "x", "start_ms": 1, "region": drawn})
        assert why in refusal.value.fields["region"]
        assert list(refusal.value.fields) == ["region"]
        assert len(refusal.value.fields["region"]) < 200


@pytest.mark.parametrize(
    "text",
    [
        "{", "[NaN]", "[" * 100_000, "[" + "9" * 9999 + "]",
        '[{"shape":"pin","at":[1e999,0],"number":1}]',
        '[{"shape":"arrow","from":[NaN,0],"to":[Infinity,-Infinity]}]', " " * 300_000 + "[]",
    ],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_hostile_json_text_is_refused(text):
    with pytest.raises(BadRegion):
        typed_region(text)


def test_joined_letters_and_signs_of_any_script_may_stand_on_the_frame():
    for text in ("می‌خواهم", "👩‍💻 hier", "שלום", "ß & <b>"):
        assert region_of(but(TEXT, text=text)) == [{**KEPT[3], "text": text}]


def test_the_largest_drawing_that_is_kept_fits_its_bound():
    stroke = {"shape": "pen", "points": [[0.1234, 0.1234, 0.55]] * 1000}
    kept = region_of([stroke, stroke])
    assert kept
    assert len(written(kept)) <= LARGEST_STORED


def test_a_page_sends_text_and_the_thread_gives_it_back(app, cast, client_of, room, stored):
    oliver = client_of(cast.oliver)
    said = {"body": "This one.", "start_ms": "500", "region": json.dumps(ALL)}
    address = f"/walkthroughs/{room.walkthrough}/comments"
    answer = oliver.post(address, data=said, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "With a drawing on the frame." in answer.text
    with app.app_context():
        [thread] = talk_of(room.walkthrough)
    assert stored(thread.id)["region"] == KEPT
    assert json.loads(thread.region_text) == KEPT


def test_a_page_that_sends_no_text_is_answered_with_the_sentence(client_of, cast, room, app):
    oliver = client_of(cast.oliver)
    address = f"/walkthroughs/{room.walkthrough}/comments"
    said = {"body": "x", "start_ms": "1", "region": "[1"}
    answer = oliver.post(address, data=said, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "not JSON" in answer.json["fields"]["region"]
    with app.app_context():
        assert not db.session.scalar(sa.select(sa.func.count()).select_from(Comment))


def test_programs_send_and_read_shapes_and_no_text_of_them(cast, client_of, room):
    oliver = client_of(cast.oliver)
    address = f"/api/v1/walkthroughs/{room.walkthrough}/comments"
    made = oliver.post(address, json={"body": "x", "start_ms": 1, "region": ALL})
    assert made.status_code == 201
    assert made.json["region"] == KEPT
    assert oliver.get(address).json[0]["region"] == KEPT
    plain = oliver.post(address, json={"body": "y", "start_ms": 1, "region": None})
    assert plain.json["region"] is None
    refused = oliver.post(address, json={"body": "x", "start_ms": 1, "region": json.dumps(ALL)})
    assert refused.status_code == 422


@pytest.mark.parametrize("levels", [300, 900, 5_000, 100_000])
def test_nested_junk_is_refused_and_nothing_falls_over(cast, client_of, room, levels):
    oliver = client_of(cast.oliver)
    body = '{"body": "x", "start_ms": 1, "region": ' + "[" * levels + "]" * levels + "}"
    answer = oliver.post(
        f"/api/v1/walkthroughs/{room.walkthrough}/comments",
        data=body,
        content_type="application/json",
    )
    assert answer.status_code == 422


def test_numbers_that_are_none_in_a_programs_json_are_refused(cast, client_of, room):
    answer = client_of(cast.oliver).post(
        f"/api/v1/walkthroughs/{room.walkthrough}/comments",
        data='{"body":"x","start_ms":1,"region":[{"shape":"arrow","from":[NaN,0],"to":[0,Infinity]}]}',
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert "from 0 to 1" in answer.json["fields"]["region"]


def test_sound_alone_has_no_frame_to_draw_on(app, say, room):
    with app.app_context(), transaction():
        db.session.get_one(Walkthrough, room.walkthrough).has_video = False
    with pytest.raises(Invalid) as refusal:
        say(region=KEPT)
    assert "no frame" in refusal.value.fields["region"]


def test_a_new_wording_leaves_the_drawing_and_a_removal_empties_it(app, cast, say, stored):
    comment = say(region=KEPT)
    with app.app_context(), transaction():
        by, found = load_person(cast.oliver), db.session.get_one(Comment, comment)
        edit_comment(by=by, comment=found, revision=1, body="Other words.")
    assert stored(comment)["region"] == KEPT
    with app.app_context(), transaction():
        by, found = load_person(cast.oliver), db.session.get_one(Comment, comment)
        remove_comment(by=by, comment=found)
    assert stored(comment)["region"] is None
