"""Every address of the walkthroughs slice, in one table."""

from __future__ import annotations

from flask import Blueprint

from critique.walkthroughs import jobs, parts, serving, uploads

__all__ = ["blueprint", "jobs"]

blueprint = Blueprint("walkthroughs", __name__)
# The only hook that comes before the web's own, which reads the body of a form.
blueprint.url_value_preprocessor(uploads.allow_long_bodies)
blueprint.after_request(uploads.stamp)
blueprint.app_context_processor(parts.template_words)

for address, name, view, methods in (
    ("/uploads/", "uploads", uploads.create, ["POST"]),
    ("/uploads/<upload_id>", "upload", uploads.one, ["HEAD", "PATCH", "DELETE", "POST"]),
    ("/uploads/", "upload_options", uploads.options, ["OPTIONS"]),
    ("/uploads/<upload_id>", "one_upload_options", uploads.options, ["OPTIONS"]),
    ("/walkthroughs/<int:walkthrough_id>/media/<kind>", "media", serving.media, ["GET"]),
    ("/stills/<int:still_id>/<kind>", "still", serving.still, ["GET"]),
    ("/walkthroughs/<int:walkthrough_id>/removal", "ask_removal", parts.ask_removal, ["GET"]),
    ("/walkthroughs/<int:walkthrough_id>/removal", "remove", parts.remove, ["POST"]),
    ("/walkthroughs/<int:walkthrough_id>/steps", "steps", parts.steps, ["GET"]),
    (
        "/walkthroughs/<int:walkthrough_id>/steps/<name>/retry",
        "retry",
        parts.retry,
        ["POST"],
    ),
    (
        "/walkthroughs/<int:walkthrough_id>/transcript.txt",
        "transcript_text",
        parts.transcript_text,
        ["GET"],
    ),
    (
        "/walkthroughs/<int:walkthrough_id>/transcript.vtt",
        "transcript_vtt",
        parts.transcript_vtt,
        ["GET"],
    ),
    (
        "/walkthroughs/<int:walkthrough_id>/transcript",
        "write_transcript",
        parts.write_transcript,
        ["POST"],
    ),
):
    blueprint.add_url_rule(
        address,
        name,
        view,
        methods=methods,
        # OPTIONS belongs to the upload protocol where it has a view of its own.
        provide_automatic_options=False if address.startswith("/uploads") else None,
    )
