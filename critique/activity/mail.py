"""Letters of this slice: whose move it is and until when comes first, and 150 words are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from critique.accounts.models import Person
from critique.activity.addresses import reply_address
from critique.activity.asks import Ask
from critique.activity.digest import Contents, Waiting
from critique.activity.lists import LISTS
from critique.activity.models import Notice
from critique.activity.words import Told, late_one, told
from critique.mentoring.words import why_of
from critique.pairing.models import Meeting
from critique.pairing.week.words import kind_of, others_at, report_url
from critique.plumbing.lists import list_headers, list_token
from critique.plumbing.mailer import site_url
from critique.plumbing.wording import listed, named, spoken_time
from critique.reviews.deadlines import place_of
from critique.reviews.models import Review
from critique.web.app import absolute_url

MOST_WORDS = 150
MOST_LINES = 6
LONGEST_TITLE = 60
DEEDS_NAMED = 3


@dataclass(frozen=True)
class Words:
    """What a letter says, to be written anew as long as it is not sent."""

    subject: str
    text: str
    headers: dict[str, str]
    html: str | None = None


def digest_words(contents: Contents, person: Person, now: datetime) -> Words:
    """Compose the morning's digest."""
    waiting = [waiting_line(one, person, now) for one in contents.waiting]
    news = news_lines(untold_news(contents), person, now)
    leave_url = url_to_leave("digest", person)
    first = f"Your move {waiting[0]}" if waiting else "No move for you."
    text = fitted(
        "digest",
        {
            "first": first,
            "since": spoken_time(contents.since, person.zone),
            "asked": asked_lines(contents.unsaid[:1], person),
            "url": absolute_url("pages.your_move"),
            "leave_url": leave_url,
        },
        waiting[1:],
        news,
    )
    return Words(
        _digest_subject(contents), text, list_headers("digest", LISTS["digest"], leave_url)
    )


@dataclass(frozen=True)
class AskedLine:
    """A question about a meeting that is over, and where one says whether it happened."""

    what: str
    url: str


def asked_lines(unsaid: Sequence[Meeting], person: Person) -> list[AskedLine]:
    """Ask of each whether it happened; their links work without a sign-in."""
    return [
        AskedLine(
            f"Did your {kind_of(one)} with {others_at(person, one)} on "
            f"{spoken_time(one.starts_at, person.zone)} happen?",
            report_url(person, one),
        )
        for one in unsaid
    ]


def untold_news(contents: Contents) -> list[Notice]:
    """What happened, without asks in requests that are said to be waiting already."""
    said = {one.review.id for one in contents.waiting}
    return [row for row in contents.news if not (row.direct and row.review_id in said)]


def asks_words(asks: Sequence[Ask], person: Person, now: datetime) -> Words:
    """Compose one letter of everything that a person is asked, soonest loss first."""
    rows = told([ask.notice for ask in asks], person, now)
    lines = [_ask_line(ask, row, person) for ask, row in zip(asks, rows, strict=True)]
    leave_url = url_to_leave("immediate", person)
    answer_to = _answer_to(asks, person)
    text = fitted(
        "asks",
        {
            "first": lines[0],
            "excerpt": rows[0].excerpt,
            "url": _place(rows[0]),
            "answerable": answer_to is not None,
            "leave_url": leave_url,
        },
        [f"{line}\n  {_place(row)}" for line, row in zip(lines[1:], rows[1:], strict=True)],
        [],
    )
    headers = list_headers("immediate", LISTS["immediate"], leave_url)
    if answer_to is not None:
        headers["Reply-To"] = answer_to
    return Words(_asks_subject(asks), text, headers | _thread_headers(asks))


def fitted(template: str, values: dict[str, Any], also: Sequence[str], news: Sequence[str]) -> str:
    """The text with as many of its lines as 150 words hold; how many are left out is said."""
    shown, fresh = min(len(also), MOST_LINES), min(len(news), MOST_LINES)
    while True:
        text = _rendered(
            template,
            **values,
            also=also[:shown],
            more=len(also) - shown,
            news=news[:fresh],
            more_news=len(news) - fresh,
        )
        if len(text.split()) <= MOST_WORDS or shown + fresh == 0:
            return text
        shown, fresh = (shown - 1, fresh) if shown > fresh else (shown, fresh - 1)


def _rendered(template: str, **values: Any) -> str:
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(f"mail/activity/{template}.txt").render(values)


def short_title(review: Review) -> str:
    """The title of a request, short enough for a line."""
    return named(review.title, LONGEST_TITLE)


def _until_or_since(until: datetime | None, since: datetime, person: Person, now: datetime) -> str:
    """Until or since when it is somebody's move, true whenever the letter is read."""
    place = place_of(person.zone)
    if until is None:
        return f"since {spoken_time(since, person.zone)} ({place} time)"
    due = "until" if until > now else "due since"
    return f"{due} {spoken_time(until, person.zone)} ({place} time)"


def waiting_line(one: Waiting, person: Person, now: datetime) -> str:
    """Until or since when it is the reader's move, in which request, and why."""
    when = _until_or_since(one.until, one.turn.since, person, now)
    return f"{when}, “{short_title(one.review)}”: {named(why_of(one.turn, person), 120)}."


def _ask_line(ask: Ask, row: Told, person: Person) -> str:
    when = _until_or_since(ask.until, ask.since, person, ask.notice.at)
    return f"{_whose(ask)} {when}, “{short_title(ask.notice.review)}”: {row.words}."


def _whose(ask: Ask) -> str:
    """Whose move it is, as a line begins: a lead is told of another one's."""
    if not ask.is_others:
        return "Your move"
    if ask.notice.kind == "offered":
        return "Yours to take"
    late = late_one(ask.notice)
    return f"{late}’s move" if late else "Open to any mentor"


def news_lines(news: Sequence[Notice], person: Person, now: datetime) -> list[str]:
    """One line a request, newest first: what happened to it, the same things counted."""
    deeds: dict[int, dict[str, int]] = {}
    titles: dict[int, str] = {}
    for row in told(news, person, now):
        titles.setdefault(row.review_id, named(row.title, LONGEST_TITLE))
        of_it = deeds.setdefault(row.review_id, {})
        of_it[row.words] = of_it.get(row.words, 0) + 1
    return [f"“{titles[review]}”: {_counted(found)}." for review, found in deeds.items()]


def _counted(deeds: dict[str, int]) -> str:
    said = [f"{words} ({count} times)" if count > 1 else words for words, count in deeds.items()]
    rest = len(said) - DEEDS_NAMED
    return "; ".join([*said[:DEEDS_NAMED], *([f"{rest} more"] if rest > 0 else [])])


def _digest_subject(contents: Contents) -> str:
    titles = [short_title(one.review) for one in contents.waiting]
    if not titles:
        return "What happened to your work"
    if len(titles) == 1:
        return f"Your move: {titles[0]}"
    return f"Your move: {titles[0]} and {len(titles) - 1} more"


def _asks_subject(asks: Sequence[Ask]) -> str:
    """The title alone for one request, so that mail programs keep its letters together."""
    titles = list(dict.fromkeys(short_title(ask.notice.review) for ask in asks))
    if len({ask.notice.review_id for ask in asks}) == 1:
        return titles[0]
    shown = titles[:2] if len(titles) == 2 else [titles[0], f"{len(titles) - 1} more"]
    return f"Your move: {listed(shown)}"


def _thread_headers(asks: Sequence[Ask]) -> dict[str, str]:
    """Letters about one request answer the same root, which no letter is, so they hang together."""
    reviews = {ask.notice.review_id for ask in asks}
    if len(reviews) != 1:
        return {}
    root = f"<review-{reviews.pop()}@{urlsplit(site_url()).hostname or 'localhost'}>"
    return {"In-Reply-To": root, "References": root}


def _answer_to(asks: Sequence[Ask], person: Person) -> str | None:
    """Where an answer by mail comes in: only where it is clear what it answers."""
    comments = {ask.notice.comment_id for ask in asks}
    comment_id = comments.pop() if len(comments) == 1 else None
    return reply_address(person.id, comment_id) if comment_id is not None else None


def _place(row: Told) -> str:
    if row.meeting_id is not None:
        return absolute_url("meetings.show", meeting_id=row.meeting_id)
    version: dict[str, Any] = {"v": row.version} if row.version else {}
    anchor = {"_anchor": f"comment-{row.comment_id}"} if row.comment_id else {}
    return absolute_url("pages.room", review_id=row.review_id, **version, **anchor)


def url_to_leave(of_list: str, person: Person) -> str:
    """Where one press ends this list for the person."""
    return absolute_url("notices.leave_by_letter", token=list_token(of_list, person.id))
