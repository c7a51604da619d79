"""Where answers come in, as the environment says it."""

from __future__ import annotations

import pytest

from critique.config import mail_door_of, reply_domain_of, reply_keys_of, settings_from_environment


def read(tmp_path, **environ):
    return settings_from_environment({"CRITIQUE_DATA": str(tmp_path), **environ})


def test_on_ones_own_machine_the_door_stands_beside_the_site(tmp_path):
    known = read(tmp_path, PORT="5055")
    assert (known.mail_door, known.reply_domain) == ("smtp://127.0.0.1:8055", "reply.localhost")
    assert read(tmp_path, PORT="64000").mail_door == "smtp://127.0.0.1:61000"
    assert read(tmp_path, CRITIQUE_MAIL_DOOR="off").mail_door is None


def test_elsewhere_it_is_shut_until_somebody_opens_it(tmp_path):
    for environ in (
        {"CRITIQUE_ENV": "production"},
        {"CRITIQUE_BASE_URL": "https://critique.example.com"},
    ):
        known = read(tmp_path, **environ)
        assert (known.mail_door, known.reply_domain) == (None, None)
    known = read(
        tmp_path, CRITIQUE_ENV="production", CRITIQUE_MAIL_DOOR="lmtp://[::1]:24",
        CRITIQUE_REPLY_DOMAIN="Reply.Example.com",
        CRITIQUE_REPLY_KEYS=f"2:{'n' * 32}, 1:{'o' * 32}",
    )  # fmt: skip
    assert (known.mail_door, known.reply_domain) == ("lmtp://[::1]:24", "reply.example.com")
    assert known.reply_keys == ((2, "n" * 32), (1, "o" * 32))
    assert "nnn" not in repr(known)


@pytest.mark.parametrize(
    "said",
    ["127.0.0.1", "smtp://:25", "http://a:80", "a:b", "a:99999", "lmtp:///run/door", "a:25/x"],
)
def test_a_door_that_cannot_be_is_refused_by_name(said):
    with pytest.raises(ValueError, match="CRITIQUE_MAIL_DOOR"):
        mail_door_of(said)


@pytest.mark.parametrize("said", ["a b", "a@b", "a..b", "ü.example", "x" * 64, "a\n.b"])
def test_a_domain_that_cannot_be_is_refused_by_name(said):
    with pytest.raises(ValueError, match="CRITIQUE_REPLY_DOMAIN"):
        reply_domain_of(said)


@pytest.mark.parametrize(
    "said", ["x", f"0:{'k' * 32}", f"256:{'k' * 32}", "1:short", f"1:{'k' * 32},1:{'l' * 32}"]
)
def test_keys_that_cannot_be_are_refused_without_being_repeated(said):
    with pytest.raises(ValueError, match="CRITIQUE_REPLY_KEYS") as refusal:
        reply_keys_of(said)
    assert "kkk" not in str(refusal.value)
