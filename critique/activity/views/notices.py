"""Reading notices, and saying that they were read; hearing nothing more of a request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, safe_next, signed_in
from critique.activity.forms import MuteForm, SeenForm
from critique.activity.operations import (
    mute_review,
    see_all,
    see_notice,
    see_review,
    unmute_review,
)
from critique.activity.queries import PAGE, notices_of
from critique.activity.views.blueprint import blueprint
from critique.activity.words import Told, told
from critique.plumbing import clock
from critique.web.forms import read

_LAST_PAGE = 1000


@dataclass(frozen=True)
class Group:
    """The notices of one request on one page, newest first."""

    review_id: int
    title: str
    rows: list[Told]

    @property
    def unseen(self) -> int:
        """How many of them were not read yet."""
        return sum(row.seen_at is None for row in self.rows)


@blueprint.get("/notices")
@signed_in
def index() -> str:
    """Show what happened, newest first, request by request."""
    page = min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
    notices = notices_of(asker(), page=page, size=PAGE + 1)
    rows = told(notices[:PAGE], asker(), clock.now())
    return render_template(
        "activity/index.html",
        groups=grouped(rows),
        newest=rows[0].id if rows else None,
        page=page,
        more=len(notices) > PAGE,
    )


def grouped(rows: list[Told]) -> list[Group]:
    """Rows by request, the request of the newest first."""
    groups: dict[int, Group] = {}
    for row in rows:
        group = groups.setdefault(row.review_id, Group(row.review_id, row.title, []))
        group.rows.append(row)
    return list(groups.values())


@blueprint.post("/notices/<int:notice_id>/seen")
@signed_in
def see(notice_id: int) -> ResponseReturnValue:
    """Mark one as read."""
    see_notice(by=asker(), notice_id=notice_id)
    return redirect(safe_next() if "next" in request.form else url_for("notices.index"), 303)


@blueprint.post("/notices/seen")
@signed_in
def see_everything() -> ResponseReturnValue:
    """Mark all as read that the page had shown or that are older."""
    see_all(by=asker(), until_id=read(SeenForm).until)
    return redirect(url_for("notices.index"), 303)


@blueprint.post("/reviews/<int:review_id>/notices/seen")
@signed_in
def see_room(review_id: int) -> str:
    """Mark those of one request as read (its room calls this); answers with the bell."""
    see_review(by=asker(), review_id=review_id)
    return render_template("activity/_bell.html")


@blueprint.get("/notices/bell")
@signed_in
def show_bell() -> str:
    """The bell as it is now."""
    return render_template("activity/_bell.html")


@blueprint.post("/reviews/<int:review_id>/mute")
@signed_in
def mute(review_id: int) -> ResponseReturnValue:
    """Hear nothing more of a request, or hear of it again."""
    wanted = read(MuteForm).mute
    if wanted:
        mute_review(by=asker(), review_id=review_id)
        flash("Muted. No mail comes about this request, and only what asks you by name.", "done")
    else:
        unmute_review(by=asker(), review_id=review_id)
        flash("You hear of this request again.", "done")
    return redirect(url_for("pages.room", review_id=review_id), 303)
