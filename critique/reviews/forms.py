"""One shape of a request for the page and the API."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from critique.reviews.wishes import Wishes
from critique.web.forms import Form

MOST_AIMS = MOST_LINKS = MOST_SKILLS = 10
MOST_REVIEWERS = 20


class ReviewForm(Form):
    """What an author asks. Lists may hold empty rows, which count for nothing.

    `review_by` is RFC 3339, a local moment in the author's zone, or words such as "in 4 working
    hours"; "moment" points at `review_by_moment`, the page's second input. `revision` is needed
    for edits only.
    """

    title: str = Field(min_length=1, max_length=200)
    brief: str = Field("", max_length=20_000)
    aims: list[str] = Field(default_factory=list)
    stage: Literal["early", "mid", "final"] = "early"
    off_limits: str = Field("", max_length=5_000)
    links: list[str] = Field(default_factory=list)
    project: str = Field("", max_length=120)
    reviewers: list[str] = Field(default_factory=list)
    skills: list[str] = Field(default_factory=list)
    ticks: list[Literal["complex_urgent", "hard_talk", "new_relation", "exploring"]] = Field(
        default_factory=list
    )
    review_by: str = Field("", max_length=100)
    review_by_moment: str = Field("", max_length=40)
    revision: int = 1

    @field_validator("reviewers", mode="before")
    @classmethod
    def _ids_are_text(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return [str(entry) if type(entry) is int else entry for entry in value]

    @field_validator("skills", mode="before")
    @classmethod
    def _one_line_of_skills(cls, value: object) -> object:
        """A page sends them in one input, with commas."""
        lines = [value] if isinstance(value, str) else value
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            return value
        return [skill for line in lines for skill in line.split(",")]

    @field_validator("aims")
    @classmethod
    def _few_short_aims(cls, value: list[str]) -> list[str]:
        return _few(value, MOST_AIMS, 500, "aims")

    @field_validator("skills")
    @classmethod
    def _few_short_skills(cls, value: list[str]) -> list[str]:
        return _few([skill.lower() for skill in value], MOST_SKILLS, 60, "skills")

    @field_validator("reviewers")
    @classmethod
    def _few_reviewers(cls, value: list[str]) -> list[str]:
        return _few(value, MOST_REVIEWERS, 320, "reviewers")

    @field_validator("links")
    @classmethod
    def _web_links(cls, value: list[str]) -> list[str]:
        links = _few(value, MOST_LINKS, 2000, "links")
        for link in links:
            if not _is_web_link(link):
                raise ValueError(
                    f"A link begins with https:// and holds no spaces, unlike {link[:60]!r}."
                )
        return links

    @model_validator(mode="after")
    def _moment_of_the_second_input(self) -> ReviewForm:
        if self.review_by == "moment":
            self.review_by = self.review_by_moment
        return self

    def wishes(self) -> Wishes:
        """What operations take."""
        return Wishes(
            title=self.title,
            brief=self.brief,
            aims=self.aims,
            stage=self.stage,
            off_limits=self.off_limits,
            links=self.links,
            project=self.project,
            reviewers=self.reviewers,
            skills=self.skills,
            review_by=self.review_by,
            ticks=self.ticks,
        )


class ExtensionForm(Form):
    """A later deadline and why."""

    review_by: str = Field(min_length=1, max_length=100)
    review_by_moment: str = Field("", max_length=40)
    reason: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _moment_of_the_second_input(self) -> ExtensionForm:
        if self.review_by == "moment":
            self.review_by = self.review_by_moment
        return self


class ClosureForm(Form):
    """Why a request is closed, if the person says so."""

    reason: str = Field("", max_length=500)


def _few(texts: list[str], most: int, longest: int, noun: str) -> list[str]:
    kept = list(dict.fromkeys(t for t in (text.strip() for text in texts) if t))
    if len(kept) > most:
        raise ValueError(f"At most {most} {noun}.")
    if any(len(text) > longest for text in kept):
        raise ValueError(f"Each of the {noun} may have at most {longest} characters.")
    return kept


def _is_web_link(text: str) -> bool:
    if re.search(r"[\s\x00-\x1f<>\"\\]", text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
