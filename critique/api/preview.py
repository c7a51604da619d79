"""Words as they would stand in the talk, without keeping them."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.comments.forms import PreviewForm
from critique.comments.naming import nameable_in
from critique.comments.views.writing import PREVIEWS, for_asker, reader_here
from critique.reviews.access import review_for
from critique.web.app import limiter


class NewPreview(PreviewForm):
    """Words in Markdown; `version` is the one that a bare `1:23` means."""


class PreviewShape(BaseModel):
    """Safe HTML, who would be named, and the spellings that fit several people and name nobody."""

    html: str
    mentions: list[PersonShape]
    unclear_mentions: list[str]


@blueprint.post("/reviews/<int:review_id>/preview")
@documented(takes=NewPreview, answers=PreviewShape)
@limiter.limit(PREVIEWS, key_func=for_asker)
def show_preview(review_id: int) -> Response:
    """Show words as they would stand in the talk; nothing is kept."""
    review = review_for(asker(), review_id)
    form = taken(NewPreview)
    html, found = reader_here(review).preview(form.body, form.version)
    named = [one for one in nameable_in(review) if one.id in found.ids] if found.ids else []
    people = [PersonShape(id=one.id, name=one.name, email=one.email) for one in named]
    return answer(PreviewShape(html=str(html), mentions=people, unclear_mentions=found.unclear))
