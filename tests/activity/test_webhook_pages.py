"""The pages and the API of webhooks, as leads and programs use them."""

from __future__ import annotations

import base64
import re

import pytest
import sqlalchemy as sa

from critique.activity.hooks.models import Delivery, Webhook
from critique.activity.hooks.operations import try_webhook
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from tests.conftest import load_person

TYPED = {
    "name": "#design-critique",
    "kind": "plain",
    "address": "https://hooks.example.com/T0/B0/s3cr3t",
    "occasions": ["review.created", "turn.given"],
}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture
def wei(client_of, cast):
    return client_of(cast.wei)


def add(client, **changes) -> str:
    """Add a webhook; gives the address of its page."""
    made = client.post("/team/webhooks", data={**TYPED, **changes})
    assert made.status_code == 303
    return made.headers["Location"]


def test_the_secret_is_shown_once_after_it_was_made_and_never_again(wei):
    page = add(wei)
    [secret] = SECRET.findall(wei.get(page).text)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert "whsec_" not in wei.get(page).text
    wei.post(f"{page}/secrets")
    [new] = SECRET.findall(wei.get(page).text)
    assert new != secret
    assert "whsec_" not in wei.get(page).text


def test_the_secret_is_in_no_cookie(wei):
    made = wei.post("/team/webhooks", data=TYPED)
    cookies = " ".join(made.headers.getlist("Set-Cookie"))
    assert "whsec_" not in cookies
    # What is signed there is readable: the id of the webhook, and nothing that opens anything.
    assert wei.get(made.headers["Location"]).text.count("whsec_") == 1


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_an_address_that_opens_a_channel_is_not_shown_in_full(wei, kind):
    page = add(wei, kind=kind)
    for text in (wei.get(page).text, wei.get("/team/webhooks").text):
        assert "hooks.example.com/…cr3t" in text
        assert "s3cr3t" not in text
        assert "whsec_" not in text
    listed = wei.get("/api/v1/webhooks").json
    assert [one["address"] for one in listed] == ["hooks.example.com/…cr3t"]


def test_a_refused_form_keeps_what_was_typed(wei):
    answer = wei.post(
        "/team/webhooks",
        data={"name": "Bot", "kind": "teams", "address": "https://169.254.169.254/"},
    )
    assert answer.status_code == 422
    assert 'value="https://169.254.169.254/"' in answer.text
    assert "Choose at least one, else it is told nothing." in answer.text
    again = wei.post("/team/webhooks", data={**TYPED, "address": "https://169.254.169.254/"})
    assert again.status_code == 422
    assert "Critique calls public addresses only" in again.text
    assert 'value="turn.given" checked' in again.text
    assert 'value="review.closed" checked' not in again.text


def test_name_and_occasions_are_changed_and_the_log_knows(app, wei):
    page = add(wei)
    assert wei.post(page, data={"name": "", "occasions": ["turn.given"]}).status_code == 422
    changed = wei.post(page, data={"name": "Moves", "occasions": ["turn.given"]})
    assert changed.status_code == 303
    assert "Moves" in wei.get(page).text
    assert "Whose move it is" in wei.get("/team/webhooks").text
    with app.app_context():
        verbs = db.session.scalars(sa.select(Event.verb).where(Event.subject == "webhook")).all()
    assert verbs == ["webhook.created", "webhook.changed"]


def test_off_on_and_away(app, wei):
    page = add(wei)
    wei.post(f"{page}/activation/end")
    wei.post(f"{page}/activation/end")
    assert "Wei switched it off." in wei.get(page).text
    wei.post(f"{page}/activation")
    wei.post(f"{page}/activation")
    assert "switched it off" not in wei.get(page).text
    assert "Keep it" in wei.get(f"{page}/removal").text
    assert wei.post(f"{page}/removal").headers["Location"] == "/team/webhooks"
    assert "#design-critique is removed" in wei.get("/team/webhooks").text
    assert wei.get(page).status_code == 404
    with app.app_context():
        verbs = db.session.scalars(sa.select(Event.verb).where(Event.subject == "webhook")).all()
        assert verbs == [
            "webhook.created", "webhook.switched_off", "webhook.switched_on", "webhook.removed",
        ]  # fmt: skip
        assert db.session.query(Webhook).one().address == ""


def test_the_last_messages_stand_there_with_state_reason_and_a_way_on(app, wei, cast, client_of):
    page = add(wei)
    client_of(cast.maya).post("/reviews", data={"title": "Checkout <b>"})
    assert "On its way" in wei.get(page).text
    with app.app_context(), transaction():
        delivery = db.session.query(Delivery).one()
        delivery_id = delivery.id
        delivery.state, delivery.attempts = "failed", 3
        delivery.failure, delivery.answer = "It answered 500.", "<script>alert(1)</script>"
    text = wei.get(page).text
    for words in (
        "A request was posted", "Checkout &lt;b&gt;", "Not delivered", "3 tries",
        "It answered 500.", "&lt;script&gt;alert(1)", f'action="/deliveries/{delivery_id}/tries"',
    ):  # fmt: skip
        assert words in text
    assert "<script>alert" not in text
    wei.post(f"/deliveries/{delivery_id}/tries")
    assert "It is tried again now." in wei.get(page).text


def test_older_messages_are_on_further_pages(app, wei, cast):
    page = add(wei)
    with app.app_context(), transaction():
        for _ in range(51):
            try_webhook(by=load_person(cast.wei), webhook_id=1)
    assert wei.get(page).text.count(">A test<") == 50
    older = re.search(rf'href="({page}\?before=\d+)"', wei.get(page).text)
    assert wei.get(older[1]).text.count(">A test<") == 1
    first = wei.get("/api/v1/webhooks/1/deliveries")
    assert len(first.json) == 50
    link = re.search(r"<http://localhost([^>]+)>", first.headers["Link"])
    assert len(wei.get(link[1]).json) == 1


def test_a_program_does_the_whole_of_it(wei):
    made = wei.post("/api/v1/webhooks", json=TYPED)
    assert made.status_code == 201
    assert SECRET.fullmatch(made.json["secret"])
    assert made.headers["Location"].endswith(f"/api/v1/webhooks/{made.json['id']}")
    here = f"/api/v1/webhooks/{made.json['id']}"
    assert "secret" not in wei.get(here).json
    assert wei.get("/api/v1/webhooks").json == [wei.get(here).json]
    assert wei.patch(here, json={"name": "Bot"}).json["name"] == "Bot"
    assert wei.patch(here, json={"occasions": []}).status_code == 422
    assert wei.patch(here, json={}).json["occasions"] == TYPED["occasions"]
    assert wei.post(f"{here}/secrets").json["secret"] != made.json["secret"]
    assert wei.delete(f"{here}/activation").json["switched_off_why"] == "Wei switched it off."
    assert wei.put(f"{here}/activation").json["switched_off_at"] is None
    trial = wei.post(f"{here}/trials")
    assert (trial.status_code, trial.json["occasion"]) == (202, "webhook.tried")
    assert [one["id"] for one in wei.get(f"{here}/deliveries").json] == [trial.json["id"]]
    assert wei.post(f"/api/v1/deliveries/{trial.json['id']}/tries").status_code == 202
    assert wei.delete(here).status_code == 204
    assert wei.get(here).status_code == 404
    assert wei.get("/api/v1/webhooks").json == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"address": "http://example.com"}, "address", "public addresses only"),
        ({"kind": "pager"}, "kind", "Choose one of"),
        ({"occasions": ["coffee.spilt"]}, "occasions", "Unknown: coffee.spilt"),
        ({"occasions": []}, "occasions", "at least one"),
        ({"name": ""}, "name", "needed"),
    ],
)
def test_what_does_not_fit_is_named(wei, changes, field, words):
    refused = wei.post("/api/v1/webhooks", json={**TYPED, **changes})
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert words in refused.json["fields"][field]
