"""`critique placement`: places anchors from files alone, and says in a sentence what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from critique.cli import TOPICS, main
from tests.comments.takes import SENTENCES, on, said, start_of

WORD = {"id": 1, "text": "logo", "start_ms": 0, "end_ms": 400}
NEXT = {"id": 2, "text": "blue", "start_ms": 400, "end_ms": 700}


def written(folder: Path, name: str, told: object) -> str:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return str(path)


def transcript(words, name=lambda number: number) -> dict[str, object]:
    """As the API gives it, with what the command does not need."""
    rows = [
        {"id": name(w.id), "text": w.text, "start_ms": w.start_ms, "end_ms": w.end_ms,
         "confidence": None}
        for w in words
    ]  # fmt: skip
    return {"walkthrough_id": 3, "revision": 1, "language": "en", "words": rows}


def run(folder: Path, old: object, new: object, anchors: object):
    files = [written(folder, n, t) for n, t in (("a", old), ("b", new), ("c", anchors))]
    return CliRunner().invoke(main, ["placement", *files])


def test_it_places_what_it_is_given_without_a_database_or_a_setting(tmp_path):
    old, new = said(*SENTENCES), said(*SENTENCES[6:], *SENTENCES[:5])
    anchors = []
    for name, quote in (("kept", "orange badge"), (7, "Delivery times were another")):
        anchor = on(old, quote)
        words = {"first": f"w{anchor.first_word}", "last": f"w{anchor.last_word}"}
        times = {"start_ms": anchor.start_ms, "end_ms": anchor.end_ms}
        anchors.append({"id": name, **times, "words": words})
    anchors.append({"id": "moment", "start_ms": on(old, "voucher").start_ms, "end_ms": 0})
    anchors[-1]["end_ms"] = anchors[-1]["start_ms"]
    files = [
        written(tmp_path, name, told)
        for name, told in (
            ("old.json", transcript(old, "w{}".format)),
            ("new.json", transcript(new, "x{}".format)),
            ("anchors.json", anchors),
        )
    ]
    command = [sys.executable, "-m", "critique.cli", "placement", *files]
    environment = {"CRITIQUE_DATABASE_URL": "nonsense", "CRITIQUE_DATA": "/nowhere"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    kept, cut, moment = json.loads(done.stdout)
    assert kept == {
        "id": "kept",
        "state": "moved",
        "start_ms": start_of(new, "orange badge"),
        "end_ms": on(new, "orange badge").end_ms,
        "confidence": kept["confidence"],
    }
    assert 0.9 < kept["confidence"] <= 1
    assert (cut["id"], cut["state"], cut["start_ms"], cut["end_ms"]) == (7, "removed", None, None)
    assert (moment["id"], moment["start_ms"]) == ("moment", start_of(new, "voucher"))


def test_what_needs_no_database_imports_none():
    code = (
        "import sys; from critique.cli import main; main(['placement', '--help'], "
        "standalone_mode=False); sys.exit(bool({'flask', 'sqlalchemy', 'dbos'} & {*sys.modules}))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_command_is_where_the_group_says():
    for name, topic in TOPICS.items():
        offered = import_module(f"critique.cli.{topic}").COMMANDS
        assert name in {command.name for command in offered}
    every = {name for topic in {*TOPICS.values()} for name in _offered(topic)}
    assert every == {*TOPICS}


def _offered(topic: str) -> set[str]:
    return {command.name for command in import_module(f"critique.cli.{topic}").COMMANDS}


def test_without_any_words_it_answers_and_says_so(tmp_path):
    told = run(tmp_path, {"words": []}, {"words": []}, [{"id": 1, "start_ms": 5, "end_ms": 9}])
    assert told.exit_code == 0
    assert told.stderr.count("there are no words in it") == 2
    [placed] = json.loads(told.stdout)
    assert (placed["state"], placed["start_ms"], placed["end_ms"]) == ("uncertain", 5, 9)
    assert placed["confidence"] < 0.5


def test_any_text_is_a_word(tmp_path):
    odd = [
        "\ud800",
        "\0",
        "",
        " ",
        "😀😀",
        "e\u0301",
        "\u202e",
        "ﷺ" * 3,
        "x" * 5_000,
        "ок,",
        "हिन्दी",
    ]
    rows = [
        {"id": at, "text": text, "start_ms": 300 * at, "end_ms": 300 * at + 200}
        for at, text in enumerate(odd)
    ]
    anchors = [
        {"id": row["id"], "start_ms": row["start_ms"], "end_ms": row["end_ms"]} for row in rows
    ]
    told = run(tmp_path, {"words": rows}, {"words": rows}, anchors)
    assert told.exit_code == 0, told.output
    assert [one["id"] for one in json.loads(told.stdout)] == list(range(len(odd)))


def test_no_anchors_are_no_answers(tmp_path):
    told = run(tmp_path, {"words": [WORD]}, {"words": [WORD]}, [])
    assert (told.exit_code, json.loads(told.stdout)) == (0, [])


def changed(**more: object) -> dict[str, object]:
    return {"words": [WORD, {**NEXT, **more}]}


FINE = {"words": [WORD, NEXT]}
HERE = {"id": 1, "start_ms": 0, "end_ms": 400}
WRONG = {
    "not JSON": ("{", FINE, [], "not JSON"),
    "a number that is none": ('{"words": [NaN]}', FINE, [], "NaN is no number"),
    "a number that is none, deep": (
        '{"words": [{"id": 1, "text": "a", "start_ms": Infinity, "end_ms": 5}]}', FINE, [],
        "Infinity is no number"),
    "too large for a number": (changed(end_ms=10**40), FINE, [], "0 and seven days"),
    "a list instead": ([WORD], FINE, [], '"words"'),
    "no words": ({"word": []}, FINE, [], '"words"'),
    "no object": ({"words": ["logo"]}, FINE, [], "word 1 is not an object"),
    "no id": ({"words": [{**WORD, "id": None}]}, FINE, [], 'word 1 needs an "id"'),
    "no text": (changed(text=None), FINE, [], 'word 2 has no "text"'),
    "no start": (changed(start_ms=None), FINE, [], 'word 2 needs "start_ms"'),
    "true is no time": (changed(start_ms=True), FINE, [], 'word 2 needs "start_ms"'),
    "before the beginning": (changed(start_ms=-1), FINE, [], "0 and seven days"),
    "ends before it begins": (changed(end_ms=399), FINE, [], "word 2 ends before it begins"),
    "unsorted": ({"words": [NEXT, WORD]}, FINE, [], "sort them by time"),
    "overlapping": (changed(start_ms=100), FINE, [], "before the one before it ends"),
    "the same id twice": (changed(id=1), FINE, [], "another word has already"),
    "the new take too": (FINE, changed(id=1), [], "another word has already"),
    "anchors no list": (FINE, FINE, {}, "anchors are a list"),
    "an anchor without an id": (FINE, FINE, [{**HERE, "id": 1.5}], 'anchor 1 needs an "id"'),
    "an anchor without times": (FINE, FINE, [{"id": 1}], 'anchor 1 needs "start_ms"'),
    "an anchor the wrong way": (FINE, FINE, [{**HERE, "end_ms": -5}], "0 and seven days"),
    "an end before the start": (
        FINE, FINE, [{**HERE, "start_ms": 500}], "anchor 1 ends before it begins"),
    "half a pair of words": (FINE, FINE, [{**HERE, "words": {"first": 1}}], '"first" and "last"'),
    "an unknown word": (
        FINE, FINE, [{**HERE, "words": {"first": 1, "last": 9}}], "the word 9, which"),
    "an unknown word as text": (
        FINE, FINE, [{**HERE, "words": {"first": "1", "last": 2}}], "the word '1', which"),
    "words the wrong way": (
        FINE, FINE, [{**HERE, "words": {"first": 2, "last": 1}}], "comes before its first"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_file_is_said_in_one_sentence(tmp_path, name):
    old, new, anchors, sentence = WRONG[name]
    told = run(tmp_path, old, new, anchors)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
    assert "Traceback" not in told.stderr


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    fine = written(tmp_path, "fine", FINE)
    for missing in (str(tmp_path / "nowhere.json"), str(tmp_path)):
        told = CliRunner().invoke(main, ["placement", fine, missing, fine])
        assert (told.exit_code, told.stdout) == (2, "")
        assert told.stderr.startswith(f"{missing}: it cannot be read")


def test_more_words_than_anyone_can_say_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("critique.cli.placement.MOST_WORDS", 1)
    assert "more than 1 words are too many" in run(tmp_path, FINE, FINE, []).stderr
    monkeypatch.setattr("critique.cli.placement.MOST_BYTES", 10)
    assert "are too much" in run(tmp_path, FINE, FINE, []).stderr
