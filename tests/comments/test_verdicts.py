"""Sending a review: a verdict and its drafts at once, once, and what follows from it."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.comments.models import Comment, Draft, Verdict
from critique.comments.operations import add_draft, give_verdict
from critique.comments.standing import Judged, newest_by_person, on_version
from critique.events.models import Event
from critique.mentoring.keeping import keep_turns
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review, Reviewer
from critique.reviews.operations import close_review
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person

HX = {"HX-Request": "true"}


@pytest.fixture
def keep(app, cast, room):
    """Let somebody (Oliver, unless named) keep drafts, in this order; gives their ids."""

    def kept(*bodies: str, by: int | None = None, on: int | None = None) -> list[int]:
        with app.app_context(), transaction():
            writer = load_person(by or cast.oliver)
            walkthrough = db.session.get_one(Walkthrough, on or room.walkthrough)
            return [
                add_draft(
                    by=writer, walkthrough=walkthrough, body=body, start_ms=9000 - at * 1000
                ).id
                for at, body in enumerate(bodies)
            ]  # fmt: skip

    return kept


@pytest.fixture
def send(cast, client_of, room):
    """Send somebody's review (Oliver's, unless named) as a page does."""

    def sent(
        verdict="another_round", drafts=(), by=None, once="a-page-token", headers=None, **more
    ):
        return client_of(by or cast.oliver).post(
            f"/walkthroughs/{more.pop('on', room.walkthrough)}/verdicts",
            data={"verdict": verdict, "drafts": [str(d) for d in drafts], "once": once, **more},
            headers=headers or {},
        )

    return sent


@pytest.fixture
def second(app, cast, room):
    """A second version that plays; gives its id. The first plays too."""

    def made() -> int:
        with app.app_context(), transaction():
            db.session.get_one(Walkthrough, room.walkthrough).playable_key = "one"
            version = Walkthrough(
                review_id=room.review, version=2, uploaded_by_id=cast.maya, filename="two.mp4",
                state="ready", duration_ms=9000, created_at=clock.now(), playable_key="two",
            )  # fmt: skip
            db.session.add(version)
            db.session.flush()
            record("walkthrough.posted", load_person(cast.maya), version)
            return version.id

    return made


def ask(app, room, *people: int) -> None:
    with app.app_context(), transaction():
        for person in people:
            db.session.add(Reviewer(review_id=room.review, person_id=person, asked_at=clock.now()))
        db.session.flush()
        author_id = db.session.get_one(Review, room.review).author_id
        keep_turns(room.review, clock.now(), by_id=author_id)


def rows(app, kind) -> list:
    with app.app_context():
        found = list(db.session.scalars(sa.select(kind).order_by(kind.id)))
        db.session.expunge_all()
        return found


def move_line(client, room, **query) -> str:
    page = client.get(f"/reviews/{room.review}/standing", query_string=query).text
    return " ".join(page[page.index("data-move") : page.index("data-verdicts")].split())


def test_all_of_it_goes_out_at_once_in_the_order_of_writing(app, cast, keep, send, room):
    drafts = keep("First.", "Second.", "Third.")
    sent = send(drafts=drafts, body="Nearly **there**.")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/reviews/{room.review}?v=1")
    (verdict,) = rows(app, Verdict)
    assert (verdict.verdict, verdict.body, verdict.by_id, verdict.walkthrough_id) == (
        "another_round", "Nearly **there**.", cast.oliver, room.walkthrough,
    )  # fmt: skip
    comments = rows(app, Comment)
    assert [one.body for one in comments] == ["First.", "Second.", "Third."]
    assert {one.verdict_id for one in comments} == {verdict.id}
    assert rows(app, Draft) == []
    events = [row for row in rows(app, Event) if row.verb.startswith(("comment", "verdict"))]
    assert [row.verb for row in events] == ["comment.added"] * 3 + ["verdict.given"]
    assert [row.subject_id for row in events] == [*(one.id for one in comments), verdict.id]
    assert {row.details.get("verdict_id") for row in events[:3]} == {verdict.id}
    assert events[3].details == {
        "walkthrough_id": room.walkthrough, "verdict": "another_round", "comments": 3,
    }  # fmt: skip
    assert "Nearly" not in str([row.details for row in events])


def test_what_is_not_ticked_stays_a_draft(app, keep, send):
    first, second, third = keep("First.", "Second.", "Third.")
    send(drafts=[third, first])
    assert [one.body for one in rows(app, Comment)] == ["First.", "Third."]
    assert [one.id for one in rows(app, Draft)] == [second]


def test_a_verdict_without_comments_is_fine(app, keep, send):
    (draft,) = keep("Later.")
    assert send("looks_good").status_code == 303
    assert [one.verdict for one in rows(app, Verdict)] == ["looks_good"]
    assert [one.id for one in rows(app, Draft)] == [draft]
    assert rows(app, Comment) == []


def test_a_form_sent_twice_or_from_two_windows_is_sent_once(app, cast, client_of, keep, send, room):
    drafts = keep("First.", "Second.")
    client = client_of(cast.oliver)
    pages = [client.get(f"/walkthroughs/{room.walkthrough}/verdicts").text for _ in range(2)]
    tokens = {page.split('name="once" value="')[1].split('"')[0] for page in pages}
    assert len(tokens) == 1
    once = tokens.pop()
    first, again = send(drafts=drafts, once=once), send(drafts=drafts, once=once)
    assert (first.status_code, again.status_code) == (303, 303)
    assert (len(rows(app, Verdict)), len(rows(app, Comment))) == (1, 2)
    fresh = client.get(f"/walkthroughs/{room.walkthrough}/verdicts").text
    assert f'value="{once}"' not in fresh


def test_another_window_that_names_drafts_already_sent_sends_nothing(app, keep, send):
    first, second = keep("First.", "Second.")
    send("looks_good", drafts=[first])
    late = send("another_round", drafts=[first, second], body="Kept **words**.")
    assert late.status_code == 422
    assert "Kept **words**." in late.text
    assert 'value="another_round" required checked' in late.text
    assert "sent or discarded meanwhile" in late.text
    assert (len(rows(app, Verdict)), [one.id for one in rows(app, Draft)]) == (1, [second])


def test_nobody_sends_the_drafts_of_somebody_else(app, cast, keep, send):
    (wei,) = keep("Of Wei.", by=cast.wei)
    for drafts in ([wei], [4_000], [wei, 2**31 - 1]):
        refused = send(drafts=drafts, headers=HX)
        assert (refused.status_code, list(refused.json["fields"])) == (422, ["drafts"])
    assert (rows(app, Verdict), rows(app, Comment)) == ([], [])
    send(drafts=[])
    assert [one.author_id for one in rows(app, Draft)] == [cast.wei]


def test_who_asked_gives_no_verdict_on_their_own_work(app, cast, client_of, keep, send, room):
    (draft,) = keep("Note to myself.", by=cast.maya)
    refused = send(by=cast.maya, drafts=[draft])
    assert refused.status_code == 403
    assert "for others to give" in refused.text
    client = client_of(cast.maya)
    assert client.get(f"/walkthroughs/{room.walkthrough}/verdicts").status_code == 403
    assert client.post(f"/drafts/{draft}/posting").status_code == 303
    assert (rows(app, Verdict), len(rows(app, Comment))) == ([], 1)
    for who in (cast.wei, cast.ada):
        assert send(by=who).status_code == 303


def test_a_closed_request_takes_no_verdict_and_keeps_the_drafts(app, cast, keep, send, room):
    drafts = keep("Too late?")
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    refused = send(drafts=drafts, body="My summary.")
    assert refused.status_code == 409
    assert "My summary." in refused.text
    assert "kept" in refused.text
    assert (rows(app, Verdict), len(rows(app, Draft))) == ([], 1)


BAD = [
    {"verdict": ""},
    {"verdict": "order"},
    {"drafts": "soon"},
    {"drafts": "-1"},
    {"drafts": str(2**40)},
    {"body": "x" * 20_001},
    {"once": "short"},
]


def test_bad_input_names_its_field_and_sends_nothing(app, cast, client_of, keep, room):
    keep("Stays.")
    client = client_of(cast.oliver)
    for change in BAD:
        answer = client.post(
            f"/walkthroughs/{room.walkthrough}/verdicts",
            data={"verdict": "looks_good", **change},
            headers=HX,
        )
        assert answer.status_code == 422, change
        assert answer.json["fields"].keys() == change.keys(), change
    many = client.post(
        f"/api/v1/walkthroughs/{room.walkthrough}/verdicts",
        json={"verdict": "looks_good", "drafts": list(range(1, 1002))},
    )
    assert many.status_code == 422
    assert (rows(app, Verdict), len(rows(app, Draft))) == ([], 1)


def test_the_room_says_it_to_everybody_the_newest_of_each_first(
    app, cast, client_of, keep, send, second, room
):
    send("another_round", drafts=keep("One.", "Two."), body="The rule <b>first</b>.")
    send("lets_talk", by=cast.wei, once="of-wei-000")
    second()
    send("looks_good", on=2, once="of-v2-0000")
    page = client_of(cast.maya).get(f"/reviews/{room.review}").text
    head = page[page.index("data-verdicts") : page.index("room-head__actions")]
    newest, older = head.split("1 earlier")
    assert "Looks good" in newest
    assert "Another round" not in newest
    assert newest.index("Oliver") < newest.index("Wei")
    assert "Let’s talk</span>, on v1" in newest
    assert "Another round</span>, 2 comments, on v1" in older
    assert "The rule &lt;b&gt;first&lt;/b&gt;." in older


def test_an_open_room_hears_of_it(cast, client_of, send, room):
    client = client_of(cast.maya)
    path = f"/walkthroughs/{room.walkthrough}/threads"
    newest = client.get(path).headers["Newest-Change"]
    assert client.get(f"{path}?after={newest}").status_code == 204
    send("looks_good")
    told = client.get(f"{path}?after={newest}")
    assert (told.status_code, told.headers["Newest-Verdict"]) == (200, "1")
    assert "<article" not in told.text
    assert "Looks good" in client.get(f"/reviews/{room.review}/standing").text


def test_after_another_round_it_is_the_authors_move_until_a_new_version(
    app, cast, client_of, send, second, room
):
    ask(app, room, cast.oliver, cast.wei)
    maya, wei = client_of(cast.maya), client_of(cast.wei)
    assert "Oliver’s and Wei’s move" in move_line(maya, room)
    send("looks_good")
    assert ">Wei’s move" in move_line(maya, room)
    send("another_round", by=cast.wei, once="of-wei-000")
    assert re.search("Your move since .*<.*>Wei asked for another round", move_line(maya, room))
    assert re.search("Maya’s move since .*<.*>You asked for another round", move_line(wei, room))
    assert "Wei asked for another round: post the next version" in maya.get("/").text
    send("lets_talk", by=cast.wei, once="of-wei-001")
    assert "Wei would like to talk" in move_line(maya, room)
    second()
    assert re.search("Wei’s move since .*<.*>A new version is there", move_line(maya, room))
    assert "asked for another round" not in maya.get("/").text
    send("looks_good", on=2, by=cast.wei, once="of-v2-0001")
    assert "Everybody has had their say" in move_line(maya, room)
    assert "Looks good, says Wei. Close it" in maya.get("/").text


def test_a_verdict_takes_the_request_off_the_reviewers_list(app, cast, client_of, send, room):
    ask(app, room, cast.oliver)
    oliver = client_of(cast.oliver)
    assert "Maya asked you" in oliver.get("/").text
    send("looks_good")
    assert "Maya asked you" not in oliver.get("/").text
    assert re.search(
        "Maya’s move since .*: everybody has had their say.", oliver.get("/queue").text
    )


def test_a_verdict_on_an_older_version_says_so(client_of, cast, keep, send, second, room):
    drafts = keep("On the first.")
    second()
    form = client_of(cast.oliver).get(f"/walkthroughs/{room.walkthrough}/verdicts").text
    assert "v2 is there already" in form
    told = send(drafts=drafts, headers=HX)
    assert told.text == ("Your review is sent, with 1 comment. It stands on v1; v2 has come since.")


def test_the_api_sends_all_drafts_unless_told_which(app, cast, client_of, keep, room):
    keep("First.", "Second.")
    client = client_of(cast.oliver)
    path = f"/api/v1/walkthroughs/{room.walkthrough}/verdicts"
    key = {"Idempotency-Key": "once-and-only-once"}
    body = {"verdict": "another_round", "body": "Nearly."}
    made = client.post(path, json=body, headers=key)
    assert (made.status_code, made.json["comments"], made.json["version"]) == (201, [1, 2], 1)
    again = client.post(path, json=body, headers=key)
    assert (again.json, again.headers["Idempotent-Replay"]) == (made.json, "true")
    keep("Third.")
    none = client.post(path, json={"verdict": "looks_good", "drafts": []})
    assert (none.status_code, none.json["comments"]) == (201, [])
    listed = client_of(cast.maya).get(f"/api/v1/reviews/{room.review}/verdicts").json
    assert [one["verdict"] for one in listed] == ["looks_good", "another_round"]
    assert listed[1] == made.json
    refused = client_of(cast.maya).post(path, json={"verdict": "looks_good"})
    assert (refused.status_code, len(rows(app, Draft))) == (403, 1)


def test_a_verdict_that_fails_half_way_leaves_every_draft(app, cast, keep, room, monkeypatch):
    from critique.comments.operations import verdicts

    keep("First.", "Second.", "Third.")
    true, sent = verdicts.send_draft, []

    def stops(**given):
        sent.append(given)
        if len(sent) == 3:
            raise RuntimeError("The machine went away.")
        return true(**given)

    monkeypatch.setattr(verdicts, "send_draft", stops)
    with app.app_context(), pytest.raises(RuntimeError), transaction():
        give_verdict(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            verdict="looks_good",
        )
    assert (rows(app, Verdict), rows(app, Comment), len(rows(app, Draft))) == ([], [], 3)


def test_two_windows_at_the_same_instant_send_one_review(app, cast, keep, room):
    drafts = keep("First.", "Second.")
    gate, given = threading.Barrier(2), []

    def send() -> None:
        with app.app_context():
            gate.wait()
            with transaction():
                made = give_verdict(
                    by=load_person(cast.oliver),
                    walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
                    verdict="looks_good",
                    drafts=drafts,
                    once="the-same-token",
                )
                given.append(made.id)
            db.session.remove()

    windows = [threading.Thread(target=send) for _ in range(2)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert given == [1, 1]
    assert (len(rows(app, Verdict)), len(rows(app, Comment))) == (1, 2)


def judged(by: int, version: int, minutes: int, verdict: str = "looks_good") -> Judged:
    at = clock.now() + timedelta(minutes=minutes)
    return Judged(minutes, 1, by, f"P{by}", version, verdict, "", at, 0)


def test_the_newest_of_each_counts_and_only_on_its_version():
    given = [judged(1, 1, 1), judged(2, 1, 2), judged(1, 2, 3), judged(1, 1, 4)]
    assert [one.id for one in newest_by_person(given)] == [4, 2]
    assert [one.id for one in on_version(given, 2)] == [3]
    assert on_version(given, None) == []
