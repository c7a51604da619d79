"""How names, addresses and skills are read."""

from __future__ import annotations

from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.accounts.spelling import address, line, skill_words


@given(st.text())
def test_a_name_is_one_line_or_refused(text):
    try:
        name = line(text)
    except ValueError:
        return
    assert len(name.splitlines()) == 1
    assert line(name) == name


@given(st.text(max_size=60) | st.emails())
def test_an_address_fits_a_header_or_is_refused(text):
    try:
        email = address(text)
    except ValueError:
        return
    assert email == email.lower()
    assert Address(addr_spec=email).addr_spec == email


@pytest.mark.parametrize(
    "text",
    [
        "", "maya", "maya@", "@example.com", "a b@example.com", "a@b@c.example",
        "a@example.com,b@x.example",
        '"a"@example.com', "a@exam ple.com", "a@b\r\nBcc: c@d.example", "a@[127.0.0.1]",
        "x" * 65 + "@example.com", ".a@example.com", "a..b@example.com", "<a@example.com>",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="Write a mail address"):
        address(text)


def test_names_of_all_scripts_are_welcome():
    for name in (
        "Björk Guðmundsdóttir",
        "میترا\u200cخانم",
        "क्\u200dष",
        "O'Neil-Smith Jr.",
        "李小龍",
    ):
        assert line(f" {name} ") == name


def test_skills_are_read_once_each_in_lower_case():
    assert skill_words(" Typography,checkout ,, typography, user   research") == [
        "typography", "checkout", "user research",
    ]  # fmt: skip
    for wrong in (",".join(map(str, range(31))), "x" * 61, "a\x07b"):
        with pytest.raises(ValueError):
            skill_words(wrong)
