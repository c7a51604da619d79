"""Up-calls: a slice above hears what happened below, in the same transaction, by event alone.

A listener may read and write through the session, but records events only about its own nouns.
Whoever imports a listener's module makes it listen; each slice's views do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from critique.events.models import Event

Listener = Callable[[Event], None]

_listeners: dict[str, list[Listener]] = defaultdict(list)


def on(*verbs: str) -> Callable[[Listener], Listener]:
    """Call the function with every event of these verbs (`noun.past_tense`), once it is flushed."""

    def listen(listener: Listener) -> Listener:
        for verb in verbs:
            _listeners[verb].append(listener)
        return listener

    return listen


def tell(happened: Event) -> None:
    """Call everybody who listens to this event, in the order in which they began to."""
    for listener in _listeners.get(happened.verb, ()):
        listener(happened)
