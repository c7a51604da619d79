"""Drafts: kept for their writer alone, rewritten, discarded, posted; not there for others."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership
from critique.comments.models import Comment, Draft, Mention
from critique.comments.operations import add_draft, discard_draft, give_verdict
from critique.events.models import Event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.plumbing.search import SearchEntry
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review, edit_review, reopen_review
from critique.walkthroughs.models import Still, Walkthrough
from critique.web.idempotency import KeptAnswer
from tests.conftest import load_person
from tests.pages.test_room import counted

HX = {"HX-Request": "true"}
SECRET = "thistledown"
REGION = [{"kind": "rectangle", "from": [0.1, 0.1], "to": [0.4, 0.3]}]


@pytest.fixture
def keep(app, cast, room):
    """Let somebody (Oliver, unless named) keep a draft; gives its id."""

    def kept(body: str = f"A {SECRET} of a rule.", **rest) -> int:
        with app.app_context(), transaction():
            made = add_draft(
                by=load_person(rest.pop("by", cast.oliver)),
                walkthrough=db.session.get_one(Walkthrough, rest.pop("on", room.walkthrough)),
                body=body,
                **{"start_ms": 1000, **rest},
            )
            return made.id

    return kept


@pytest.fixture
def playable(app, room):
    """The walkthrough plays, so that the room shows its talk."""
    with app.app_context(), transaction():
        db.session.get_one(Walkthrough, room.walkthrough).playable_key = "playable"


def count(app, kind) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def rows(app, kind) -> list[dict]:
    with app.app_context():
        return [
            {column.name: getattr(row, column.name) for column in kind.__table__.columns}
            for row in db.session.scalars(sa.select(kind).order_by(kind.id))
        ]


def test_a_draft_stands_in_its_writers_room_and_in_nobody_elses(
    app, cast, client_of, keep, say, room, playable
):
    say("Said aloud.", start_ms=500)
    keep(start_ms=2000)
    say("Said later.", start_ms=3000)
    page = client_of(cast.oliver).get(f"/reviews/{room.review}").text
    assert "Your review: 1 comment, not sent yet" in page
    assert page.index("Said aloud.") < page.index(SECRET) < page.index("Said later.")
    for who in (cast.maya, cast.wei, cast.ada):
        client = client_of(who)
        for path in (
            f"/reviews/{room.review}",
            f"/walkthroughs/{room.walkthrough}/threads",
            "/library?q=rule",
            "/api/v1/search?q=rule",
            f"/api/v1/walkthroughs/{room.walkthrough}/comments",
            f"/api/v1/walkthroughs/{room.walkthrough}/drafts",
            "/",
            "/queue",
        ):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert SECRET not in answer.text, path
            assert "draft-1" not in answer.text, path
        assert client.get("/drafts/1/edit").status_code == 404


def test_a_draft_leaves_no_trace_in_counts_log_and_search(app, cast, client_of, keep, say, room):
    say("Said aloud.")
    maya = client_of(cast.maya)
    before = (rows(app, Event), maya.get("/").text.count("1 comment to answer"))
    newest = maya.get(f"/walkthroughs/{room.walkthrough}/threads").headers["Newest-Change"]
    draft = keep()
    oliver = client_of(cast.oliver)
    oliver.post(f"/drafts/{draft}", data={"body": f"Rewritten {SECRET}", "revision": "1"})
    keep("Another one.")
    oliver.post("/drafts/2/removal")
    assert (rows(app, Event), maya.get("/").text.count("1 comment to answer")) == before
    again = maya.get(f"/walkthroughs/{room.walkthrough}/threads?after={newest}")
    assert again.status_code == 204
    assert all(SECRET not in row["text"] for row in rows(app, SearchEntry))
    assert SECRET not in json.dumps(rows(app, Event), default=str)


def test_an_answer_that_is_kept_for_a_repeat_is_its_askers_alone(app, cast, client_of, room):
    path = f"/api/v1/walkthroughs/{room.walkthrough}/comments"
    body = {"body": f"A {SECRET}.", "start_ms": 10, "draft": True}
    key = {"Idempotency-Key": "the-same-for-both"}
    first = client_of(cast.oliver).post(path, json=body, headers=key)
    again = client_of(cast.oliver).post(path, json=body, headers=key)
    assert (again.json, again.headers["Idempotent-Replay"]) == (first.json, "true")
    others = client_of(cast.maya).post(path, json=body | {"body": "Mine."}, headers=key)
    assert SECRET not in others.text
    assert "Idempotent-Replay" not in others.headers
    assert {row.person_id for row in _kept(app)} == {cast.oliver, cast.maya}
    assert count(app, Draft) == 2


def _kept(app) -> list[KeptAnswer]:
    with app.app_context():
        return list(db.session.scalars(sa.select(KeptAnswer)))


def test_nobody_else_can_touch_it_not_even_who_leads(app, cast, client_of, keep, room):
    draft = keep()
    for who in (cast.maya, cast.wei, cast.ada, cast.rival, cast.nia):
        client = client_of(who)
        for method, path in [
            ("GET", f"/drafts/{draft}/edit"), ("POST", f"/drafts/{draft}"),
            ("GET", f"/drafts/{draft}/removal"), ("POST", f"/drafts/{draft}/removal"),
            ("POST", f"/drafts/{draft}/posting"), ("GET", f"/api/v1/drafts/{draft}"),
            ("DELETE", f"/api/v1/drafts/{draft}"), ("POST", f"/api/v1/drafts/{draft}/posting"),
        ]:  # fmt: skip
            answer = client.open(path, method=method, data={"body": "x", "revision": "1"})
            assert answer.status_code == 404, (who, path)
        patched = client.patch(f"/api/v1/drafts/{draft}", json={"body": "x"})
        assert patched.status_code == 404
    assert [(row["body"], row["revision"]) for row in rows(app, Draft)] == [
        (f"A {SECRET} of a rule.", 1)
    ]
    assert count(app, Comment) == 0


def test_who_left_the_team_reaches_it_no_more_and_sends_nothing(app, cast, client_of, keep, room):
    draft = keep()
    with app.app_context(), transaction():
        db.session.execute(
            sa.update(Membership)
            .where(Membership.person_id == cast.oliver)
            .values(ended_at=clock.now())
        )
    client = client_of(cast.oliver)
    assert client.post(f"/drafts/{draft}/posting").status_code == 404
    sent = client.post(
        f"/walkthroughs/{room.walkthrough}/verdicts", data={"verdict": "looks_good", "drafts": "1"}
    )
    assert sent.status_code == 404
    assert (count(app, Draft), count(app, Comment)) == (1, 0)


def test_everything_of_a_draft_goes_into_its_comment(app, cast, client_of, keep, room):
    with app.app_context(), transaction():
        still = Still(
            walkthrough_id=room.walkthrough, position=0, filename="a.png", original_key="a",
            original_size=1, sha256="0" * 64,
        )  # fmt: skip
        db.session.add(still)
        db.session.flush()
        still_id = still.id
    draft = keep(words=(3, 5), start_ms=None, kind="problem", weight="must_fix", aim_id=room.aim)
    with app.app_context(), transaction():
        row = db.session.get_one(Draft, draft)
        row.region, row.still_id = REGION, still_id
    (kept,) = rows(app, Draft)
    posted = client_of(cast.oliver).post(f"/drafts/{draft}/posting")
    assert posted.headers["Location"] == f"/reviews/{room.review}?v=1#comment-1"
    (comment,) = rows(app, Comment)
    own = {"id", "revision", "created_at", "edited_at"}
    assert {name: comment[name] for name in kept if name not in own} == {
        name: value for name, value in kept.items() if name not in own
    }
    assert (comment["quote"], comment["region"], comment["still_id"]) == (
        "total sits above", REGION, still_id,
    )  # fmt: skip
    assert count(app, Draft) == 0
    said = [row["verb"] for row in rows(app, Event) if not row["verb"].startswith("turn.")]
    assert said[-1] == "comment.added"
    assert any(SECRET in row["text"] for row in rows(app, SearchEntry))


def test_a_form_sent_twice_keeps_one_and_posts_one(app, cast, client_of, room):
    client = client_of(cast.oliver)
    form = {"body": "Once.", "start_ms": "10", "draft": "1", "once": "the-same-token"}
    path = f"/walkthroughs/{room.walkthrough}/comments"
    first, again = client.post(path, data=form), client.post(path, data=form)
    assert first.headers["Location"] == again.headers["Location"] == "/reviews/1?v=1#draft-1"
    assert count(app, Draft) == 1
    posting = {"once": rows(app, Draft)[0]["once"]}
    first = client.post("/drafts/1/posting", data=posting)
    again = client.post("/drafts/1/posting", data=posting)
    assert first.headers["Location"] == again.headers["Location"] == "/reviews/1?v=1#comment-1"
    late = client.post(path, data=form, headers=HX)
    assert (late.status_code, late.text) == (200, "")
    assert (count(app, Draft), count(app, Comment)) == (0, 1)
    assert client.post("/drafts/1/posting", data={"once": "another"}).status_code == 404


def test_a_refused_draft_is_offered_as_a_draft_again(app, cast, client_of, room):
    client, path = client_of(cast.oliver), f"/walkthroughs/{room.walkthrough}/comments"
    form = {"body": "Kept.", "start_ms": "500000"}
    refused = client.post(path, data=form | {"draft": "1"})
    assert refused.status_code == 422
    assert refused.text.index('name="draft" value="1"') < refused.text.index("Post it now")
    assert 'name="draft"' not in client.post(path, data=form).text
    assert (count(app, Draft), count(app, Comment)) == (0, 0)


def test_the_id_of_a_draft_that_went_never_comes_again(app, cast, client_of, keep):
    first = keep()
    client_of(cast.oliver).post(f"/drafts/{first}/removal")
    assert keep() > first


def test_a_draft_can_be_rewritten_and_nothing_newer_is_overwritten(app, cast, client_of, keep):
    draft = keep("Thin.", aim_id=None)
    client = client_of(cast.oliver)
    path = f"/drafts/{draft}"
    saved = client.post(
        path, data={"body": "Thinner.", "kind": "question", "revision": "1"}, headers=HX
    )
    assert "Thinner." in saved.text
    assert "Only you see this" in saved.text
    refused = client.post(path, data={"body": "From the desk.", "revision": "1"})
    assert refused.status_code == 409
    assert "Thinner." in refused.text
    assert "From the desk." in refused.text
    assert 'name="revision" value="2"' in refused.text
    assert client.post(path, data={"body": " ", "revision": "2"}).status_code == 422
    (row,) = rows(app, Draft)
    assert (row["body"], row["kind"], row["revision"]) == ("Thinner.", "question", 2)


def test_drafts_of_a_closed_request_are_kept_and_said_so(
    app, cast, client_of, keep, room, playable
):
    draft = keep()
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    client = client_of(cast.oliver)
    refused = client.post(f"/drafts/{draft}/posting", headers=HX)
    assert refused.status_code == 409
    assert "kept" in refused.json["detail"]
    more = {"body": "More.", "start_ms": "0", "draft": "1"}
    late = client.post(f"/walkthroughs/{room.walkthrough}/comments", data=more)
    assert late.status_code == 409
    assert "More." in late.text
    page = client.get(f"/reviews/{room.review}").text
    assert SECRET in page
    assert "Your drafts are kept" in page
    assert "/posting" not in page
    with app.app_context(), transaction():
        reopen_review(by=load_person(cast.maya), review_id=room.review)
    assert client.post(f"/drafts/{draft}/posting").status_code == 303
    assert count(app, Comment) == 1


def test_a_draft_outlives_its_aim(app, cast, client_of, keep, room):
    draft = keep(aim_id=room.aim)
    with app.app_context(), transaction():
        review = db.session.get_one(Review, room.review)
        edit_review(
            by=load_person(cast.maya), review_id=review.id, revision=review.revision,
            title=review.title, aims=["Something else?"],
        )  # fmt: skip
    assert rows(app, Draft)[0]["aim_id"] is None
    assert client_of(cast.oliver).post(f"/drafts/{draft}/posting").status_code == 303
    assert rows(app, Comment)[0]["aim_id"] is None


@pytest.fixture
def take_away(app, cast, room):
    """Remove the first version, after a second one that plays has come, or without one."""

    def removed(*, second: bool) -> None:
        with app.app_context(), transaction():
            first = db.session.get_one(Walkthrough, room.walkthrough)
            first.removed_at, first.removed_by_id = clock.now(), cast.maya
            if second:
                db.session.add(
                    Walkthrough(
                        review_id=room.review, version=2, uploaded_by_id=cast.maya,
                        filename="two.mp4", state="ready", duration_ms=9000,
                        created_at=clock.now(), playable_key="two",
                    )
                )  # fmt: skip

    return removed


@pytest.mark.parametrize("second", [True, False])
def test_a_draft_on_a_version_that_was_removed_is_not_lost(
    app, cast, client_of, keep, room, take_away, second
):
    draft = keep(words=(3, 5), start_ms=None)
    take_away(second=second)
    client = client_of(cast.oliver)
    page = client.get(f"/reviews/{room.review}").text
    assert "Your review: 1 comment, not sent yet" in page
    assert "1 on v1, which was removed" in page
    assert SECRET not in page
    assert f"/drafts/{draft}/removal" in client.get(f"/drafts/{draft}/edit").text
    sent_on = 2 if second else room.walkthrough
    assert f'href="/walkthroughs/{sent_on}/verdicts"' in page
    form = client.get(f"/walkthroughs/{sent_on}/verdicts").text
    assert ("on v1, which was removed" if second else "v1 was removed meanwhile") in form
    body = {"verdict": "another_round", "drafts": str(draft)}
    assert client.post(f"/walkthroughs/{sent_on}/verdicts", data=body).status_code == 303
    (comment,) = rows(app, Comment)
    assert (comment["walkthrough_id"], comment["quote"]) == (room.walkthrough, "total sits above")


def test_a_draft_names_people_only_once_it_is_sent(app, cast, client_of, keep):
    draft = keep("@Wei, is this yours?")
    assert count(app, Mention) == 0
    client_of(cast.oliver).post(f"/drafts/{draft}/posting")
    assert [row["person_id"] for row in rows(app, Mention)] == [cast.wei]


def test_the_api_keeps_changes_posts_and_forgets(cast, client_of, room):
    client = client_of(cast.oliver)
    made = client.post(
        f"/api/v1/walkthroughs/{room.walkthrough}/comments",
        json={"body": "Look.", "words": {"first": 3, "last": 5}, "draft": True},
    )
    assert (made.status_code, made.json["draft"], made.json["quote"]) == (
        201, True, "total sits above",
    )  # fmt: skip
    at = f"/api/v1/drafts/{made.json['id']}"
    assert made.headers["Location"].endswith(at)
    assert client.get(at).json == made.json
    changed = client.patch(at, json={"kind": "problem", "revision": 1}).json
    assert (changed["kind"], changed["body"], changed["revision"]) == ("problem", "Look.", 2)
    stale = client.patch(at, json={"body": "Mine.", "revision": 1})
    assert (stale.status_code, stale.json["theirs"]) == (409, "Look.")
    assert client.patch(at, json={"aim_id": 4000}).json["fields"].keys() == {"aim_id"}
    listed = client.get(f"/api/v1/walkthroughs/{room.walkthrough}/drafts").json
    assert [one["id"] for one in listed] == [made.json["id"]]
    posted = client.post(f"{at}/posting")
    assert (posted.status_code, posted.json["draft"]) == (201, False)
    assert (posted.json["kind"], posted.json["quote"]) == ("problem", "total sits above")
    assert client.post(f"{at}/posting").status_code == 404
    second = client.post(
        f"/api/v1/walkthroughs/{room.walkthrough}/comments",
        json={"body": "Hm.", "start_ms": 0, "draft": True},
    ).json
    assert client.delete(f"/api/v1/drafts/{second['id']}").status_code == 204
    assert client.delete(f"/api/v1/drafts/{second['id']}").status_code == 404


def test_two_windows_send_and_discard_at_once_and_one_wins(app, cast, keep, room):
    """What a window read before the other one acted is read anew under the lock."""
    draft = keep()
    with app.app_context():
        stale = db.session.get_one(Draft, draft)
        db.session.expunge(stale)
        db.session.rollback()
    with app.app_context(), transaction():
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        give_verdict(by=load_person(cast.oliver), walkthrough=walkthrough, verdict="looks_good")

    def discard() -> None:
        gone = db.session.merge(stale, load=False)
        gone.walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        discard_draft(by=load_person(cast.oliver), draft=gone)

    with app.app_context(), pytest.raises(NotFound), transaction():
        discard()
    assert (count(app, Draft), count(app, Comment)) == (0, 1)


def test_the_room_asks_as_often_for_many_drafts_as_for_one(
    app, cast, client_of, keep, room, playable
):
    client = client_of(cast.oliver)

    def asked() -> int:
        with counted(app) as sent:
            assert client.get(f"/reviews/{room.review}").status_code == 200
        return len(sent)

    keep(aim_id=room.aim)
    few = asked()
    for at in range(20):
        keep(f"{at}.", aim_id=room.aim, start_ms=at * 1000)
    assert asked() == few
