"""What can go wrong with a recording, in words its author can act on."""

from __future__ import annotations


class MediaError(Exception):
    """A media step failed.

    `sentence` is shown to people: what happened, what is kept, what to do. It never carries a
    path or a tool's output; those go to the log. `permanent` decides whether a retry makes sense.
    """

    permanent = False

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(MediaError):
    """The file is not something Critique plays or reads; the same file is refused again."""

    permanent = True


class Broken(MediaError):
    """The file is a recording, but damaged; the same file breaks again."""

    permanent = True


class Exhausted(MediaError):
    """Time, memory or room on the disk ran out; a later try may succeed."""


class Unready(MediaError):
    """A part this needs (a speech model, the place it comes from) is missing or not working."""
