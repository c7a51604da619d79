"""The slice's blueprint, and what every template learns from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    has_request_context,
    make_response,
    render_template,
    request,
)

from critique.accounts.login import current_team, my_memberships, safe_path
from critique.plumbing.errors import CritiqueError, Unauthenticated
from critique.plumbing.transaction import release
from critique.web.app import SAFE_METHODS
from critique.web.errors import answer_for, wants_json

blueprint = Blueprint("accounts", __name__)

# endpoint, or blueprint -> the place of the top line it belongs to
PLACES = {
    "pages.your_move": "move",
    "mentoring": "move",
    "pages.library": "library",
    "pages.week": "week",
    "pairing": "week",
    "sessions": "week",
    "week": "week",
    "reviews.new": "new",
    "notices": "notices",
}


@blueprint.app_context_processor
def standing() -> dict[str, Any]:
    """Who looks, in which team and as what, and where in the site; letters know nobody."""
    if not has_request_context():
        return {}
    membership = current_team()
    return {
        "my_team": membership.team if membership else None,
        "my_teams": [mine.team for mine in my_memberships()],
        "my_role": membership.role if membership else None,
        "current_place": PLACES.get(request.endpoint or "")
        or PLACES.get(request.blueprint or "", ""),
    }


@blueprint.app_errorhandler(Unauthenticated)
def ask_to_sign_in(error: Unauthenticated) -> Response:
    """Programs get the problem; people get the sign-in page in its place, and come back after."""
    release()
    if wants_json() or request.headers.get("HX-Request"):
        return answer_for(error)
    return page("sign_in", status=error.status, next=_way_back(), reason=error.sentence)


def _way_back() -> str:
    """The page asked for, or the one the refused form stands on; only ever a path of this site."""
    if request.method in SAFE_METHODS:
        return safe_path(request.full_path.rstrip("?"))
    came_from = urlsplit(request.referrer or "/")
    return safe_path(came_from.path + ("?" + came_from.query if came_from.query else ""))


def page(template: str, /, status: int = 200, **values: Any) -> Response:
    """A page of this slice: `sign_in` is `accounts/sign_in.html`."""
    values = {"typed": {}, "errors": {}, "refusal": None, **values}
    return make_response(render_template(f"accounts/{template}.html", **values), status)


def shown_again(template: str, error: CritiqueError, /, **values: Any) -> Response:
    """The page a form was refused on: its status, the sentences, and what was typed."""
    release()
    typed = {name: text for name, text in request.form.items() if "password" not in name}
    return page(
        template,
        status=error.status,
        refusal=error.sentence,
        errors=error.fields,
        **{"typed": typed, **values},
    )
