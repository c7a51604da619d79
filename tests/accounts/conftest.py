"""What the tests of this slice share: a quick hasher, passwords, forms that carry their token."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher

from critique.accounts import passwords
from critique.accounts.models import Person
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.web.app import limiter

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hasher(monkeypatch):
    """The same algorithm, at a cost tests can pay."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", quick)
    return quick


@pytest.fixture(autouse=True)
def no_limits(app):
    limiter.enabled = False
    yield
    limiter.enabled = True


@pytest.fixture
def set_password(app):
    """Give somebody of the cast a password."""

    def give(person_id: int, password: str = PASSWORD) -> None:
        hashed = passwords.hash_password(password)
        with app.app_context(), transaction():
            db.session.get_one(Person, person_id).password_hash = hashed

    return give


def csrf_token_of(page: str) -> str:
    """The token in a page's form."""
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def send_form(client, page_path: str, path: str | None = None, **data):
    """Open a page as a browser does and send its form, token included."""
    token = csrf_token_of(client.get(page_path).text)
    return client.post(path or page_path, data={"csrf_token": token, **data})
