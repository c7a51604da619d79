"""Putting right where a comment lies in a later version."""

from __future__ import annotations

import re
from typing import Annotated

from flask import render_template, request
from pydantic import AfterValidator, Field
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments import access
from critique.comments.answers import refused, thread_changed
from critique.comments.operations import put_placement
from critique.comments.views.blueprint import blueprint
from critique.plumbing.errors import Conflict, Invalid
from critique.walkthroughs.access import walkthrough_for
from critique.web.forms import Form, read

# 1:23, 1:02:03 or 83.5: what people write down when they look at a player.
_MOMENT = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,5}(?:[.,]\d{1,3})?)")


def _possible(text: str) -> str:
    if text and _MOMENT.fullmatch(text) is None:
        raise ValueError("Write a moment as 1:23.")
    return text


class PlacementForm(Form):
    """Where the passage is now; or that it is gone."""

    at: Annotated[str, Field(max_length=20), AfterValidator(_possible)] = ""
    gone: bool = False

    @property
    def start_ms(self) -> int | None:
        """The moment in ms; None when it is gone."""
        if self.gone:
            return None
        found = _MOMENT.fullmatch(self.at)
        if found is None:
            sentence = "Nothing was moved. Say at which moment it is now, or that it is gone."
            raise Invalid(sentence, fields={"at": "Write a moment as 1:23."})
        hours, minutes, seconds = found.groups()
        return (
            int(hours or 0) * 3_600_000
            + int(minutes or 0) * 60_000
            + round(float(seconds.replace(",", ".")) * 1000)
        )


@blueprint.get("/comments/<int:comment_id>/placement")
@signed_in
def new_placement(comment_id: int) -> str:
    """Show the form that says where a comment lies in version `?on=`."""
    comment = access.comment_for(asker(), comment_id)
    access.must_resolve(asker(), comment, comment.walkthrough.review)
    there = walkthrough_for(asker(), request.args.get("on", 0, type=int))
    return render_template("comments/placement.html", comment=comment, there=there)


@blueprint.post("/comments/<int:comment_id>/placement")
@signed_in
def place(comment_id: int) -> Response:
    """Put a comment where its passage is in a later version, or say that it is gone there."""
    comment = access.comment_for(asker(), comment_id)
    there = walkthrough_for(asker(), request.values.get("on", 0, type=int))
    try:
        form = read(PlacementForm)
        put_placement(by=asker(), comment=comment, walkthrough=there, start_ms=form.start_ms)
    except (Invalid, Conflict) as error:
        return refused(error, "comments/placement.html", comment=comment, there=there)
    return thread_changed(comment, there)
