"""A letter written in HTML as plain text, with the line breaks and links that it shows."""

from __future__ import annotations

import html
import re

import nh3

# What mail programs quote stands in a blockquote, so that goes with all that is in it.
UNSAID = {"script", "style", "title", "blockquote", "template", "noscript"}
_BLOCKS = ("div", "tr", "table", "ul", "ol", "section", "article", "header", "footer", "center")
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre")
SAID = {*_BLOCKS, *_PARAGRAPHS, "br", "li", "td", "th", "a"}
QUOTED = "\n>\n"
# Elements inside of elements take the square of their number.
READ_CHARACTERS = 500_000


def text_of(markup: str) -> str:
    """What a reader sees, as text; a quote leaves one line that says so at its end."""
    clean = nh3.clean(
        markup[:READ_CHARACTERS],
        tags=SAID,
        clean_content_tags=UNSAID,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    text = re.sub(r"\s+", " ", clean)
    text = re.sub(r'<a href="([^"]*)">(.*?)</a>', _link, text)
    text = re.sub(rf" ?</?(?:{'|'.join(_BLOCKS)})> ?", "\v", text)
    text = re.sub(rf" ?</?(?:{'|'.join(_PARAGRAPHS)})> ?", "\n\n", text)
    text = re.sub(r" ?<br> ?", "\n", text)
    text = re.sub(r" ?<li> ?", "\v- ", text)
    text = re.sub(r"\v+", "\n", re.sub(r"<[^>]*>", " ", text))
    text = html.unescape(text).replace("\xa0", " ").replace("\u200b", "").replace("\ufeff", "")
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text + QUOTED if "<blockquote" in markup.lower() else text


def _link(found: re.Match[str]) -> str:
    address, shown = html.unescape(found[1]), found[2]
    said = html.unescape(re.sub(r"<[^>]*>", "", shown)).strip()
    return shown if not said or said.rstrip("/") in address else f"{shown} &lt;{found[1]}&gt;"
