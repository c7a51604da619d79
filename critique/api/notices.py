"""Notices: what others did, whether it was read, and which of it comes by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field, RootModel, StringConstraints

from critique.accounts.login import asker
from critique.activity.access import notice_for
from critique.activity.models import NoticeWishes
from critique.activity.operations import (
    mute_review,
    see_all,
    see_notice,
    set_wishes,
    unmute_review,
)
from critique.activity.queries import PAGE, notices_of, unseen_of, wishes_of
from critique.activity.quiet import WEEKDAYS, typed_week
from critique.activity.words import Told, told
from critique.api.documentation import LARGEST_ID, blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.paging import link_to_next
from critique.plumbing import clock
from critique.web.app import absolute_url
from critique.web.forms import Form, check_query


class NoticeQuery(Form):
    """Which notices: a page, perhaps only what was not read yet."""

    page: int = Field(1, ge=1, le=LARGEST_ID // PAGE)
    unseen: bool = False


class NoticeShape(BaseModel):
    """One thing that happened; `direct` when it still asks the caller for something."""

    id: int
    review_id: int
    title: str
    kind: str
    words: str
    excerpt: str
    version: int | None
    comment_id: int | None
    meeting_id: int | None
    direct: bool
    at: datetime
    seen_at: datetime | None
    url: str

    @classmethod
    def of(cls, row: Told) -> NoticeShape:
        """The shape of a notice as its reader sees it."""
        names = (name for name in cls.model_fields if name != "url")
        return cls(
            **{name: getattr(row, name) for name in names},
            url=absolute_url("meetings.show", meeting_id=row.meeting_id)
            if row.meeting_id is not None
            else absolute_url(
                "pages.room",
                review_id=row.review_id,
                **({"v": row.version} if row.version else {}),
                **({"_anchor": f"comment-{row.comment_id}"} if row.comment_id else {}),
            ),
        )


class NoticeList(RootModel[list[NoticeShape]]):
    """The caller's notices, newest first."""


class UnseenShape(BaseModel):
    """How many are not read yet, and how many of those ask for something."""

    unseen: int
    asks: int


class SeenQuery(Form):
    """Mark as read up to this notice; without it, all."""

    until: int | None = Field(None, ge=1, le=LARGEST_ID)


class SettingsShape(BaseModel):
    """Which mail comes, and quiet hours by weekday (0 is Monday) as they were written."""

    weekly: bool
    digest: bool
    immediate: bool
    quiet: dict[str, str]

    @classmethod
    def of(cls, wishes: NoticeWishes) -> SettingsShape:
        """The shape of a person's wishes."""
        quiet = {str(day): text for day, text in typed_week(wishes.quiet).items()}
        return cls(
            weekly=wishes.weekly, digest=wishes.digest, immediate=wishes.immediate, quiet=quiet
        )


Weekday = Annotated[str, StringConstraints(pattern="^[0-6]$")]
Spans = Annotated[str, StringConstraints(max_length=200)]


class SettingsChange(Form):
    """What is to change; what is left out stays. `quiet` replaces all quiet hours."""

    weekly: bool | None = None
    digest: bool | None = None
    immediate: bool | None = None
    quiet: dict[Weekday, Spans] | None = None


class MuteShape(BaseModel):
    """Whether the caller hears of a request."""

    review_id: int
    muted: bool


@blueprint.get("/notices")
@documented(asks=NoticeQuery, answers=NoticeList)
def list_notices() -> Response:
    """Your notices, newest first; 50 a page, more by `Link`. Reading the list marks nothing."""
    query = check_query(NoticeQuery)
    notices = notices_of(asker(), unseen=query.unseen, page=query.page)
    rows = told(notices, asker(), clock.now())
    response = answer(NoticeList([NoticeShape.of(row) for row in rows]))
    if len(notices) == PAGE:
        link_to_next(response, page=query.page + 1)
    return response


@blueprint.put("/notices/<int:notice_id>/seen")
@documented(answers=NoticeShape)
def put_seen(notice_id: int) -> Response:
    """Mark one as read; repeating it changes nothing."""
    see_notice(by=asker(), notice_id=notice_id)
    [row] = told([notice_for(asker(), notice_id)], asker(), clock.now())
    return answer(NoticeShape.of(row))


@blueprint.put("/notices/seen")
@documented(asks=SeenQuery, answers=UnseenShape)
def put_all_seen() -> Response:
    """Mark all as read, or all up to one of them; repeating it changes nothing."""
    see_all(by=asker(), until_id=check_query(SeenQuery).until)
    left = unseen_of(asker())
    return answer(UnseenShape(unseen=left.count, asks=left.asks))


@blueprint.get("/notices/settings")
@documented(answers=SettingsShape)
def show_notice_settings() -> Response:
    """Which mail you want, and when not."""
    return answer(SettingsShape.of(wishes_of(asker().id)))


@blueprint.patch("/notices/settings")
@documented(takes=SettingsChange, answers=SettingsShape)
def change_notice_settings() -> Response:
    """Change which mail you want; quiet hours are like `22:00-07:00`, several with commas."""
    change = taken(SettingsChange)
    quiet = change.quiet
    wishes = set_wishes(
        by=asker(),
        weekly=change.weekly,
        digest=change.digest,
        immediate=change.immediate,
        quiet=None if quiet is None else {day: quiet.get(str(day), "") for day in WEEKDAYS},
    )
    return answer(SettingsShape.of(wishes))


@blueprint.put("/reviews/<int:review_id>/mute")
@documented(answers=MuteShape)
def put_mute(review_id: int) -> Response:
    """Hear nothing more of a request; direct asks still stand in your notices."""
    mute_review(by=asker(), review_id=review_id)
    return answer(MuteShape(review_id=review_id, muted=True))


@blueprint.delete("/reviews/<int:review_id>/mute")
@documented(answers=MuteShape)
def delete_mute(review_id: int) -> Response:
    """Hear of a request again; repeating it changes nothing."""
    unmute_review(by=asker(), review_id=review_id)
    return answer(MuteShape(review_id=review_id, muted=False))
