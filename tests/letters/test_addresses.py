"""Addresses that only Critique can make."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.config import Settings
from critique.letters.addresses import Address, address_in, local_part_of
from critique.letters.mailbox import known_address
from tests.conftest import settings_for

ids = st.integers(0, 2**31 - 1)
addresses = st.builds(
    Address, st.sampled_from(["reply", "meeting", "abcdefghijklmnopqrst"]), ids, ids
)


@given(addresses, st.integers(0, 255), st.text(min_size=1))
def test_what_was_written_is_read_again_in_any_case(address, number, secret):
    local = local_part_of(address, number, secret)
    assert len(local) <= 64
    assert set(local) <= set(string.ascii_lowercase + "234567+")
    for spelling in (local, local.upper(), local.title()):
        assert address_in(spelling, {number: secret}) == address


@given(addresses, st.integers(0, 39), st.sampled_from(string.ascii_lowercase + "234567"))
def test_one_letter_changed_and_it_is_nobodys(address, place, letter):
    local = local_part_of(address, 1, "secret")
    at = local.index("+") + 1 + place
    changed = local[:at] + letter + local[at + 1 :]
    found = address_in(changed, {1: "secret"})
    assert found == (address if changed == local else None)


@given(addresses)
def test_a_kind_a_key_or_a_number_changed_and_it_is_nobodys(address):
    local = local_part_of(address, 1, "secret")
    token = local.partition("+")[2]
    assert address_in(f"other+{token}", {1: "secret"}) is None
    assert address_in(local, {1: "another secret"}) is None
    assert address_in(local, {2: "secret"}) is None


@given(st.text(max_size=80))
def test_anything_else_is_nobodys(text):
    assert address_in(text, {0: "secret"}) is None
    assert address_in(f"reply+{text}", {0: "secret"}) is None


@pytest.fixture
def configured(tmp_path) -> Settings:
    return settings_for(tmp_path, "", reply_domain="reply.example.com")


def test_keys_are_changed_without_losing_letters_under_way(tmp_path, configured):
    address = Address("reply", 7, 9)
    old, older = "o" * 32, configured.secret_key
    sent = [
        f"{local_part_of(address, number, secret)}@reply.example.com"
        for number, secret in ((0, older), (1, old), (2, "n" * 32))
    ]
    both = settings_for(
        tmp_path, "", reply_domain="reply.example.com",
        reply_keys=((2, "n" * 32), (1, old)),
    )  # fmt: skip
    assert [known_address(one, both) for one in sent] == [address] * 3
    assert [known_address(one, configured) for one in sent] == [address, None, None]
    assert known_address(sent[0].replace("reply.example.com", "example.com"), both) is None
    assert known_address(sent[0].partition("@")[0], both) is None
