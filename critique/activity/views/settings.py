"""Which mail comes, and when none may."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.activity.forms import WishesForm
from critique.activity.operations import set_wishes
from critique.activity.queries import wishes_of
from critique.activity.quiet import WEEKDAYS, typed_week
from critique.activity.views.blueprint import blueprint
from critique.plumbing.errors import Invalid
from critique.plumbing.hours import WEEKDAY_NAMES
from critique.plumbing.transaction import release
from critique.web.forms import read


@blueprint.get("/notices/settings")
@signed_in
def settings() -> Response:
    """Show one's wishes."""
    wishes = wishes_of(asker().id)
    typed = typed_week(wishes.quiet)
    every_day = len(set(typed.values())) <= 1 and len(typed) in (0, 7)
    return _page(
        {
            "weekly": "1" if wishes.weekly else "",
            "digest": "1" if wishes.digest else "",
            "immediate": "1" if wishes.immediate else "",
            "quiet": typed.get(0, "") if every_day else "",
            **({} if every_day else {f"quiet_{day}": typed.get(day, "") for day in WEEKDAYS}),
        }
    )


@blueprint.post("/notices/settings")
@signed_in
def update_settings() -> ResponseReturnValue:
    """Change one's wishes: one span for every day, and what is typed for a weekday besides it."""
    try:
        form = read(WishesForm)
        by_day = {day: getattr(form, f"quiet_{day}") or form.quiet for day in WEEKDAYS}
        set_wishes(
            by=asker(),
            weekly=form.weekly,
            digest=form.digest,
            immediate=form.immediate,
            quiet=by_day,
        )
    except Invalid as error:
        release()
        return _page(
            request.form.to_dict(),
            status=error.status,
            errors=_where_typed(error.fields),
        )
    flash("Saved.", "done")
    return redirect(url_for("notices.settings"), 303)


def _where_typed(fields: dict[str, str]) -> dict[str, str]:
    """Errors at the field that was typed into: that of a weekday, or the one for every day."""
    return {
        "quiet" if name.startswith("quiet_") and not request.form.get(name) else name: sentence
        for name, sentence in fields.items()
    }


def _page(
    typed: dict[str, str], *, status: int = 200, errors: dict[str, str] | None = None
) -> Response:
    by_day = any(typed.get(f"quiet_{day}") for day in WEEKDAYS)
    page = render_template(
        "activity/settings.html",
        typed=typed,
        errors=errors or {},
        days=WEEKDAY_NAMES,
        by_day=by_day,
    )
    return make_response(page, status)
