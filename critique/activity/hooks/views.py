"""Pages of a team's webhooks, for who leads it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from critique.accounts.access import must_lead
from critique.accounts.login import asker, my_place, signed_in
from critique.activity.hooks import hearing, jobs, operations
from critique.activity.hooks.access import webhook_for
from critique.activity.hooks.forms import WebhookEdit, WebhookForm
from critique.activity.hooks.keys import secret_for
from critique.activity.hooks.models import Webhook
from critique.activity.hooks.occasions import KINDS, OCCASIONS, happened
from critique.activity.hooks.queries import PAGE, deliveries_of, newest_deliveries, webhooks_of
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.transaction import release
from critique.web.errors import wants_json
from critique.web.forms import read

# Importing these makes them listen and registers the jobs.
__all__ = ["blueprint", "hearing", "jobs"]

blueprint = Blueprint("webhooks", __name__)

# Names the webhook whose secret the next look at its page shows, once; never the secret itself.
FRESH = "fresh_webhook"
CHOICES = {name: occasion.choice for name, occasion in OCCASIONS.items()}


@blueprint.get("/team/webhooks")
@signed_in
def index() -> str:
    """Show the webhooks of the team one works in, and the form for another."""
    return _index_page(must_lead(asker(), my_place().team_id).team_id)


@blueprint.post("/team/webhooks")
@signed_in
def create() -> ResponseReturnValue:
    """Make a webhook and show it, with its secret."""
    team_id = my_place().team_id
    try:
        form = read(WebhookForm)
        made = operations.create_webhook(by=asker(), team_id=team_id, **form.model_dump())
    except (Invalid, Conflict) as error:
        if wants_json():
            raise
        release()
        return make_response(_index_page(team_id, error), error.status)
    return _to(made, fresh=True)


@blueprint.get("/team/webhooks/<int:webhook_id>")
@signed_in
def show(webhook_id: int) -> str:
    """Show one webhook and the last messages to it. `?before=` is the id they are older than."""
    return _show_page(webhook_for(asker(), webhook_id))


@blueprint.post("/team/webhooks/<int:webhook_id>")
@signed_in
def update(webhook_id: int) -> ResponseReturnValue:
    """Change its name and what it is told of."""
    try:
        form = read(WebhookEdit)
        changed = operations.change_webhook(
            by=asker(), webhook_id=webhook_id, name=form.name, occasions=form.occasions
        )
    except Invalid as error:
        if wants_json():
            raise
        release()
        return make_response(_show_page(webhook_for(asker(), webhook_id), error), error.status)
    flash("Saved. It holds for what happens from now on.", "done")
    return _to(changed)


@blueprint.post("/team/webhooks/<int:webhook_id>/secrets")
@signed_in
def rotate(webhook_id: int) -> ResponseReturnValue:
    """Sign with a new secret, and show it."""
    return _to(operations.rotate_secret(by=asker(), webhook_id=webhook_id), fresh=True)


@blueprint.post("/team/webhooks/<int:webhook_id>/trials")
@signed_in
def try_out(webhook_id: int) -> ResponseReturnValue:
    """Send a test now."""
    delivery = operations.try_webhook(by=asker(), webhook_id=webhook_id)
    flash("A test is on its way; the newest message below says what became of it.", "info")
    return _to(delivery.webhook)


@blueprint.post("/team/webhooks/<int:webhook_id>/activation")
@signed_in
def activate(webhook_id: int) -> ResponseReturnValue:
    """Tell it what happens again."""
    webhook = operations.switch_on_webhook(by=asker(), webhook_id=webhook_id)
    flash("Switched on. It is told what happens from now on.", "done")
    return _to(webhook)


@blueprint.post("/team/webhooks/<int:webhook_id>/activation/end")
@signed_in
def deactivate(webhook_id: int) -> ResponseReturnValue:
    """Tell it nothing until it is switched on again."""
    webhook = operations.switch_off_webhook(by=asker(), webhook_id=webhook_id)
    flash("Switched off. What happens meanwhile is not sent later.", "done")
    return _to(webhook)


@blueprint.get("/team/webhooks/<int:webhook_id>/removal")
@signed_in
def ask_removal(webhook_id: int) -> str:
    """Ask whether it is to be removed."""
    return render_template(
        "activity/webhook_removal.html", webhook=webhook_for(asker(), webhook_id)
    )


@blueprint.post("/team/webhooks/<int:webhook_id>/removal")
@signed_in
def remove(webhook_id: int) -> ResponseReturnValue:
    """Tell it nothing more, ever."""
    removed = operations.remove_webhook(by=asker(), webhook_id=webhook_id)
    flash(f"{removed.name} is removed, and its address forgotten.", "done")
    return redirect(url_for("webhooks.index"), 303)


@blueprint.post("/deliveries/<int:delivery_id>/tries")
@signed_in
def try_again(delivery_id: int) -> ResponseReturnValue:
    """Send one message again now."""
    delivery = operations.send_again(by=asker(), delivery_id=delivery_id)
    flash("It is tried again now.", "info")
    return _to(delivery.webhook)


def shown_address(webhook: Webhook) -> str:
    """The address without what opens a channel: of Slack and Teams ones only the host is told."""
    if webhook.kind == "plain":
        return webhook.address
    return f"{urlsplit(webhook.address).hostname}/…{webhook.address[-4:]}"


def told_of(webhook: Webhook) -> str:
    """What it is told of, in words."""
    return " · ".join(CHOICES[name] for name in webhook.occasions if name in CHOICES)


def _to(webhook: Webhook, *, fresh: bool = False) -> ResponseReturnValue:
    if fresh and webhook.kind == "plain":
        session[FRESH] = webhook.id
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _index_page(team_id: int, error: Invalid | Conflict | None = None) -> str:
    webhooks = webhooks_of(team_id)
    typed: dict[str, Any] = {
        **request.form.to_dict(),
        "occasions": request.form.getlist("occasions"),
    }
    if error is None:
        typed = {"kind": "slack", "occasions": list(OCCASIONS)}
    return render_template(
        "activity/webhooks.html",
        webhooks=webhooks,
        newest=newest_deliveries([one.id for one in webhooks]),
        typed=typed,
        error=error,
        errors=error.fields if error else {},
        kinds=KINDS,
        choices=CHOICES,
        shown_address=shown_address,
        told_of=told_of,
    )


def _show_page(webhook: Webhook, error: Invalid | None = None) -> str:
    found = deliveries_of(webhook.id, request.args.get("before", type=int))
    fresh = session.pop(FRESH, None) == webhook.id
    return render_template(
        "activity/webhook.html",
        webhook=webhook,
        address=shown_address(webhook),
        secret=secret_for(webhook) if fresh else None,
        deliveries=found[:PAGE],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        typed={"name": request.form.get("name", ""), "occasions": request.form.getlist("occasions")}
        if error
        else {"name": webhook.name, "occasions": webhook.occasions},
        errors=error.fields if error else {},
        kinds=KINDS,
        happened=happened,
        choices=CHOICES,
    )
