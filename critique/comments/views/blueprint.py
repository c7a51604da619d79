"""The blueprint of threads, and what templates of every page with threads ask for."""

from __future__ import annotations

import secrets

from flask import Blueprint

from critique.accounts.login import asker
from critique.comments import access
from critique.reviews.models import Review
from critique.walkthroughs.limits import Limits, limits_of_reply
from critique.web.app import settings

blueprint = Blueprint("comments", __name__)


@blueprint.app_template_global()
def rights_here(review: Review) -> access.Rights:
    """What the person who looks may do in the threads of a request; for every page that has any."""
    return access.rights_in(asker(), review)


@blueprint.app_template_global()
def reply_limits() -> Limits:
    """How long and how large a recorded reply of the person who looks may be."""
    return limits_of_reply(asker(), settings())


@blueprint.app_template_global()
def once_token() -> str:
    """A token for a form whose repeated sending must not post twice."""
    return secrets.token_urlsafe(16)
