"""Jobs of this slice: answering who forgot a password, inviting, and sending every letter."""

from __future__ import annotations

import re
import smtplib

from critique.accounts.access import role_in
from critique.accounts.mail import write_invitation, write_reset
from critique.accounts.models import OneTimeLink, Person, Team
from critique.accounts.operations import answer_reset, mailed_secret
from critique.plumbing.db import db
from critique.plumbing.delivery import as_message, deliver
from critique.plumbing.jobs import job
from critique.plumbing.mailer import (
    Letter,
    drop_letter,
    objection_to,
    park_letter,
    postpone_letter,
    settle_letter,
    waiting_letter,
)
from critique.plumbing.transaction import snapshot, transaction
from critique.web.app import settings


@job("mail")
def mail_invitation(link_id: int) -> None:
    """Write the letter of an invitation, unless it was taken back meanwhile."""
    with transaction():
        link = db.session.get_one(OneTimeLink, link_id, with_for_update=True)
        if link.mailed_at or link.withdrawn_at:
            return
        inviter = db.session.get_one(Person, link.made_by_id)
        team = db.session.get_one(Team, link.team_id)
        write_invitation(link, mailed_secret(link), inviter, team)


@job("mail")
def answer_reset_request(link_id: int) -> None:
    """Write to whoever has the address typed into the reset page, if anybody has."""
    with transaction():
        link = db.session.get_one(OneTimeLink, link_id, with_for_update=True)
        if link.mailed_at or link.withdrawn_at:
            return
        person = answer_reset(link)
        if person is not None:
            write_reset(link, mailed_secret(link), person)


@job("mail")
def send_letter(letter_id: int) -> None:
    """Send one letter, or note why not.

    Without an SMTP server it is kept in the outbox: neither sent nor failed. A letter that its
    reader may not have, or does not need any more, is dropped. What may pass is tried again for 48
    hours; what will not is parked at once. A worker killed between the server's "250" and our note
    sends again, with the same Message-ID, by which mail servers recognise it.
    """
    letter = waiting_letter(letter_id)
    if letter is None:
        return
    smtp_url = settings().smtp_url
    reason = _left_the_team(letter) or (objection_to(letter) if smtp_url else None)
    if reason is not None:
        drop_letter(letter_id, reason=reason)
        return
    # Whoever looked at it may have written it anew.
    letter = waiting_letter(letter_id)
    if smtp_url is None or letter is None:
        return
    try:
        deliver(as_message(letter, settings().mail_from), smtp_url, settings().mail_from)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        _note_failure(letter_id, error)
    else:
        settle_letter(letter_id, text=_without_secret(letter))


def _without_secret(letter: Letter) -> str:
    """The text to keep: a link that signs people in is in the mailbox now, and nowhere else."""
    if letter.kind not in {"invitation", "reset"}:
        return letter.text
    return re.sub(r"/(invitations|reset)/[\w-]+", r"/\1/(sent)", letter.text)


def _left_the_team(letter: Letter) -> str | None:
    if letter.team_id is None or letter.person_id is None:
        return None
    with snapshot():
        person = db.session.get(Person, letter.person_id)
        is_member = person is not None and role_in(person, letter.team_id) is not None
    return None if is_member else "Not sent: no longer a member of the team."


def _note_failure(letter_id: int, error: Exception) -> None:
    code, words = _answer_of(error)
    said = f"The mail server said: {code} {words}".strip() if code else words
    # A refused password (535) is ours to mend, so it is tried again like a closed door.
    final = (
        code is not None and code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
    )
    if final or isinstance(error, ValueError):
        park_letter(letter_id, failure=f"Not sent, and not tried again. {said}")
    else:
        postpone_letter(letter_id, said=said)


def _answer_of(error: Exception) -> tuple[int | None, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return code, _words(words)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _words(error.smtp_error)
    return None, f"The mail server cannot be reached: {error}"


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]
