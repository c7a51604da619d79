"""Who may ask for what: a row for every method of every rule, generated from the URL map.

A new route without a row fails. What is not a person's answers exactly as what does not exist.
"""

from __future__ import annotations

import json
import re
from itertools import product

from tests.conftest import on_one, settings_for
from tests.structure.conftest import told
from tests.structure.routes import Route, routes_of
from tests.structure.scene import CANARY, UNSENT

WHO = ("guest", "nia", "rival", "robin", "maya", "oliver", "wei", "ada")
STRANGERS = ("guest", "nia", "rival", "robin")

# Columns:   guest nia rival robin | maya (author) oliver (mentor) wei (lead) ada (admin)
OPEN = "ok  ok  ok  ok   ok  ok  ok  ok"
SIGNED = "401 ok  ok  ok   ok  ok  ok  ok"
TEAM = "401 404 404 404  ok  ok  ok  ok"
AUTHOR_AND_LEADS = "401 404 404 404  ok  403 ok  ok"
COMMENTER = "401 404 404 404  403 ok  403 403"
COMMENTER_AND_LEADS = "401 404 404 404  403 ok  ok  ok"
# Nobody's own but Maya's: a colleague learns no more than a stranger.
MAYAS = "401 404 404 404  ok  404 404 404"
# A draft is its writer's alone: not its author's who asked, not a lead's, not an admin's.
OLIVERS = "401 404 404 404  404 ok  404 404"
# Whoever asked gives no verdict on their own work.
REVIEWERS = "401 404 404 404  403 ok  ok  ok"
LEADS = "401 404 403 404  403 403 ok  ok"
# What is of a team, seen by who leads it: Rival leads another one.
LED = "401 404 404 404  403 403 ok  ok"
OF_ONES_LED_TEAM = "401 404 ok  404  403 403 ok  ok"
OF_A_TEAM_ONE_LEADS = "401 403 ok  403  403 403 ok  ok"
# A colleague who is no admin learns no more than a stranger.
ADMINS = "401 404 404 404  404 404 404 ok"
# Work in the team one is in now: Rival leads another one.
OF_ONES_TEAM = "401 404 ok  404  ok  ok  ok  ok"
# Of the cast only Maya and Oliver sit there.
SEATED = "401 404 404 404  ok  ok  404 404"
MENTORS = "401 403 ok  403  403 ok  ok  ok"

ROWS = {
    "GET static": OPEN,
    "GET health.show": "503 503 503 503  503 503 503 503",
    "GET letters.index": "401 404 ok  404  403 403 403 ok",
    # Only somebody's own machine has a mail door that this may be handed to; here none is open.
    "POST letters.rehearse": "404 404 404 404  404 404 404 404",
    "POST letters.retry": "401 404 404 404  403 403 403 ok",
    "GET accounts.choose": SIGNED,
    "GET accounts.forgotten": OPEN,
    "GET accounts.invitation": OPEN,
    "GET accounts.letter": OPEN,
    "GET accounts.letter_html": OPEN,
    "GET accounts.outbox": OPEN,
    "GET accounts.parked": "401 404 ok  404  403 403 403 ok",
    "POST accounts.try_again": ADMINS,
    "POST accounts.try_all_again": "401 404 ok  404  403 403 403 ok",
    "POST accounts.drop_letter": ADMINS,
    "GET api.list_parked_letters": SIGNED,
    "POST api.create_attempt": ADMINS,
    "DELETE api.delete_parked_letter": ADMINS,
    "GET accounts.people": SIGNED,
    "GET accounts.profile": SIGNED,
    "GET pages.week": SIGNED,
    "POST week.report": SEATED,
    "POST week.make_calendar": SIGNED,
    "POST week.end_calendar": SIGNED,
    # The secret in it is the proof, whoever brings it.
    "GET week.calendar": OPEN,
    "GET api.show_week": SIGNED,
    "PUT api.put_report": SEATED,
    "GET api.show_calendar": SIGNED,
    "POST api.create_calendar": SIGNED,
    "DELETE api.delete_calendar": SIGNED,
    "GET week.report_by_letter": OPEN,
    "POST week.report_now": OPEN,
    "GET accounts.reset": OPEN,
    "GET accounts.setup": OPEN,
    "GET accounts.sign_in": OPEN,
    "POST accounts.accept_invitation": OPEN,
    "POST accounts.ask_reset": OPEN,
    "POST accounts.change_password": "401 422 422 422  ok  ok  422 422",
    "POST accounts.change_role": "401 404 404 404  403 403 ok  ok",
    "POST accounts.choose": TEAM,
    "POST accounts.update_calls": "401 404 ok  404  403 403 ok  ok",
    "POST accounts.end_membership": "401 404 404 404  ok  403 ok  ok",
    "POST accounts.end_other_sessions": SIGNED,
    "POST accounts.end_session": MAYAS,
    "POST accounts.invite": "401 404 ok  404  403 403 ok  ok",
    "POST accounts.resend_invitation": "401 404 404 404  403 403 ok  ok",
    "POST accounts.set_password": OPEN,
    "POST accounts.set_up": "404 404 404 404  404 404 404 404",
    "POST accounts.sign_out": OPEN,
    "POST accounts.skip_week": SIGNED,
    "POST accounts.start_session": OPEN,
    "POST accounts.update_coffee": SIGNED,
    "POST accounts.update_profile": SIGNED,
    "GET accounts.time_off": SIGNED,
    "POST accounts.update_holidays": SIGNED,
    "POST accounts.update_deep_work": SIGNED,
    "POST accounts.create_absence": SIGNED,
    "POST accounts.update_absence": MAYAS,
    "POST accounts.end_absence": MAYAS,
    "POST accounts.withdraw_invitation": "401 404 404 404  403 403 ok  ok",
    "GET api.show_me": SIGNED,
    "PATCH api.change_me": SIGNED,
    "GET api.list_absences": SIGNED,
    "POST api.create_absence": SIGNED,
    "PATCH api.change_absence": MAYAS,
    "DELETE api.delete_absence": MAYAS,
    "GET api.list_comments": TEAM,
    "GET api.list_drafts": TEAM,
    "GET api.list_verdicts": TEAM,
    "GET api.show_draft": OLIVERS,
    "PATCH api.change_draft": OLIVERS,
    "DELETE api.delete_draft": OLIVERS,
    "POST api.create_posting": OLIVERS,
    "POST api.create_verdict": REVIEWERS,
    "GET api.list_notices": SIGNED,
    "GET api.show_notice_settings": SIGNED,
    "PATCH api.change_notice_settings": SIGNED,
    "PUT api.put_seen": MAYAS,
    "PUT api.put_all_seen": SIGNED,
    "PUT api.put_mute": TEAM,
    "DELETE api.delete_mute": TEAM,
    "GET api.list_placements": TEAM,
    "GET api.list_review_requests": SIGNED,
    "GET api.openapi": OPEN,
    "GET api.search_moments": SIGNED,
    "GET api.show_comment": TEAM,
    "GET api.show_loops": "401 403 ok  403  403 403 ok  ok",
    "GET api.show_my_loops": SIGNED,
    "GET api.show_ledger": TEAM,
    "GET api.show_queue": SIGNED,
    "GET api.show_review_request": TEAM,
    "GET api.show_time_map": TEAM,
    "GET api.show_transcript": TEAM,
    "GET api.show_transcript_txt": TEAM,
    "GET api.show_transcript_vtt": TEAM,
    "GET api.show_walkthrough": TEAM,
    "POST api.create_comment": TEAM,
    "POST api.create_reply": TEAM,
    "POST api.create_review_request": "401 403 ok  403  ok  ok  ok  ok",
    "PUT api.put_claim": "401 404 404 404  403 ok  409 409",
    "PUT api.put_confirmation": COMMENTER_AND_LEADS,
    "PUT api.write_placement": TEAM,
    "PUT api.put_resolution": "401 404 404 404  ok  ok  ok  ok",
    "PUT api.replace_transcript": AUTHOR_AND_LEADS,
    "PATCH api.edit_comment_words": COMMENTER,
    "DELETE api.delete_claim": "401 404 404 404  409 ok  409 409",
    "DELETE api.delete_comment": COMMENTER_AND_LEADS,
    "DELETE api.delete_confirmation": COMMENTER_AND_LEADS,
    "DELETE api.delete_walkthrough": AUTHOR_AND_LEADS,
    "DELETE api.delete_resolution": "401 404 404 404  ok  ok  ok  ok",
    "GET comments.ask_draft_removal": OLIVERS,
    "GET comments.edit_draft": OLIVERS,
    "POST comments.discard_draft": OLIVERS,
    "POST comments.post_draft": OLIVERS,
    "POST comments.update_draft": OLIVERS,
    "GET comments.new_verdict": REVIEWERS,
    "POST comments.give_verdict": REVIEWERS,
    "GET comments.ask_removal": COMMENTER_AND_LEADS,
    "GET comments.ask_reply_removal": AUTHOR_AND_LEADS,
    "GET comments.edit": COMMENTER,
    "GET comments.edit_reply": "401 404 404 404  ok  403 403 403",
    "GET comments.new_placement": TEAM,
    "GET comments.new_reply": TEAM,
    "GET comments.new_confirmation": COMMENTER_AND_LEADS,
    "GET comments.new_reopening": TEAM,
    "GET comments.new_resolution": TEAM,
    "GET comments.threads": TEAM,
    "POST comments.create": TEAM,
    "POST comments.confirm": COMMENTER_AND_LEADS,
    "POST comments.place": TEAM,
    "POST comments.remove": COMMENTER_AND_LEADS,
    "POST comments.remove_reply": AUTHOR_AND_LEADS,
    "POST comments.reopen": TEAM,
    "POST comments.reply": TEAM,
    "POST comments.resolve": TEAM,
    "POST comments.update": COMMENTER,
    "POST comments.withdraw_confirmation": COMMENTER_AND_LEADS,
    "POST comments.update_reply": "401 404 404 404  ok  403 403 403",
    "GET comments.nameable": TEAM,
    "GET comments.new_reaction": TEAM,
    "GET comments.new_reply_reaction": TEAM,
    "POST api.show_preview": TEAM,
    "POST comments.preview": TEAM,
    "POST comments.react": TEAM,
    "POST comments.react_to_reply": TEAM,
    "POST comments.see_mentions": TEAM,
    "POST comments.withdraw_reaction": TEAM,
    "POST comments.withdraw_reply_reaction": TEAM,
    "PUT api.put_reaction": TEAM,
    "PUT api.put_reply_reaction": TEAM,
    "DELETE api.delete_reaction": TEAM,
    "DELETE api.delete_reply_reaction": TEAM,
    "GET api.list_turns": SIGNED,
    # Maya has to answer, Oliver claimed it; Wei was only mentioned.
    "DELETE api.delete_turn": "401 404 404 404  409 409 ok  ok",
    "POST mentoring.put_aside": "401 404 404 404  409 409 ok  ok",
    "GET mentoring.index": SIGNED,
    "POST mentoring.claim": "401 404 404 404  403 ok  409 409",
    "POST mentoring.release": "401 404 404 404  409 ok  409 409",
    "POST mentoring.renew": TEAM,
    # A team's figures are its leads'; a person's own are theirs and Oliver's, whom Maya shows them.
    "GET loops.index": "401 404 ok  404  403 403 ok  ok",
    "GET loops.mine": SIGNED,
    "GET loops.show": "401 404 404 404  ok  ok  404 404",
    "POST loops.end": MAYAS,
    "POST loops.share": "401 404 404 404  ok  ok  422 ok",
    "GET notices.index": SIGNED,
    "GET notices.leave_by_letter": OPEN,
    "GET notices.settings": SIGNED,
    "GET notices.show_bell": SIGNED,
    "POST notices.leave_now": OPEN,
    "POST notices.mute": TEAM,
    "POST notices.see": MAYAS,
    "POST notices.see_everything": SIGNED,
    "POST notices.see_room": TEAM,
    "POST notices.update_settings": SIGNED,
    "GET mentoring.show_next": SIGNED,
    "POST mentoring.open_next": SIGNED,
    # Oliver holds the one request there is, and Wei is named in it; for Ada nothing is free.
    "POST api.take_next": "401 404 404 404  404 ok  ok  404",
    # Oliver has it; Wei has no use for her own hands, and an admin may for others.
    "GET mentoring.new_hand_off": REVIEWERS,
    "GET mentoring.suggest": "401 404 ok  404  ok  ok  ok  ok",
    "POST mentoring.give_hand_off": "401 404 404 404  403 ok  ok  ok",
    "POST mentoring.take": "401 404 404 404  409 409 409 409",
    "POST mentoring.refuse": "401 404 404 404  409 409 409 409",
    "POST mentoring.capacity": SIGNED,
    "POST api.create_hand_off": "401 404 404 404  403 ok  ok  ok",
    "PUT api.answer_hand_off": "401 404 404 404  409 409 409 409",
    "PUT api.put_capacity": SIGNED,
    "GET api.list_hand_offs": SIGNED,
    "GET api.list_suggestions": TEAM,
    # Only who has a seat sees a session; only who mentors somewhere opens blocks.
    "GET sessions.index": SIGNED,
    "GET sessions.new": TEAM,
    "GET sessions.show": SEATED,
    "GET sessions.calendar": SEATED,
    "GET sessions.stream": SEATED,
    # It is three hours until then.
    "POST sessions.signal": "401 404 404 404  409 409 404 404",
    "POST sessions.close_opening": OLIVERS,
    "POST sessions.create": "401 404 404 404  409 409 409 409",
    "POST sessions.create_opening": MENTORS,
    "POST sessions.open_now": MENTORS,
    "POST sessions.wish": SIGNED,
    "POST sessions.write_feed": SIGNED,
    "POST sessions.write_outcome": "401 404 404 404  409 409 404 404",
    "GET api.list_openings": SIGNED,
    "GET api.list_sessions": SIGNED,
    "GET api.list_slots": TEAM,
    "POST api.create_opening": MENTORS,
    "POST api.create_session": "401 404 404 404  409 409 409 409",
    "DELETE api.delete_opening": OLIVERS,
    "DELETE api.delete_session": SEATED,
    "GET pages.compare": TEAM,
    "GET pages.components": OPEN,
    "GET pages.library": SIGNED,
    "GET pages.ledger": TEAM,
    "GET pages.room": TEAM,
    "GET pages.standing": TEAM,
    "GET pages.your_move": OPEN,
    "GET accounts.line": "401 404 404 404  403 403 ok  ok",
    "POST accounts.change_line": "401 404 404 404  403 403 ok  ok",
    "GET api.show_coffee": SIGNED,
    "GET api.list_apart": SIGNED,
    "GET api.list_coffee_groups": OF_ONES_TEAM,
    "GET api.show_coffee_forecast": "401 404 404 404  403 403 ok  ok",
    "GET api.show_coffee_round": TEAM,
    "POST api.create_coffee_group": "401 404 ok  404  403 403 ok  ok",
    "POST api.create_coffee_round": "401 404 404 404  403 403 ok  ok",
    "PATCH api.change_coffee_group": "401 404 404 404  403 403 ok  ok",
    "PUT api.put_apart": "401 404 404 404  ok  ok  ok  422",
    "PUT api.put_coffee_skip": SIGNED,
    # The meeting of the API's routes is a session here, which is no coffee.
    "PUT api.put_coffee_time": "401 404 404 404  404 404 404 404",
    "PUT api.put_coffee_wishes": SIGNED,
    "PUT api.put_in_coffee_group": "401 404 404 404  403 403 ok  ok",
    "DELETE api.delete_apart": SIGNED,
    "DELETE api.delete_coffee_group": "401 404 404 404  403 403 ok  ok",
    "DELETE api.delete_coffee_skip": SIGNED,
    "DELETE api.take_out_of_coffee_group": "401 404 404 404  ok  403 ok  ok",
    "GET pairing.apart": SIGNED,
    "GET pairing.forecast": "401 404 404 404  403 403 ok  ok",
    "GET pairing.group": TEAM,
    "GET pairing.groups": OF_ONES_TEAM,
    "GET pairing.time": "401 404 404 404  ok  ok  404 404",
    "POST pairing.create_group": "401 404 ok  404  403 403 ok  ok",
    "POST pairing.end_group": "401 404 404 404  403 403 ok  ok",
    "POST pairing.keep_from": "401 404 404 404  ok  422 ok  ok",
    "POST pairing.meet": SIGNED,
    # A moment that is past suits nobody, and strangers learn of no meeting.
    "GET api.show_meeting": SEATED,
    "PUT api.put_meeting_answer": SEATED,
    "PUT api.put_meeting_time": "401 404 404 404  409 409 404 404",
    "PUT api.put_meeting_partner": "401 404 404 404  403 409 404 404",
    "PUT api.put_meeting_third": SEATED,
    "GET meetings.show": SEATED,
    "GET meetings.calendar": SEATED,
    "POST meetings.answer": SEATED,
    "POST meetings.move": "401 404 404 404  409 409 404 404",
    # The link in the mail is the proof, whoever brings it.
    "GET meetings.answer_by_letter": OPEN,
    "POST meetings.answer_now": OPEN,
    # Who comes already comes in nobody's place.
    "POST meetings.swap": "401 404 404 404  409 409 404 404",
    "POST meetings.add": SEATED,
    "POST pairing.place_in_group": "401 404 404 404  403 403 ok  ok",
    "POST pairing.update_group": "401 404 404 404  403 403 ok  ok",
    "GET pairing.calendar": SEATED,
    "GET pairing.index": SIGNED,
    "GET pairing.leave_by_letter": OPEN,
    "GET pairing.skip_by_letter": OPEN,
    "POST pairing.draw": "401 404 404 404  403 403 ok  ok",
    "POST pairing.leave_now": OPEN,
    "GET pairing.return_by_letter": OPEN,
    "POST pairing.return_now": OPEN,
    "POST pairing.come_back": SIGNED,
    "POST pairing.preferences": SIGNED,
    "POST pairing.skip": SIGNED,
    "POST pairing.skip_now": OPEN,
    "GET reviews.deadline": OF_ONES_TEAM,
    "GET reviews.edit": AUTHOR_AND_LEADS,
    "GET reviews.new": SIGNED,
    "GET reviews.way": SIGNED,
    "POST reviews.close": AUTHOR_AND_LEADS,
    "POST reviews.create": OF_ONES_TEAM,
    "POST reviews.extend": AUTHOR_AND_LEADS,
    "POST reviews.reopen": AUTHOR_AND_LEADS,
    "POST reviews.update": AUTHOR_AND_LEADS,
    "GET webhooks.ask_removal": LED,
    "GET webhooks.index": OF_ONES_LED_TEAM,
    "GET webhooks.show": LED,
    "POST webhooks.activate": LED,
    "POST webhooks.create": OF_ONES_LED_TEAM,
    "POST webhooks.deactivate": LED,
    "POST webhooks.remove": LED,
    "POST webhooks.rotate": LED,
    "POST webhooks.try_again": LED,
    "POST webhooks.try_out": LED,
    "POST webhooks.update": LED,
    "GET api.list_deliveries": LED,
    "GET api.list_webhooks": OF_A_TEAM_ONE_LEADS,
    "GET api.show_webhook": LED,
    "PATCH api.change_webhook": LED,
    "POST api.create_secret": LED,
    "POST api.create_trial": LED,
    "POST api.create_try": LED,
    "POST api.create_webhook": OF_A_TEAM_ONE_LEADS,
    "PUT api.put_activation": LED,
    "DELETE api.delete_activation": LED,
    "DELETE api.delete_webhook": LED,
    "GET walkthroughs.media": TEAM,
    "GET walkthroughs.ask_removal": AUTHOR_AND_LEADS,
    "GET walkthroughs.steps": TEAM,
    "GET walkthroughs.still": TEAM,
    "GET walkthroughs.transcript_text": TEAM,
    "GET walkthroughs.transcript_vtt": TEAM,
    "POST walkthroughs.remove": AUTHOR_AND_LEADS,
    "POST walkthroughs.retry": AUTHOR_AND_LEADS,
    "POST walkthroughs.uploads": AUTHOR_AND_LEADS,
    "POST walkthroughs.write_transcript": AUTHOR_AND_LEADS,
    "HEAD walkthroughs.upload": MAYAS,
    "PATCH walkthroughs.upload": MAYAS,
    "POST walkthroughs.upload": MAYAS,
    "DELETE walkthroughs.upload": MAYAS,
}
# Shown to whoever has the address, which nobody can guess; or the same for everybody.
FOR_THE_HOLDER = ("secret", "token")
ON_OWN_MACHINE = {
    "GET accounts.outbox",
    "GET accounts.letter",
    "GET accounts.letter_html",
    "GET pages.components",
}
FILES = ("original", "playable", "poster", "sprite", "sprite.vtt", "peaks")
STILL_FILES = ("picture", "small", "original")


@on_one
def test_every_route_has_a_row(app):
    missing = [route.name for route in routes_of(app) if route.name not in ROWS]
    assert missing == [], (
        "Add a row for each of these to ROWS in tests/structure/test_strangers.py, saying who may: "
        "guest, nia (in no team), rival (in another), robin (removed), maya (author), oliver "
        "(mentor), wei (lead), ada (admin). If it takes a body, add one to BODIES in routes.py."
    )


@on_one
def test_each_of_the_cast_gets_what_their_row_says(app, scene, clients, nothing_kept):
    wrong = []
    for route in routes_of(app):
        answers = [told(route.ask(clients[who], route.address(scene))) for who in WHO]
        if answers != ROWS[route.name].split():
            wrong.append((route.name, " ".join(answers), " ".join(ROWS[route.name].split())))
    assert not wrong, "\n".join(f"{name}: {got}; the row says {row}" for name, got, row in wrong)


@on_one
def test_what_is_not_mine_answers_as_what_does_not_exist(app, scene, clients, nothing_kept):
    different = []
    for route in routes_of(app):
        if not route.holes or set(route.holes) & {*FOR_THE_HOLDER, "filename"}:
            continue
        for who, expected in zip(WHO, ROWS[route.name].split(), strict=True):
            if expected != "404":
                continue
            real = route.ask(clients[who], route.address(scene))
            gone = route.ask(clients[who], route.address(scene, gone=True))
            if (real.status_code, plain(real)) != (gone.status_code, plain(gone)):
                different.append((route.name, who))
    assert different == []


@on_one
def test_a_stranger_never_reads_a_word_of_it(app, scene, clients, nothing_kept):
    leaks = []
    for route in routes_of(app):
        if route.unsafe or route.name in ON_OWN_MACHINE or route.name == "GET accounts.invitation":
            continue
        for who in STRANGERS:
            answer = route.ask(clients[who], route.address(scene).replace(f"q={CANARY}", "q=total"))
            if CANARY in answer.text or CANARY in str(answer.headers):
                leaks.append((route.name, who))
    assert leaks == []


@on_one
def test_a_draft_is_read_by_its_writer_alone(app, scene, clients, nothing_kept):
    def readers(who: str) -> list[str]:
        found = []
        for route in routes_of(app):
            if route.unsafe or route.name in ON_OWN_MACHINE:
                continue
            address = route.address(scene).replace(f"q={CANARY}", "q=unsaid")
            if route.name == "GET pages.room":
                address += "?v=1"
            if UNSENT in (answer := route.ask(clients[who], address)).text + str(answer.headers):
                found.append(route.name)
        return found

    assert {"GET pages.room", "GET api.list_drafts", "GET api.show_draft"} <= set(readers("oliver"))
    assert [(who, readers(who)) for who in ("maya", "wei", "ada")] == [
        ("maya", []), ("wei", []), ("ada", []),
    ]  # fmt: skip


@on_one
def test_files_are_the_teams_alone_whole_or_in_part(scene, clients):
    files = [f"/walkthroughs/{scene.walkthrough}/media/{kind}" for kind in FILES]
    files += [f"/stills/{scene.ids['still_id']}/{kind}" for kind in STILL_FILES]
    for address, headers in product(files, ({}, {"Range": "bytes=0-3"})):
        for who in STRANGERS:
            answer = clients[who].get(address, headers=headers)
            assert answer.status_code == (401 if who == "guest" else 404)
            assert CANARY.encode() not in answer.data
        for who in ("maya", "oliver", "wei", "ada"):
            answer = clients[who].get(address, headers=headers, buffered=True)
            assert answer.status_code in (200, 206)


@on_one
def test_lists_hold_only_what_can_be_read_one_by_one(scene, clients):
    for who, client in clients.items():
        if who == "guest":
            continue
        reviews = [row["id"] for row in client.get("/api/v1/reviews").json]
        reviews += [row["review"]["id"] for row in client.get("/api/v1/queue").json]
        for query in (CANARY, "checkout", "total", "heavy"):
            reviews += [m["review_id"] for m in client.get(f"/api/v1/search?q={query}").json]
        for review in set(reviews):
            assert client.get(f"/api/v1/reviews/{review}").status_code == 200
            assert client.get(f"/reviews/{review}").status_code == 200
        of_juniper = scene.review in reviews
        assert of_juniper == (who in ("maya", "oliver", "wei", "ada"))
        page = client.get("/library").text + client.get("/").text + client.get("/queue").text
        for review in set(re.findall(r"/reviews/(\d+)", page)):
            assert client.get(f"/reviews/{review}").status_code == 200


@on_one
def test_no_answer_holds_a_hash_or_the_digest_of_a_secret(app, scene, clients, nothing_kept):
    leaks = []
    for route in routes_of(app):
        if route.unsafe:
            continue
        for who in WHO:
            text = route.ask(clients[who], route.address(scene)).text
            leaks += [(route.name, who) for secret in scene.secrets if secret in text]
            assert "$argon2" not in text, route.name
    assert leaks == []


@on_one
def test_pages_for_developers_are_not_there_in_production(scene, app, settings):
    from critique.factory import create_app

    live = create_app(
        settings_for(
            settings.data, settings.database_url, environment="production",
            base_url="https://critique.example",
        )
    )  # fmt: skip
    client = live.test_client()
    for route in routes_of(live):
        if route.name in ON_OWN_MACHINE:
            assert client.get(route.address(scene)).status_code == 404, route.name
    with live.app_context():
        from critique.plumbing.db import db

        db.engine.dispose()


def plain(answer) -> str:
    """The body without what differs between any two answers: numbers, nonces, tokens."""
    text = answer.text
    if answer.is_json or "problem" in (answer.content_type or ""):
        body = json.loads(text) if text else {}
        body.pop("request_id", None)
        return json.dumps(body)
    text = re.sub(r'(nonce|value|content|href|src|action)="[^"]*"', r'\1=""', text)
    return re.sub(r"\b[0-9a-f]{16}\b", "", text)


def test_ids_are_compared_by_what_they_say():
    assert Route("GET x", "GET", "/reviews/<int:review_id>/a/<name>").holes == ["review_id", "name"]
