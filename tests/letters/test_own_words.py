"""What of an answer is new, as Gmail, Outlook, Apple Mail and Thunderbird quote the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.letters.own_words import READ_CHARACTERS, own_words

QUOTED = "> Your move: Oliver wrote about Checkout.\n>\n> Too heavy.\n"
UNQUOTED = "Your move: Oliver wrote about Checkout.\n\nToo heavy.\n"
INTRODUCTIONS = {
    "gmail": "On Mon, Nov 23, 2026 at 9:00 AM Critique <reply+abc@reply.example.com>\nwrote:\n\n",
    "gmail german": "Am Mo., 23. Nov. 2026 um 09:00 Uhr schrieb Critique <c@example.com>:\n\n",
    "gmail french": "Le lun. 23 nov. 2026 à 09:00, Critique <c@example.com> a écrit :\n\n",
    "gmail spanish": "El lun, 23 nov 2026 a las 9:00, Critique (<c@example.com>) escribió:\n\n",
    "gmail polish": "pon., 23 lis 2026 o 09:00 Critique <c@example.com> napisał(a):\n\n",
    "gmail chinese": "Critique <c@example.com> 于2026年11月23日周一 09:00写道：\n\n",
    "thunderbird": "On 23.11.26 09:00, Critique wrote:\n",
    "thunderbird german": "Am 23.11.26 um 09:00 schrieb Critique:\n",
    "nobody's": "Critique <c@example.com> skribis je 2026-11-23:\n\n",
}  # fmt: skip
HEADS = {
    "apple": "On 23 Nov 2026, at 09:00, Critique <c@example.com> wrote:\n\n",
    "outlook": "________________________________\nFrom: Critique <c@example.com>\nSent: Monday, "
    "November 23, 2026 9:00 AM\nTo: Maya <maya@example.com>\nSubject: Oliver wrote\n\n",
    "outlook german": "Von: Critique <c@example.com>\nGesendet: Montag, 23. November 2026 09:00\n"
    "An: Maya <maya@example.com>\nBetreff: Oliver schrieb\n\n",
    "outlook bold": "*From:* Critique <c@example.com>\n*Sent:* Monday, November 23, 2026 9:00 AM\n"
    "*To:* Maya <maya@example.com>\n*Subject:* Oliver wrote\n\n",
    "older": "-----Original Message-----\nFrom: Critique [mailto:c@example.com]\n"
    "Sent: Monday, November 23, 2026 9:00 AM\nTo: Maya\nSubject: Oliver wrote\n\n",
}
WORDS = "I thinned it.\n\nTwo things stay:\n- the rule\n- the total, see 0:12"


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_above_below_or_between_marked_quotes(introduction):
    assert own_words(f"{WORDS}\n\n{introduction}{QUOTED}") == WORDS
    assert own_words(f"{introduction}{QUOTED}\n{WORDS}\n") == WORDS
    assert own_words(f"Hi,\n\n{introduction}{QUOTED}\nThinned.\n\n{QUOTED}\nMoved.\n") == (
        "Hi,\n\nThinned.\n\nMoved."
    )
    assert own_words(f"{introduction}{QUOTED}") == ""


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_above_quotes_without_marks(head):
    assert own_words(f"{WORDS}\n\n{head}{UNQUOTED}") == WORDS
    assert own_words(f"\n{head}{UNQUOTED}") == ""


@pytest.mark.parametrize(
    "signature",
    ["-- \nMaya Lindqvist\nFern & Clay", "Best regards,\nMaya", "Best regards, Maya",
     "Mit freundlichen Grüßen\nMaya Lindqvist\nFern & Clay", "Viele Grüße\nMaya",
     "Sent from my iPhone", "Get Outlook for iOS <https://aka.ms/o0ukef>"],
)  # fmt: skip
def test_signatures_go(signature):
    assert own_words(f"{WORDS}\n\n{signature}\n") == WORDS
    assert own_words(f"{WORDS}\n\n{signature}\n\n{HEADS['outlook']}{UNQUOTED}") == WORDS


@pytest.mark.parametrize(
    "words",
    [
        "Change it:\n\nFrom: 12 px\nTo: 16 px\n\nThen it works.",
        "Thanks, but the total must stay.\nSee version 3.",
        "I thinned it.\n\nThanks, will do the rest tomorrow.\n\nOne question: why red?",
        "All the best ideas came from you.\n\nThe rest is mine.",
        "Data: 2026 figures are wrong.",
        "- one\n- two\n- three",
        "One.\n\n--\n" + "\n".join(f"Point {number} of many." for number in range(20)),
        "Best\n\nof all versions so far. Sent from my heart, and I mean every single word of it.",
        "Warning: the mail icon is too small.",
        "On the first frame you wrote:\n\nthat it is heavy.",
        "x" * 5000 + "\n" + "On " * 600 + "wrote: nothing",
    ],
)  # fmt: skip
def test_words_that_look_like_something_else_stay(words):
    assert own_words(words) == words
    assert own_words(f"{words}\n\n{INTRODUCTIONS['gmail']}{QUOTED}") == words


@given(st.text(max_size=400))
def test_anything_is_read(text):
    assert own_words(text).strip() == own_words(text)


plain_words = st.text("abcdefg ,.!äß\n", min_size=1, max_size=200).filter(str.strip)


@given(plain_words)
def test_words_without_signs_come_through_whole(text):
    kept = own_words(f"{text}\n\n{INTRODUCTIONS['thunderbird german']}{QUOTED}")
    assert kept.split() == text.split()


def test_a_flood_of_quotes_leaves_the_words(monkeypatch):
    flood = QUOTED * 50_000
    assert own_words(f"Yes.\n\n{INTRODUCTIONS['gmail']}{flood}\nAnd no.") == "Yes.\n\nAnd no."
    unmarked = UNQUOTED * (READ_CHARACTERS // 20)
    assert own_words(f"Yes.\n\n{HEADS['outlook']}{unmarked}") == "Yes."
