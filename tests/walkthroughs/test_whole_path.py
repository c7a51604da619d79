"""From the first byte of an upload to a video that plays and words that are found."""

from __future__ import annotations

import hashlib
import json


def test_an_upload_becomes_playable_and_everything_beside_it(maya, plain, run_jobs, walkthrough):
    data = plain.read_bytes()
    made = maya.send_file(plain, note="Two steps instead of three")
    before = walkthrough(made)
    assert (before.state, before.version, before.note) == (
        "processing", 1, "Two steps instead of three",
    )  # fmt: skip
    assert before.sha256 == hashlib.sha256(data).hexdigest()

    run_jobs()

    after = walkthrough(made)
    assert after.state == "ready"
    states = {name: step.state for name, step in after.by_name.items()}
    assert states == {
        "probe": "done", "playable": "done", "poster": "done", "sprite": "done", "peaks": "done",
        "frames": "done", "transcript": "done", "search": "skipped",
    }  # fmt: skip
    assert after.duration_ms == 4000
    assert (after.width, after.height) == (320, 180)

    def get(kind, **headers):
        return maya.client.get(f"/walkthroughs/{made}/media/{kind}", headers=headers, buffered=True)

    whole = get("playable")
    assert (whole.status_code, whole.content_type) == (200, "video/mp4")
    part = get("playable", Range="bytes=10-19")
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert get("poster").content_type == "image/jpeg"
    assert b"sprite#xywh=" in get("sprite.vtt").data
    assert get("sprite").content_type == "image/jpeg"
    assert json.loads(get("peaks").data)["duration_ms"] == 4000
    original = get("original")
    assert original.data == data
    assert original.headers["Content-Disposition"] == "attachment; filename=plain.mp4"
