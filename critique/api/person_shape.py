"""Somebody of the team, as the API names them."""

from __future__ import annotations

from pydantic import BaseModel

from critique.accounts.models import Person


class PersonShape(BaseModel):
    """Somebody of the team."""

    id: int
    name: str
    email: str

    @classmethod
    def of(cls, person: Person) -> PersonShape:
        """From a record."""
        return cls(id=person.id, name=person.name, email=person.email)
