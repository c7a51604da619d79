"""The weekly letter in words: whose move it is first, then the week, then what helped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app

from critique.accounts.models import Person
from critique.activity.digest import Contents
from critique.activity.lists import LISTS
from critique.activity.mail import (
    MOST_WORDS,
    Words,
    asked_lines,
    news_lines,
    short_title,
    untold_news,
    url_to_leave,
    waiting_line,
)
from critique.activity.weekly import Week
from critique.comments.praised import Praised
from critique.pairing.daylight import place
from critique.pairing.week.queries import Planned
from critique.pairing.week.words import others_at, reason_for
from critique.pairing.weeks import spoken_week
from critique.plumbing.calendar import zone_named
from critique.plumbing.lists import list_headers
from critique.plumbing.wording import listed, named, spoken_time
from critique.web.app import absolute_url

LONGEST_QUOTE = 90
LONGEST_REASON = 120


class Cut(NamedTuple):
    """How many of each the letter names; the page has all."""

    meetings: int
    helped: int
    also: int
    news: int


# The fullest that fits the words of a letter; whom one meets is the last to go.
CUTS = (
    Cut(5, 3, 3, 3), Cut(5, 3, 2, 1), Cut(5, 2, 1, 0), Cut(4, 1, 1, 0), Cut(3, 1, 0, 0),
    Cut(2, 1, 0, 0), Cut(2, 0, 0, 0), Cut(1, 0, 0, 0),
)  # fmt: skip


@dataclass(frozen=True)
class MeetingLine:
    """One meeting: when on the reader's clock and on the others', what with whom, and why.

    `why` and `question` are "" where its own letter has just said them.
    """

    when: str
    there: str
    what: str
    why: str
    question: str


@dataclass(frozen=True)
class HelpedLine:
    """A comment that helped: whose on what, its words, whom it helped and what they said.

    `helped` ends its sentence; `why` is there where it is one's of several.
    """

    who: str
    words: str
    helped: str
    why: str


def weekly_words(week: Week, contents: Contents, person: Person, now: datetime) -> Words:
    """Compose the letter as text and as HTML: both say the same, in 150 words where possible."""
    waiting = [waiting_line(one, person, now) for one in contents.waiting]
    news = news_lines(untold_news(contents), person, now)
    leave_url = url_to_leave("weekly", person)
    values: dict[str, Any] = {
        "first": f"Your move {waiting[0]}" if waiting else "No move for you.",
        "days": spoken_week(week.week),
        "place": place(person.zone),
        "asked": asked_lines(contents.unsaid, person),
        "url": absolute_url("pages.week"),
        "leave_url": leave_url,
    }
    meetings = [_line(one, week, person) for one in week.planned]
    helped = [_helped(one) for one in week.praised]
    for cut in CUTS:
        values |= _named(cut, meetings, helped, waiting[1:], news)
        text = _rendered("txt", values)
        if len(text.split()) <= MOST_WORDS:
            break
    html = _rendered("html", values)
    headers = list_headers("weekly", LISTS["weekly"], leave_url)
    return Words(_subject(week, contents, person), text, headers, html)


def _named(
    cut: Cut,
    meetings: Sequence[MeetingLine],
    helped: Sequence[HelpedLine],
    also: Sequence[str],
    news: Sequence[str],
) -> dict[str, Any]:
    return {
        "meetings": meetings[: cut.meetings],
        "more_meetings": max(0, len(meetings) - cut.meetings),
        "helped": helped[: cut.helped],
        "also": also[: cut.also],
        "more": max(0, len(also) - cut.also),
        "news": news[: cut.news],
        "more_news": max(0, len(news) - cut.news),
    }


def _rendered(kind: str, values: dict[str, Any]) -> str:
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(f"mail/activity/weekly.{kind}").render(values)


def _subject(week: Week, contents: Contents, person: Person) -> str:
    days = spoken_week(week.week)
    names = listed(list(dict.fromkeys(others_at(person, one.meeting) for one in week.planned)))
    if names:
        return f"Your week, {days}: {named(names)}"
    if contents.waiting:
        return f"Your week, {days}: {short_title(contents.waiting[0].review)}"
    return f"Your week, {days}"


def _line(planned: Planned, week: Week, person: Person) -> MeetingLine:
    meeting = planned.meeting
    told = meeting.id in week.told
    about = f" about “{short_title(meeting.review)}”" if meeting.review else ""
    kind = "coffee" if meeting.kind == "coffee" else "fast feedback"
    return MeetingLine(
        when=spoken_time(meeting.starts_at, person.zone),
        there=listed(_clocks(planned, person)),
        what=f"{kind} with {others_at(person, meeting)}{about}",
        why="" if told else named(reason_for(person, meeting), LONGEST_REASON),
        question="" if told else planned.question.words,
    )


def _clocks(planned: Planned, person: Person) -> Sequence[str]:
    """What the others' clocks show then, each place once, where it is another one."""
    starts_at, found = planned.meeting.starts_at, {}
    here = starts_at.astimezone(zone_named(person.zone))
    for one in planned.others:
        there = starts_at.astimezone(zone_named(one.zone))
        if one.zone != person.zone:
            clock = f"{there:%H:%M}" if there.date() == here.date() else f"{there:%A %H:%M}"
            found[one.zone] = f"{clock} in {place(one.zone)}"
    return list(found.values())


def _helped(one: Praised) -> HelpedLine:
    said = named(one.why, LONGEST_QUOTE)
    alone = [one.why_by] == list(one.helped)
    return HelpedLine(
        who=f"{named(one.comment.author.name)} on “{short_title(one.review)}”",
        words=named(one.words, LONGEST_QUOTE),
        helped=one.helped_line + (f": “{said}”" if said and alone else "."),
        why=f"{named(one.why_by)}: “{said}”" if said and not alone else "",
    )
