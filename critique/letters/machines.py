"""Letters that no person wrote: answered or posted, they would go round for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Headers = Callable[[str], Iterable[str]]

# How the subjects of absence notes begin that carry none of the signs below.
ABSENT = (
    "automatic reply:", "auto:", "autoreply:", "out of office", "automatische antwort:",
    "abwesenheitsnotiz", "réponse automatique", "respuesta automática", "risposta automatica",
)  # fmt: skip
NOT_TO_BE_ANSWERED = ("", "<>")
REPORTS = ("multipart/report", "message/disposition-notification")
IMPERSONAL = ("bulk", "junk", "list", "auto_reply")


def why_by_machine(headers: Headers, mail_from: str, subject: str, content_type: str) -> str | None:
    """The sign by which a letter was written by a machine, in words; None for a person's.

    `headers` gives the values of a header by its name. After RFC 3834 (section 2) and RFC 5230
    (section 4.6), and what mail servers write in practice.
    """
    submitted = next(iter(headers("Auto-Submitted")), "no").split(";")[0].strip().lower()
    precedence = next(iter(headers("Precedence")), "").strip().lower()
    signs = (
        (mail_from in NOT_TO_BE_ANSWERED, "It came from a mail server itself, as bounces do."),
        (content_type in REPORTS, "It is a report about a delivery."),
        (submitted != "no", f"It says that it was sent automatically ({submitted[:40]})."),
        (precedence in IMPERSONAL, f"It says that it is {precedence} mail."),
        (_has(headers, "List-Id", "List-Unsubscribe"), "It came through a mailing list."),
        (_has(headers, "X-Autoreply", "X-Autorespond"), "It says that it is an automatic reply."),
        (subject.strip().lower().startswith(ABSENT), "Its subject is that of an absence note."),
    )
    return next((why for there, why in signs if there), None)


def _has(headers: Headers, *names: str) -> bool:
    return any(list(headers(name)) for name in names)
