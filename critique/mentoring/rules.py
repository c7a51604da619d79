"""Whose move it is in a request: the rules, from facts to a set of people and their reasons.

They follow Gerrit's attention set: an explicit set of who has to act next, each with a reason, a
start and who caused it, kept by what people do and never by what they look at. Here the set follows
from the facts as they stand, so that hearing of something twice, or of two things at once, ends the
same; only `since` and what somebody put aside is remembered. Moments are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.mentoring.moves import ASIDE, DISMISSIBLE, REASONS, Due, Facts, Given, Held, Note

_VERDICT_REASONS = {"another_round": "another_round", "lets_talk": "talk"}


@dataclass(frozen=True)
class Changes:
    """What to write down: turns that begin (at `now`), go on for another reason, or end."""

    begun: Sequence[Due]
    altered: Sequence[Due]
    ended: Sequence[Held]


def changes_in(facts: Facts) -> Changes:
    """What has to change for the turns that are written down to say whose move it is."""
    reasons = list(dues_of(facts))
    wanted = _weightiest(reasons)
    held = {one.person_id: one for one in facts.held if _goes_on(one, wanted, facts.now)}
    begun = [due for person, due in wanted.items() if person not in held]
    altered = [
        due
        for person, due in wanted.items()
        if person in held and not _says(held[person], due, reasons)
    ]
    ended = [one for one in facts.held if one.person_id not in held]
    return Changes(begun, altered, ended)


def dues_of(facts: Facts) -> Iterator[Due]:
    """Every reason of everybody; those of people who left the team count for nothing."""
    if not facts.is_open:
        return
    found = [due for due in _of_reviewers(facts) if _counts(due, facts)]
    found += [due for due in _asked_again(facts, found) if _counts(due, facts)]
    found += [due for due in _of_author(facts, found) if _counts(due, facts)]
    if _has_fallen(facts, found):
        heir = facts.author_id if facts.author_id in facts.members else facts.stand_in_id
        if heir is not None and heir in facts.members:
            found.append(Due(heir, "fell_back", facts.now))
    yield from found


def _of_reviewers(facts: Facts) -> Iterator[Due]:
    yield from _to_look(facts)
    for note in facts.notes:
        yield from _of_note(note, facts)
    for call in facts.calls:
        yield Due(call.person_id, "mentioned", call.at, call.by_id, call.comment_id)


def _to_look(facts: Facts) -> Iterator[Due]:
    for one in facts.held:
        if one.reason == "handed_over" and not _by_then(facts.spoke.get(one.person_id), one.since):
            yield Due(one.person_id, "handed_over", one.since, one.by_id, one.comment_id)
    lease = facts.lease
    if lease is not None and not _by_then(facts.spoke.get(lease.person_id), lease.at):
        yield Due(lease.person_id, "claimed", lease.at, lease.person_id, until=lease.until)
    if facts.posted_at is None:
        return
    for person, at in facts.asked.items():
        if not _by_then(facts.spoke.get(person), at):
            yield Due(person, "requested", at)
    for person, given in facts.verdicts.items():
        waits = given.verdict != "looks_good" and _after(facts.posted_at, given.at)
        if waits and not _by_then(facts.acted.get(person), facts.posted_at):
            yield Due(person, "new_version", facts.posted_at)


def _of_note(note: Note, facts: Facts) -> Iterator[Due]:
    """Who has the word about one comment: its writer or the author."""
    own = note.by_id == facts.author_id
    if note.confirmed:
        return
    if note.how is None:
        yield from () if own else _of_open_note(note, facts)
        return
    since = note.answered_at or note.back_at
    spoke_up = _after(note.writer_at, since)
    if note.how in ("done", "wont_do"):
        yield Due(note.by_id, "to_confirm", since, note.answered_by_id, note.id)
        # They wrote instead of saying yes: that wants words of the author.
        spoke_up = spoke_up and not _after(note.author_at, note.writer_at)
    elif not spoke_up:
        yield Due(note.by_id, "asked", since, note.answered_by_id, note.id)
    if spoke_up and not own:
        yield _to_author(note.by_id, note.writer_at or since, facts, note.id)


def _of_open_note(note: Note, facts: Facts) -> Iterator[Due]:
    back_at = max(note.back_at, note.writer_at or note.back_at)
    if _after(note.question_at, back_at):
        yield Due(note.by_id, "asked", note.question_at or back_at, facts.author_id, note.id)
    elif facts.posted_at is None or not _after(facts.posted_at, back_at):
        yield _to_author(note.by_id, back_at, facts, note.id)
    elif not _by_then(facts.acted.get(note.by_id), facts.posted_at):
        yield Due(note.by_id, "new_version", facts.posted_at)


def _to_author(
    by_id: int, at: datetime, facts: Facts, comment_id: int | None = None, reason: str = "replied"
) -> Due:
    told = reason if by_id in facts.took_on else "remarked"
    return Due(facts.author_id, told, at, by_id, comment_id)


def _asked_again(facts: Facts, found: Sequence[Due]) -> Iterator[Due]:
    """A version that nobody's notes wait for is for those who were asked by name.

    That is so until one of them has looked at it; the others keep the turn they have by then.
    """
    posted_at = facts.posted_at
    if posted_at is None:
        return
    waits = any(weighs(due, facts) for due in found)
    untouched = not waits and all(posted_at > at for at in facts.acted.values())
    holders = {one.person_id for one in facts.held if one.reason == "new_version"}
    for person in facts.asked:
        acted = facts.acted.get(person)
        if acted is not None and posted_at > acted and (untouched or person in holders):
            yield Due(person, "new_version", posted_at)


def _of_author(facts: Facts, found: Sequence[Due]) -> Iterator[Due]:
    if facts.posted_at is None or facts.broken:
        yield Due(facts.author_id, "to_post", facts.now)
        return
    again = [
        _to_author(person, given.at, facts, reason=_VERDICT_REASONS[given.verdict])
        for person, given in facts.verdicts.items()
        if _asks_for_more(person, given, facts, found)
    ]
    yield from again
    if facts.reopened_at is not None and not facts.gone_on:
        yield Due(facts.author_id, "reopened", facts.reopened_at)
    elif not any(weighs(due, facts) for due in (*found, *again)):
        begun = max(facts.posted_at, facts.reopened_at or facts.posted_at)
        spoke = [at for person, at in facts.acted.items() if person in facts.took_on]
        if spoke and max(spoke) >= begun:
            yield Due(facts.author_id, "approved", max(spoke))


def _asks_for_more(person: int, given: Given, facts: Facts, found: Sequence[Due]) -> bool:
    """Whether a verdict waits for the author: no version came, nor were its notes all answered."""
    if given.verdict == "looks_good" or _after(facts.posted_at, given.at):
        return False
    own = [note for note in facts.notes if note.by_id == person]
    open_ones = any(
        due.by_id == person and due.person_id == facts.author_id and due.reason != "mentioned"
        for due in found
    )
    return open_ones or not any(_after(note.answered_at, given.at) for note in own)


def _has_fallen(facts: Facts, found: Sequence[Due]) -> bool:
    if any(weighs(due, facts) for due in found):
        return False
    if any(one.reason == "fell_back" for one in facts.held) and not facts.stirred:
        return True
    return facts.falls


def is_in_passing(person_id: int, facts: Facts) -> bool:
    """Whether somebody neither asked nor was asked, nor took it on: they only said something."""
    return person_id != facts.author_id and person_id not in facts.took_on


def weighs(due: Due, facts: Facts) -> bool:
    """Whether a request goes on by this; else it waits for somebody as if this were not so."""
    return due.reason not in ASIDE and not is_in_passing(due.person_id, facts)


def _counts(due: Due, facts: Facts) -> bool:
    if due.person_id not in facts.members:
        return False
    passed = facts.passed.get(due.person_id)
    if passed is not None and due.at <= passed:
        return False
    aside = facts.aside.get(due.person_id)
    return due.reason not in DISMISSIBLE or aside is None or due.at > aside


def _weightiest(dues: Iterable[Due]) -> dict[int, Due]:
    """One reason a person: the weightiest, of those the one that waits longest."""
    ordered = sorted(dues, key=lambda due: (REASONS.index(due.reason), due.at))
    chosen: dict[int, Due] = {}
    for due in ordered:
        chosen.setdefault(due.person_id, due)
    return chosen


def _goes_on(one: Held, wanted: Mapping[int, Due], now: datetime) -> bool:
    """Whether a turn stands; one that the clock has ended, only for what arose before it did."""
    due = wanted.get(one.person_id)
    if due is None:
        return False
    return one.until is None or one.until > now or due.at <= one.until


def _says(one: Held, due: Due, reasons: Iterable[Due]) -> bool:
    """Whether a turn says what is so; of several threads it may go on to name its first."""
    if one.reason != due.reason or one.until != due.until:
        return False
    return one.comment_id == due.comment_id or any(
        other.person_id == one.person_id
        and (other.reason, other.comment_id) == (one.reason, one.comment_id)
        for other in reasons
    )


def _after(moment: datetime | None, other: datetime | None) -> bool:
    return moment is not None and (other is None or moment > other)


def _by_then(acted: datetime | None, asked: datetime) -> bool:
    """Whether somebody has acted since they were asked."""
    return acted is not None and acted >= asked
