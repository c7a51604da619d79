"""Markdown read aloud: the words a reader sees, without what only tells how they look."""

from __future__ import annotations

import pytest

from critique.plumbing.markup import without_marks


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("say the **delivery price** *surprised* them", "say the delivery price surprised them"),
        ("[the frame](https://figma.example/x?y) here", "the frame here"),
        ("one\ntwo  \nthree\n\n- four\n- `five`", "one two three four five"),
        ("# Head\n\n> said\n\n```\nx * y\n```", "Head said x * y"),
        ("| a | b |\n| - | - |\n| c | ~~d~~ |", "a b c d"),
        ("![a plan](https://evil.example/p.png)", "a plan"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("<b>raw</b>", "<b>raw</b>"),
        ("", ""),
    ],
)
def test_marks_and_addresses_are_not_read(written, read):
    assert without_marks(written) == read
