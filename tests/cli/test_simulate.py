"""`critique simulate queue`: what it prints, and the JSON that others count from."""

from __future__ import annotations

import json
from datetime import datetime

from click.testing import CliRunner

from critique.cli import main

SMALL = ("simulate", "queue", "--mentors", "4", "--weeks", "1", "--load", "0.8", "--seed", "3")


def run(*options: str) -> str:
    result = CliRunner().invoke(main, [*SMALL, *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_policy_has_a_line_and_one_can_be_asked_for_alone():
    lines = run().splitlines()
    assert lines[0] == "4 mentors, load 0.8, 1 weeks, seed 3"
    assert lines[7:] == run("--policy", "shared").splitlines()[3:]
    assert all(f"{name}:" in " ".join(lines[7:]) for name in ("p90", "latest", "longest", "never"))
    assert "ours, shared" in lines[2]
    alone = run("--policy", "round-robin").splitlines()
    assert alone[3] == ""
    assert alone[2].startswith("assigned, round robin")


def test_json_is_nothing_but_json_in_the_agreed_shape():
    told = json.loads(run("--json"))
    assert set(told) == {"policy", "requests"}
    assert told["policy"] == "shared"
    for one in told["requests"]:
        assert list(one) == [
            "id", "site", "hours_class", "posted", "due", "answered", "by", "by_site", "handed_off",
        ]  # fmt: skip
        moments = [one["posted"], one["due"], *filter(None, [one["answered"]])]
        assert all(datetime.fromisoformat(at).utcoffset() is not None for at in moments)
        assert one["hours_class"] in {4, 8, 24}
        assert one["handed_off"] is False
    assert json.loads(run("--json", "--policy", "assigned"))["policy"] == "assigned"


def test_the_same_seed_prints_the_same():
    assert run("--json") == run("--json")
