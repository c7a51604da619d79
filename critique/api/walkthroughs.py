"""Walkthroughs and their transcripts."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from pydantic import BaseModel

from critique.accounts.login import asker
from critique.api.documentation import Texts, blueprint, documented
from critique.api.exchange import answer
from critique.api.shapes import StepShape, WalkthroughShape, steps_of
from critique.media.speech.captions import to_text, to_vtt
from critique.plumbing.errors import NotFound
from critique.walkthroughs.access import must_be_there, take_for, walkthrough_for
from critique.walkthroughs.models import Transcript
from critique.walkthroughs.operations import write_transcript
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.removal import remove_version
from critique.walkthroughs.words import words_from


class WordShape(BaseModel):
    """A word with its times; `confidence` is 0..1 where the engine tells one."""

    id: int
    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


class TranscriptShape(BaseModel):
    """The transcript in force; a draft is for finding passages, not for reading."""

    walkthrough_id: int
    revision: int
    engine: str
    draft: bool
    language: str | None
    words: list[WordShape]

    @classmethod
    def of(cls, transcript: Transcript) -> TranscriptShape:
        """From a record."""
        return cls(
            walkthrough_id=transcript.walkthrough_id,
            revision=transcript.revision,
            engine=transcript.engine,
            draft=transcript.draft,
            language=transcript.language,
            words=[
                WordShape(
                    id=w.id,
                    text=w.text,
                    start_ms=w.start_ms,
                    end_ms=w.end_ms,
                    confidence=w.confidence,
                )
                for w in words_from(transcript.words)
            ],
        )


class TranscriptAccepted(BaseModel):
    """The words stand; their times are being aligned to the voice, and the steps tell when."""

    walkthrough_id: int
    steps: list[StepShape]


@blueprint.get("/walkthroughs/<int:walkthrough_id>")
@documented(answers=WalkthroughShape)
def show_walkthrough(walkthrough_id: int) -> Response:
    """Show a walkthrough: state, steps, what plays."""
    return answer(WalkthroughShape.of(take_for(asker(), walkthrough_id)))


@blueprint.delete("/walkthroughs/<int:walkthrough_id>")
@documented(status=204)
def delete_walkthrough(walkthrough_id: int) -> Response:
    """Remove a version: its files and words go, its comments stay; repeating changes nothing."""
    remove_version(by=asker(), walkthrough_id=walkthrough_id)
    return Response(status=204)


@blueprint.get("/walkthroughs/<int:walkthrough_id>/transcript")
@documented(answers=TranscriptShape)
def show_transcript(walkthrough_id: int) -> Response:
    """Show the transcript: words with times."""
    return answer(TranscriptShape.of(_transcript(walkthrough_id)))


@blueprint.get("/walkthroughs/<int:walkthrough_id>/transcript.vtt")
@documented(texts=Texts(answers="text/vtt"))
def show_transcript_vtt(walkthrough_id: int) -> Response:
    """The transcript as WebVTT captions."""
    text = to_vtt(_words(walkthrough_id))
    return Response(text, content_type="text/vtt; charset=utf-8")


@blueprint.get("/walkthroughs/<int:walkthrough_id>/transcript.txt")
@documented(texts=Texts(answers="text/plain"))
def show_transcript_txt(walkthrough_id: int) -> Response:
    """The transcript as plain text."""
    text = to_text(_words(walkthrough_id))
    return Response(text, content_type="text/plain; charset=utf-8")


@blueprint.put("/walkthroughs/<int:walkthrough_id>/transcript")
@documented(
    answers=TranscriptAccepted,
    status=202,
    texts=Texts(takes=("text/vtt", "application/x-subrip", "text/plain")),
)
def replace_transcript(walkthrough_id: int) -> Response:
    """Replace the transcript by WebVTT, SRT or plain text, told apart by what it says itself."""
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    write_transcript(by=asker(), walkthrough_id=walkthrough.id, data=request.get_data())
    # Comparing words ends the transaction, so the walkthrough is read anew.
    steps = steps_of(walkthrough_for(asker(), walkthrough_id))
    return answer(TranscriptAccepted(walkthrough_id=walkthrough_id, steps=steps), 202)


def _words(walkthrough_id: int) -> list[Any]:
    # The captions take any word with these fields; this slice's words are of their own class.
    words: list[Any] = words_from(_transcript(walkthrough_id).words)
    return words


def _transcript(walkthrough_id: int) -> Transcript:
    walkthrough = take_for(asker(), walkthrough_id)
    must_be_there(walkthrough)
    found = transcript_of(walkthrough.id)
    if found is None:
        raise NotFound("There is no transcript yet. The walkthrough's steps tell how far it is.")
    return found
