"""A letter to a reply address becomes a reply in the thread, through the real door."""

from __future__ import annotations

import smtplib

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership, Person
from critique.accounts.operations import end_membership
from critique.activity.addresses import reply_address
from critique.comments.operations import remove_comment
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.operations import close_review
from tests.conftest import load_person
from tests.letters.conftest import QUOTE, hand_in, letter, listen, standing_open, the_comment


def test_an_answer_stands_in_the_thread(app, cast, send, posted, incoming, written):
    send(letter("I thinned it, see 0:12.\n" + QUOTE))
    assert posted() == ["I thinned it, see 0:12."]
    [row] = incoming()
    assert (row.state, row.raw, row.reason) == ("taken", None, None)
    assert (row.person_id, row.team_id) == (cast.maya, cast.team)
    assert written() == []
    with app.app_context():
        said = db.session.scalars(sa.select(Event).where(Event.verb == "reply.added")).one()
        assert said.actor_id == cast.maya


def test_by_lmtp_too(app, cast, comment, monkeypatch, run_jobs, posted):
    url = listen(app, monkeypatch, "lmtp")
    with app.app_context():
        address = reply_address(cast.maya, comment)
    with standing_open(app):
        hand_in(url, address, letter("Yes.\n"))
    run_jobs()
    assert posted() == ["Yes."]


def test_capitals_in_the_address_change_nothing(send, reply_to, posted):
    send(letter("Yes.\n"), to=reply_to.upper())
    assert posted() == ["Yes."]


def test_sent_again_it_is_posted_once(send, posted, incoming):
    message = letter("Yes.\n", Message_ID="<one@example.com>")
    send(message)
    del message["Subject"]
    message["Received"] = "from elsewhere"
    send(message)
    assert posted() == ["Yes."]
    assert len(incoming()) == 1
    send(letter("Yes.\n", Message_ID="<two@example.com>"))
    assert posted() == ["Yes.", "Yes."]


def test_html_alone_is_read_as_text(send, posted):
    message = letter()
    message.set_content(
        '<div dir="ltr">I <b>thinned</b> it,<br>see <a href="https://example.com/a">here</a>.'
        "<div>And &lt;b&gt; stays.</div></div><br>"
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Nov 23, 2026 at 9:00 AM Critique '
        '&lt;<a href="mailto:c@example.com">c@example.com</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote"><div>Too heavy.</div></blockquote></div>'
        "<script>alert(1)</script>",
        subtype="html",
    )
    send(message)
    assert posted() == ["I thinned it,\nsee here <https://example.com/a>.\nAnd <b> stays."]


# --- what is refused, and what people are told ------------------------------------------------


def refused(url, to, message, **more):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        hand_in(url, to, message, **more)
    [(code, words)] = refusal.value.recipients.values()
    return code, words.decode()


def test_a_forged_address_is_refused_at_the_door(app, cast, door, reply_to, incoming):
    local, domain = reply_to.split("@")
    flipped = local[:-1] + ("a" if local[-1] != "a" else "b")
    forged = [
        f"{flipped}@{domain}", f"{local}@example.com", f"reply@{domain}", f"maya@{domain}",
        f"reply+{'a' * 40}@{domain}", f"meeting{local.removeprefix('reply')}@{domain}",
    ]  # fmt: skip
    for address in forged:
        code, words = refused(door, address, letter("Yes.\n"))
        assert (code, words.split(". ")[0]) == (550, "5.1.1 This address takes no letters")
    assert incoming() == []


def test_another_sender_posts_nothing_and_learns_nothing(send, posted, incoming, written):
    send(letter("I am Maya.\n", From="Eve <eve@example.org>"), sender="eve@example.org")
    send(letter("Truly.\n", From="Eve <eve@example.org>"), sender="eve@example.org")
    assert posted() == []
    assert [row.state for row in incoming()] == ["refused", "refused"]
    # Once an hour, however often somebody tries.
    [told] = written()
    assert told.to_address == "maya@example.com"
    assert "eve@example.org" in told.text
    assert "Truly" not in told.text
    assert len(told.text.split()) <= 150


@pytest.mark.parametrize(
    "forged",
    ["Maya <maya@example.com>, Eve <eve@example.org>", "eve@example.org (maya@example.com)",
     '"maya@example.com" <eve@example.org>', ""],
)  # fmt: skip
def test_a_sender_that_can_be_read_two_ways_is_none(send, posted, forged):
    send(f"From: {forged}\r\nMessage-ID: <x@y>\r\n\r\nYes.\r\n".encode())
    assert posted() == []


def test_the_mail_server_in_front_is_believed(app, send, posted, incoming, monkeypatch):
    from dataclasses import replace

    changed = replace(app.extensions["critique_settings"], mail_authserv="mx.example.com")
    monkeypatch.setitem(app.extensions, "critique_settings", changed)
    for result in ("other.example.com; dmarc=pass", "mx.example.com; spf=pass; dmarc=fail"):
        send(letter(f"Forged, {result}.\n", Authentication_Results=result))
    send(letter("No word of it.\n"))
    assert posted() == []
    good = "mx.example.com 1; dkim=pass header.d=example.com; dmarc=pass (p=reject) action=none"
    send(letter("Mine.\n", Authentication_Results=good))
    assert posted() == ["Mine."]


def test_a_closed_request_says_so_politely(app, cast, room, send, posted, incoming, written):
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    send(letter("Too late?\n" + QUOTE, Message_ID="<late@example.com>"))
    assert posted() == []
    assert incoming()[0].state == "refused"
    [told] = written()
    assert told.text.startswith("Your move: your answer was not posted, because the request was")
    assert f"/reviews/{room.review}?v=1#comment-" in told.text
    assert told.headers == {
        "In-Reply-To": "<late@example.com>", "References": "<late@example.com>"
    }  # fmt: skip
    assert told.team_id == cast.team


def test_a_removed_comment_says_so(app, cast, comment, send, posted, written):
    with app.app_context(), transaction():
        remove_comment(by=load_person(cast.oliver), comment=the_comment(comment))
    send(letter("To whom?\n"))
    assert posted() == []
    assert "was removed meanwhile" in written()[0].text


def test_who_left_the_team_learns_nothing_of_it(app, cast, room, send, posted, written):
    with app.app_context(), transaction():
        row = db.session.scalar(sa.select(Membership.id).where(Membership.person_id == cast.maya))
        end_membership(
            by=db.session.get_one(Person, cast.wei), team_id=cast.team, membership_id=row
        )
    send(letter("Hello?\n"))
    send(letter("Hello?\n", From="eve@example.org"))
    assert posted() == []
    for told in written():
        assert told.to_address == "maya@example.com"
        for secret in ("Checkout", "Juniper", "Wei", "Oliver", "/reviews/", "team", "removed"):
            assert secret not in told.text + told.subject, told.text


def test_files_are_left_out_and_the_words_are_taken(send, posted, written):
    message = letter("See the picture.\n" + QUOTE)
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="later.png")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    broken = b"filename*=utf-8''late%0D%0Ar.png"
    send(message.as_bytes().replace(b'filename="later.png"', broken))
    assert posted() == ["See the picture."]
    [told] = written()
    assert told.subject == "Your answer is posted, the files are not"
    assert "late r.png" in told.text
    assert "a.pdf" in told.text
    assert len(told.text.split()) <= 150


def test_the_logo_of_a_signature_is_no_file(send, posted, written):
    message = letter("Yes.\n")
    message.add_alternative('<p>Yes.</p><img src="cid:logo">', subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>")
    send(message)
    assert posted() == ["Yes."]
    assert written() == []


def test_nothing_but_quotes_is_asked_about(send, posted, written):
    send(letter(QUOTE))
    assert posted() == []
    assert "no words of yours were found" in written()[0].text


def test_more_than_a_reply_holds_is_told_with_both_figures(send, posted, written):
    send(letter("word " * 4001 + "\n"))
    assert posted() == []
    assert "20,00" in written()[0].text
    assert "20,000" in written()[0].text


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"Auto_Submitted": "auto-replied"}, "maya@example.com"),
        ({}, ""),
        ({"From": "Critique <critique@localhost>"}, "maya@example.com"),
    ],
)
def test_what_no_person_wrote_is_dropped_and_answered_by_nothing(
    send, posted, incoming, written, headers, sender
):
    send(letter("I am on holiday.\n", **headers), sender=sender)
    assert posted() == []
    assert written() == []
    [row] = incoming()
    assert row.state == "dropped"
    assert row.reason
    assert row.raw is None
