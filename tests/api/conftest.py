"""Programs with bearer tokens, and what they speak with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from critique.accounts.operations import issue_token
from critique.plumbing.transaction import transaction
from tests.comments.conftest import Room, make_room
from tests.conftest import IsolatedClient, load_person
from tests.people import Cast


class Program(IsolatedClient):
    """A client that sends one bearer token and keeps no cookies."""

    token = ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Authorization", f"Bearer {self.token}")
        return super().open(*args, headers=headers, **kwargs)


def program(app: Flask, token: str) -> Program:
    made = Program(app, app.response_class, use_cookies=False)
    made.token = token
    return made


@pytest.fixture
def program_of(app: Flask) -> Callable[[int], Program]:
    """A program that acts for a person, by id."""

    def make(person_id: int) -> Program:
        with app.app_context(), transaction():
            token = issue_token(by=None, person=load_person(person_id))
        return program(app, token)

    return make


@pytest.fixture
def maya(program_of: Callable[[int], Program], cast: Cast) -> Program:
    return program_of(cast.maya)


@pytest.fixture
def oliver(program_of: Callable[[int], Program], cast: Cast) -> Program:
    return program_of(cast.oliver)


@pytest.fixture
def room(app: Flask, cast: Cast) -> Room:
    """Maya's request with one minute of walkthrough and its words."""
    with app.app_context(), transaction():
        return make_room(cast.team, cast.maya)
