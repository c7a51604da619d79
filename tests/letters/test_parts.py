"""Letters taken apart: text in any encoding, files, calendars, and what no person wrote."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from critique.letters.hypertext import text_of
from critique.letters.machines import why_by_machine
from critique.letters.parts import Hostile, decoded, parts_of, unflowed
from critique.letters.reader import reading_of
from critique.letters.senders import is_vouched_for, writer_of

HEAD = b"From: maya@example.com\r\nMIME-Version: 1.0\r\n"


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("base64", "Grüße".encode(), "Grüße"),
        ("utf-16", b"\xff", "ÿ"),
    ],
)
def test_text_is_read_whatever_is_said_of_its_characters(charset, content, text):
    raw = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + content
    assert decoded(parsed(raw)) == text


def test_broken_base64_gives_what_can_be_read():
    raw = HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n!!WWVzLg\r\n$$"
    assert parts_of(parsed(raw)).text.strip() == "Yes."


def test_soft_line_ends_are_taken_back():
    part = parsed(HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n")
    text = "One sentence \nover two lines.\n \n> a quote \n> of two\nAnd \n-- \nMaya"
    assert unflowed(part, text) == (
        "One sentence over two lines.\n\n> a quote \n> of two\nAnd \n-- \nMaya"
    )
    assert unflowed(parsed(HEAD + b"\r\n"), text) == text


def test_plain_text_is_read_before_html_and_html_where_the_plain_is_empty():
    message = EmailMessage()
    message.set_content("Plain.")
    message.add_alternative("<p>Hyper.</p>", subtype="html")
    assert parts_of(message).text.strip() == "Plain."
    message = EmailMessage()
    message.set_content(" \n")
    message.add_alternative("<p>Hyper.</p>", subtype="html")
    assert parts_of(message).text.strip() == "Hyper."


def test_text_around_a_picture_is_read_on_both_sides():
    message = EmailMessage()
    message.set_content("Above.")
    message.add_attachment(b"x" * 50_000, "image", "png", filename="a.png", disposition="inline")
    message.add_attachment("Below.", disposition="inline")
    found = parts_of(message)
    assert found.text.split() == ["Above.", "Below."]
    assert found.files == ["a.png"]


def test_a_large_picture_inside_a_letter_is_a_file():
    message = EmailMessage()
    message.set_content('<p>Look: <img src="cid:a"></p>', subtype="html")
    message.add_related(b"x" * 50_000, "image", "png", cid="<a>", filename="screen.png")
    assert parts_of(message).files == ["screen.png"]


def test_signatures_of_machines_and_calendars_are_no_files():
    message = EmailMessage()
    message.set_content("Yes.")
    message.add_attachment(b"x", "application", "pgp-signature", filename="signature.asc")
    message.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="a.ics")
    found = parts_of(message)
    assert found.files == []
    assert (found.calendar or "").strip() == "BEGIN:VCALENDAR"


def test_an_attached_mail_is_a_file_and_its_words_are_not_the_writers():
    inner = EmailMessage()
    inner.set_content("Somebody else's words.")
    message = EmailMessage()
    message.set_content("See below.")
    message.add_attachment(inner)
    found = parts_of(message)
    assert (found.text.strip(), found.files) == ("See below.", ["an attached mail"])


def test_more_nesting_or_parts_than_any_letter_has_is_refused():
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at)
        for at in range(30)
    )
    with pytest.raises(Hostile):
        parts_of(parsed(HEAD + deep + b"\r\nYes."))
    many = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 2000
    with pytest.raises(Hostile):
        reading_of(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many, "a@b")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<div>One.</div><div>Two.</div><div><br></div><div>Three.</div>", "One.\nTwo.\n\nThree."),
        ("One,<br>\n two &amp; <b>three</b>&nbsp;four", "One,\ntwo & three four"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<style>p {}</style><script>x</script><title>t</title>Yes", "Yes"),
        ('<a href="https://example.com/">https://example.com</a>', "https://example.com"),
        ('<a href="https://example.com/?a=1&amp;b=2">here</a>', "here <https://example.com/?a=1&b=2>"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<blockquote>quoted <div>deep</div></blockquote>Own", "Own\n>"),
        ("&lt;script&gt;", "<script>"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<p>unclosed <b>bold <a href='http", "unclosed bold"),
    ],
)  # fmt: skip
def test_hypertext_reads_as_it_is_seen(markup, text):
    shown = [" ".join(line.split()) for line in text_of(markup).strip().split("\n")]
    assert "\n".join(shown) == text


def machine(sender="maya@example.com", subject="Re: x", kind="text/plain", **headers):
    given = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return why_by_machine(lambda name: given.get(name, []), sender, subject, kind)


def test_people_are_not_taken_for_machines():
    assert machine() is None
    assert machine(Auto_Submitted="no") is None
    assert machine(Precedence="first-class", subject="Automatic layouts are out of fashion") is None


@pytest.mark.parametrize(
    "signs",
    [
        {"sender": "<>"}, {"sender": ""}, {"kind": "multipart/report"},
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "Bulk"}, {"Precedence": "auto_reply"}, {"List_Id": "<a.b>"},
        {"X_Autoreply": "yes"}, {"subject": "Out of Office: back on Monday"},
        {"subject": "Automatische Antwort: Re: x"},
    ],
)  # fmt: skip
def test_machines_are_known_by_their_signs(signs):
    assert machine(**signs)


@pytest.mark.parametrize(
    ("said", "writer"),
    [
        ("Maya <Maya@Example.com>", "maya@example.com"),
        ("maya@example.com", "maya@example.com"),
        ('"x@y.z" <maya@example.com>', "maya@example.com"),
        ("a@b.c, maya@example.com", None),
        ("Team: maya@example.com;", "maya@example.com"),
        ("maya@example.com\r\nFrom: eve@example.org", None),
        ("", None),
        ("<>", "<>"),
        ("(" * 5000, None),
        ("a@b, " * 5000, None),
    ],
)
def test_who_a_letter_is_from(said, writer):
    assert writer_of(parsed(f"From: {said}\r\n\r\n".encode())) == writer


@pytest.mark.parametrize(
    ("results", "vouched"),
    [
        (["mx.example.com; dmarc=pass (p=reject) header.from=example.com"], True),
        (["mx.example.com 1; spf=fail; dmarc = pass"], True),
        (["mx.example.com; dmarc=fail"], False),
        (["mx.example.com; x=dmarc=pass"], False),
        (["mx.example.com; spf=pass; dkim=pass"], False),
        (["mx.example.com; dmarc=fail", "mx.example.com; dmarc=pass"], False),
        (["other; dmarc=pass", "mx.example.com; dmarc=pass"], True),
        (["(mx.example.com; dmarc=pass) other; dmarc=pass"], False),
        (["mx.example.com.evil.org; dmarc=pass"], False),
        ([""], False),
        ([], False),
    ],
)
def test_whom_the_server_in_front_vouches_for(results, vouched):
    assert is_vouched_for(results, "mx.example.com") is vouched
