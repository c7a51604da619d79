"""Hostile Markdown stays text: nothing in a rendered comment runs, loads, or names a script."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from critique.comments.models import Comment
from critique.comments.operations import edit_comment
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Transcript
from critique.web.markdown import markdown
from tests.comments.conftest import words
from tests.conftest import load_person

TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
# Whatever else stands in a thread is written by its own template.
FRAME = TAGS | {
    "article", "div", "span", "time", "details", "summary", "form", "input", "textarea", "label",
    "button", "svg", "use", "strong",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</div></article><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1) //",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "![x](x 'y\" onerror=\"alert(1)')",
    "![](data:image/svg+xml;base64,PHN2Zy8+)",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text x=20 y=20>x</text></a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<base href=//evil.example/>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<div data-module='../evil' hx-get='//evil.example' hx-trigger='load'>x</div>",
    "<a href='#' data-opens=x hx-on:click='alert(1)'>x</a>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](&#106;&#97;&#118;&#97;script:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](javascript://%0aalert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    '[x](//evil.example "t" onclick=alert(1))',
    "[x](https://ok.example \"t' onclick='alert(1)\")",
    '[x](https://ok.example/"onmouseover="alert(1))',
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x]: data:text/html,<script>alert(1)</script>\n\n[x]",
    "<javascript:alert(1)>",
    '<https://ok.example/"onclick="alert(1)>',
    "`</code><script>alert(1)</script>`",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    '```" onclick="alert(1)\nx\n```',
    "    </pre><script>alert(1)</script>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <img src=x onerror=alert(1)>",
    "> <script>alert(1)</script>",
    "~~<svg/onload=alert(1)>~~",
    "</textarea><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "\u202e<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
]  # fmt: skip


class Reader(HTMLParser):
    """Collects every element and attribute as a browser would find them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"A comment came through: {data}")

    def handle_decl(self, decl):
        raise AssertionError(f"A declaration came through: {decl}")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def must_be_harmless(html: str, tags: set[str]) -> None:
    for tag, attributes in read(html).elements:
        assert tag in tags, tag
        for name, value in attributes.items():
            assert not name.startswith(("on", "hx-")), name
            assert name not in {"style", "srcdoc", "xlink:href"}, name
            # The template's own buttons name an address of this site.
            assert name != "formaction" or str(value).startswith(("/comments/", "/replies/")), value
            if name == "href" and tag == "a":
                assert urlsplit((value or "").strip()).scheme.lower() in SCHEMES | {""}, value


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_rendered_body_runs(payload):
    html = str(markdown(payload))
    must_be_harmless(html, TAGS)
    for tag, attributes in read(html).elements:
        assert set(attributes) <= ({"href", "rel", "title"} if tag == "a" else set())
        if tag == "a":
            assert urlsplit(attributes.get("href") or "https:x").scheme in SCHEMES | {""}
            assert attributes["rel"] == "noopener noreferrer nofollow"


def test_a_thread_of_hostile_words_holds_only_the_elements_of_its_template(
    app, cast, client_of, say, answer, room
):
    for payload in PAYLOADS:
        body = payload.replace("\x00", "").replace("\x01", "")
        comment = say(body, start_ms=None, words=(1, 2))
    answer(comment, "".join(PAYLOADS).replace("\x00", "").replace("\x01", ""))
    text = client_of(cast.maya).get(f"/walkthroughs/{room.walkthrough}/threads").text
    must_be_harmless(text, FRAME)
    assert "49" not in read(text).text.split("${7*7}")[0][-30:]


def test_hostile_words_in_the_edit_form_stay_in_their_field(app, cast, client_of, say):
    comment = say("</textarea><script>alert(1)</script>")
    text = client_of(cast.oliver).get(f"/comments/{comment}/edit").text
    assert "<script>alert" not in text
    with app.app_context(), transaction():
        edit_comment(
            by=load_person(cast.oliver),
            comment=db.session.get_one(Comment, comment),
            revision=1,
            body="</textarea><svg onload=alert(2)>",
        )
    form = {"body": "</textarea><img src=x onerror=alert(3)>", "revision": "1"}
    refused = client_of(cast.oliver).post(f"/comments/{comment}", data=form)
    assert refused.status_code == 409
    for _, attributes in read(refused.text.split("<main", 1)[1]).elements:
        assert not {"onload", "onerror"} & set(attributes)


def test_hostile_names_quotes_and_notes_stay_text(app, cast, client_of, room, say):
    with app.app_context(), transaction():
        load_person(cast.oliver).name = '<b onclick=alert(1)>O</b>" onfocus="alert(1)'
        db.session.get_one(Transcript, room.transcript).words = words('<script>x</script> "y')
    comment = say(start_ms=None, words=(1, 2))
    client = client_of(cast.maya)
    client.post(f"/comments/{comment}/resolution", data={"note": "<script>alert(1)</script>"})
    text = client.get(f"/walkthroughs/{room.walkthrough}/threads").text
    must_be_harmless(text, FRAME | {"blockquote"})
    assert "<script>x</script>" in read(text).text
