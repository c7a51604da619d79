"""The secrets a webhook signs with now, from the installation's key and the webhook's own seeds."""

from __future__ import annotations

from datetime import datetime, timedelta

from critique.activity.hooks.models import Webhook
from critique.activity.hooks.signing import secret_of
from critique.web.app import settings

# Long enough to bring a new secret to whoever checks, on whichever shift.
BOTH_FOR = timedelta(hours=24)


def secret_for(webhook: Webhook) -> str:
    """The secret as it is shown once, when it was made."""
    return secret_of(settings().secret_key, webhook.seed)


def signing_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets that sign at `now`: for a day after a rotation the earlier one as well."""
    found = [secret_for(webhook)]
    if webhook.earlier_seed and webhook.rotated_at and now < webhook.rotated_at + BOTH_FOR:
        found.append(secret_of(settings().secret_key, webhook.earlier_seed))
    return found
