"""The command of the mail door."""

from __future__ import annotations

import click

from critique.cli.people import refusals
from critique.cli.tether import tie_to_parent
from critique.config import Settings, settings_from_environment
from critique.factory import create_app
from critique.letters.door import stand_open
from critique.plumbing.errors import Invalid


@click.command("mail-door")
def mail_door() -> None:
    """Take answers to mails until stopped, where CRITIQUE_MAIL_DOOR says."""
    tie_to_parent()
    with refusals():
        settings = settings_from_environment()
        _must_be_configured(settings)
        try:
            stand_open(create_app(settings))
        except OSError as error:
            raise Invalid(
                f"The mail door cannot listen at {settings.mail_door} ({error.strerror}). Nothing "
                "was started; name another address with CRITIQUE_MAIL_DOOR."
            ) from None


def _must_be_configured(settings: Settings) -> None:
    missing = [
        name
        for name, value in (
            ("CRITIQUE_MAIL_DOOR", settings.mail_door),
            ("CRITIQUE_REPLY_DOMAIN", settings.reply_domain),
        )
        if value is None
    ]
    if missing:
        raise Invalid(
            f"The mail door needs {' and '.join(missing)}, like 127.0.0.1:2525 and "
            "reply.example.com. Nothing was started; docs/mail.md says more."
        )


COMMANDS = (mail_door,)
