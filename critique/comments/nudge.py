"""Whether a problem says why it is one: a short rule of thumb, and never more than a question.

It looks for a word or two that people give reasons with, in English and German. It will miss
reasons given without any ("Grandma cannot read this.") and see some where there are none ("as
before"); so it asks once, only the writer, keeps nothing and never stands in anybody's way. The
page carries `REASONS` to `static/js/nudge.js`, which reads them in the same way.
"""

from __future__ import annotations

import re

ASKED = "What makes it a problem? One “because” helps more than the finding alone."

# Lower case; words in a row are a phrase. Of a verb the forms people write in a comment.
REASONS = (
    "because", "'cause", "cos", "since", "therefore", "thus", "hence", "otherwise", "so that",
    "so i", "so it", "so you", "so we", "so they", "so people", "so users", "so readers",
    "so nobody", "so the", "as i", "as it", "as you", "as we", "as they", "as people", "as users",
    "as the", "as this", "as that", "as there", "as a", "as no", "as nobody", "as most", "due to",
    "owing to", "given that", "in order to", "reason", "reasons", "why", "which means",
    "that means", "this means", "meaning", "means that", "leads to", "leading to", "which makes",
    "that makes", "makes it", "makes me", "makes them", "makes people", "makes users", "causes",
    "causing", "consequently", "as a result", "for fear", "risks", "or else",
    "weil", "denn", "damit", "sodass", "so dass", "daß", "deshalb", "deswegen", "daher", "darum",
    "dadurch", "somit", "folglich", "sonst", "ansonsten", "andernfalls", "wegen", "aufgrund",
    "grund", "gründe", "nämlich", "warum", "das heißt", "das heisst", "bedeutet", "führt zu",
    "führt dazu", "da ich", "da es", "da er", "da sie", "da wir", "da man", "da der", "da die",
    "da das", "da dies", "da so", "da hier", "da niemand", "da viele",
)  # fmt: skip
QUOTE = "'"
_WORDS = re.compile(r"'?[^\W\d_]+(?:'[^\W\d_]+)*")


def lacks_why(kind: str, body: str) -> bool:
    """Whether a comment is a problem whose text gives no reason that we can see."""
    if kind != "problem" or not body.strip():
        return False
    said = f" {' '.join(_WORDS.findall(body.lower().replace('’', QUOTE)))} "
    return not any(f" {reason} " in said for reason in REASONS)
