"""Shapes of what people send."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from critique.accounts.operations.people import zone_key
from critique.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from critique.accounts.spelling import MAX_NAME, address, line, short_words, skill_words
from critique.plumbing.errors import Invalid
from critique.plumbing.hours import WEEKDAY_NAMES, Week, WorkingHours, parse_span
from critique.plumbing.public_holidays import parts_of
from critique.web.forms import SENTENCE, Form

Role = Literal["author", "mentor", "lead", "admin"]
Level = Literal["junior", "mid", "senior"]
Email = Annotated[str, AfterValidator(address)]
Name = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(line)]
Words = Annotated[str, AfterValidator(short_words)]
Zone = Annotated[str, AfterValidator(zone_key)]
# Spaces around a password are part of it.
NewPassword = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=MIN_LENGTH, max_length=MAX_LENGTH),
]
Password = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MAX_LENGTH)
]


class SignInForm(Form):
    """Sign in."""

    email: Annotated[str, StringConstraints(min_length=1, max_length=320)]
    password: Password


class SetupForm(Form):
    """The first admin and their team."""

    team: Name
    zone: Zone
    name: Name
    email: Email
    password: NewPassword


class JoinForm(Form):
    """Somebody new accepts an invitation."""

    name: Name
    zone: Zone
    password: NewPassword


class AskResetForm(Form):
    """Somebody forgot a password."""

    email: Email


class ResetForm(Form):
    """A new password by link."""

    password: NewPassword


class InvitationForm(Form):
    """Invite an address."""

    email: Email
    role: Role = "author"


class RoleForm(Form):
    """Change a member's role."""

    role: Role


class LineForm(Form):
    """Whom a member reports to; nobody when it is empty."""

    reports_to_id: int | None = Field(None, ge=1, le=2**31 - 1)


class TeamChoice(Form):
    """Work in another team."""

    team_id: int


class PasswordForm(Form):
    """Change one's password."""

    current_password: Password
    password: NewPassword


class CoffeeForm(Form):
    """The weekly coffee: in or out, and away until a date."""

    coffee_in: bool = False
    snoozed_until: date | None = None


class SkipForm(Form):
    """Sit one week out, or take it back."""

    skip: bool = False


class ProfileForm(Form):
    """One's own profile; hours of a day are written "09:00-12:00, 13:00-17:30", empty is off."""

    name: Name
    zone: Zone
    level: Level
    skills: Annotated[str, AfterValidator(lambda text: ", ".join(skill_words(text)))] = ""
    hours_0: str = ""
    hours_1: str = ""
    hours_2: str = ""
    hours_3: str = ""
    hours_4: str = ""
    hours_5: str = ""
    hours_6: str = ""

    def working_hours(self) -> WorkingHours:
        """The week as stated. Raises Invalid naming each day that cannot be read."""
        return WorkingHours(self.zone, _week_typed(self, "hours"))


class HolidaysForm(Form):
    """Whose public holidays are days off: a country, or a part of it; neither for none."""

    country: Annotated[str, StringConstraints(max_length=20)] = ""
    part: Annotated[str, StringConstraints(max_length=20)] = ""

    @property
    def code(self) -> str:
        """The code as `public_holidays` reads it; a part of another country is left out."""
        known = self.country and self.part in parts_of(self.country)
        return f"{self.country}-{self.part}" if known else self.country


class AbsenceForm(Form):
    """Days out of office, both included, and words for the team."""

    first_day: date
    last_day: date
    words: Words = ""


class CallForm(Form):
    """Where a team's live calls are, with {room} in it; empty is the default."""

    call_address: str = ""


class DeepWorkForm(Form):
    """Blocks of the week, written as hours are: "09:00-11:00, 14:00-15:00", empty is none."""

    deep_work_0: str = ""
    deep_work_1: str = ""
    deep_work_2: str = ""
    deep_work_3: str = ""
    deep_work_4: str = ""
    deep_work_5: str = ""
    deep_work_6: str = ""

    def blocks(self) -> Week:
        """The blocks by weekday. Raises Invalid naming each day that cannot be read."""
        return _week_typed(self, "deep_work")


def _week_typed(form: Form, name: str) -> Week:
    days, wrong = {}, {}
    for day in range(7):
        try:
            text = getattr(form, f"{name}_{day}")
            spans = tuple(parse_span(part) for part in text.split(",") if part.strip())
            days[day] = WorkingHours("UTC", {day: spans}).days.get(day, ())
        except ValueError as error:
            wrong[f"{name}_{day}"] = f"{WEEKDAY_NAMES[day]}: {error}"
    if wrong:
        raise Invalid(SENTENCE, fields=wrong)
    return days
