"""What people do in threads: say, answer, rewrite, take back, settle.

Each takes the actor, holds the request's row until the transaction ends (so that two people who
act at once act one after the other), and records one event. Texts never enter the log.
"""

from critique.comments.operations.comments import add_comment, edit_comment, remove_comment
from critique.comments.operations.drafts import (
    add_draft,
    discard_draft,
    edit_draft,
    post_draft,
)
from critique.comments.operations.placements import put_placement
from critique.comments.operations.replies import add_reply, edit_reply, remove_reply
from critique.comments.operations.resolutions import (
    confirm_resolution,
    reopen_comment,
    resolve_comment,
    withdraw_confirmation,
)
from critique.comments.operations.verdicts import give_verdict

__all__ = [
    "add_comment",
    "add_draft",
    "add_reply",
    "confirm_resolution",
    "discard_draft",
    "edit_comment",
    "edit_draft",
    "edit_reply",
    "give_verdict",
    "post_draft",
    "put_placement",
    "remove_comment",
    "remove_reply",
    "reopen_comment",
    "resolve_comment",
    "withdraw_confirmation",
]
