"""Webhooks of a team and the messages to them, for who leads it."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel, Field, RootModel

from critique.accounts.login import asker
from critique.activity.hooks import operations
from critique.activity.hooks.access import webhook_for
from critique.activity.hooks.forms import WebhookChange, WebhookForm
from critique.activity.hooks.keys import secret_for
from critique.activity.hooks.models import Delivery, Webhook
from critique.activity.hooks.queries import PAGE, deliveries_of, webhooks_of
from critique.activity.hooks.views import shown_address
from critique.api.documentation import LARGEST_ID, blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.loops import led_team
from critique.api.paging import link_to_next
from critique.api.person_shape import PersonShape
from critique.web.app import absolute_url
from critique.web.forms import Form, check_query


class WebhookQuery(Form):
    """Which team; needed only by who leads several."""

    team: int | None = Field(None, ge=1, le=LARGEST_ID)


class DeliveryQuery(Form):
    """Which messages."""

    before: int | None = Field(None, ge=1, le=LARGEST_ID)


class NewWebhook(WebhookForm):
    """A webhook to add. `team` is needed only by who leads several."""

    team: int | None = Field(None, ge=1, le=LARGEST_ID)


class WebhookShape(BaseModel):
    """A webhook. Of the address of Slack and Teams ones only the host and its end are shown."""

    id: int
    team: str
    name: str
    kind: str
    address: str
    occasions: list[str]
    made_by: PersonShape
    made_at: datetime
    rotated_at: datetime | None
    switched_off_at: datetime | None
    switched_off_why: str | None

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookShape:
        """From a record."""
        return cls(
            id=webhook.id,
            team=webhook.team.name,
            name=webhook.name,
            kind=webhook.kind,
            address=shown_address(webhook),
            occasions=webhook.occasions,
            made_by=PersonShape.of(webhook.made_by),
            made_at=webhook.made_at,
            rotated_at=webhook.rotated_at,
            switched_off_at=webhook.switched_off_at,
            switched_off_why=webhook.switched_off_why,
        )


class FreshWebhook(WebhookShape):
    """A webhook with the secret that was just made, which is shown this once."""

    secret: str

    @classmethod
    def of(cls, webhook: Webhook) -> FreshWebhook:
        """From a record whose secret nobody has seen."""
        return cls(**WebhookShape.of(webhook).model_dump(), secret=secret_for(webhook))


class WebhookList(RootModel[list[WebhookShape]]):
    """The webhooks of a team, the oldest first."""


class DeliveryShape(BaseModel):
    """One message: waiting, delivered, failed or dropped; `answer` is what came back, cut."""

    id: int
    message_id: str
    occasion: str
    review_id: int | None
    at: datetime
    state: str
    attempts: int
    next_try_at: datetime | None
    status_code: int | None
    answer: str
    failure: str | None
    body: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryShape:
        """From a record."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class DeliveryList(RootModel[list[DeliveryShape]]):
    """Messages to a webhook, the newest first."""


@blueprint.get("/webhooks")
@documented(asks=WebhookQuery, answers=WebhookList)
def list_webhooks() -> Response:
    """List the webhooks of a team you lead."""
    team_id = led_team(asker(), check_query(WebhookQuery).team).id
    return answer(WebhookList([WebhookShape.of(one) for one in webhooks_of(team_id)]))


@blueprint.post("/webhooks")
@documented(takes=NewWebhook, answers=FreshWebhook, status=201)
def create_webhook() -> Response:
    """Add a webhook; the answer is the only one with its secret."""
    form = taken(NewWebhook)
    made = operations.create_webhook(
        by=asker(),
        team_id=led_team(asker(), form.team).id,
        **form.model_dump(exclude={"team"}),
    )
    return answer(FreshWebhook.of(made), 201, absolute_url("api.show_webhook", webhook_id=made.id))


@blueprint.get("/webhooks/<int:webhook_id>")
@documented(answers=WebhookShape)
def show_webhook(webhook_id: int) -> Response:
    """Show one webhook."""
    return answer(WebhookShape.of(webhook_for(asker(), webhook_id)))


@blueprint.patch("/webhooks/<int:webhook_id>")
@documented(takes=WebhookChange, answers=WebhookShape)
def change_webhook(webhook_id: int) -> Response:
    """Change what a webhook is called and told of."""
    webhook_for(asker(), webhook_id)
    form = taken(WebhookChange)
    changed = operations.change_webhook(
        by=asker(), webhook_id=webhook_id, name=form.name, occasions=form.occasions
    )
    return answer(WebhookShape.of(changed))


@blueprint.delete("/webhooks/<int:webhook_id>")
@documented(status=204)
def delete_webhook(webhook_id: int) -> Response:
    """Remove a webhook; what still waits is not sent."""
    operations.remove_webhook(by=asker(), webhook_id=webhook_id)
    return Response(status=204)


@blueprint.put("/webhooks/<int:webhook_id>/activation")
@documented(answers=WebhookShape)
def put_activation(webhook_id: int) -> Response:
    """Switch a webhook on; repeating it changes nothing."""
    return answer(WebhookShape.of(operations.switch_on_webhook(by=asker(), webhook_id=webhook_id)))


@blueprint.delete("/webhooks/<int:webhook_id>/activation")
@documented(answers=WebhookShape)
def delete_activation(webhook_id: int) -> Response:
    """Switch a webhook off; repeating it changes nothing."""
    return answer(WebhookShape.of(operations.switch_off_webhook(by=asker(), webhook_id=webhook_id)))


@blueprint.post("/webhooks/<int:webhook_id>/secrets")
@documented(answers=FreshWebhook, status=201)
def create_secret(webhook_id: int) -> Response:
    """Make a new secret; for a day the earlier one signs beside it."""
    return answer(FreshWebhook.of(operations.rotate_secret(by=asker(), webhook_id=webhook_id)), 201)


@blueprint.post("/webhooks/<int:webhook_id>/trials")
@documented(answers=DeliveryShape, status=202)
def create_trial(webhook_id: int) -> Response:
    """Send a test now; its state is among the deliveries."""
    return answer(DeliveryShape.of(operations.try_webhook(by=asker(), webhook_id=webhook_id)), 202)


@blueprint.get("/webhooks/<int:webhook_id>/deliveries")
@documented(asks=DeliveryQuery, answers=DeliveryList)
def list_deliveries(webhook_id: int) -> Response:
    """List the messages to a webhook, newest first; 50 a page, more by `Link`."""
    webhook = webhook_for(asker(), webhook_id)
    found = deliveries_of(webhook.id, check_query(DeliveryQuery).before)
    shown = found[:PAGE]
    response = answer(DeliveryList([DeliveryShape.of(one) for one in shown]))
    if len(found) > PAGE:
        link_to_next(response, before=shown[-1].id)
    return response


@blueprint.post("/deliveries/<int:delivery_id>/tries")
@documented(answers=DeliveryShape, status=202)
def create_try(delivery_id: int) -> Response:
    """Send one message again now."""
    return answer(DeliveryShape.of(operations.send_again(by=asker(), delivery_id=delivery_id)), 202)
