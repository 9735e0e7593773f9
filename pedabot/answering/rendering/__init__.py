"""Markdown to HTML that is safe to show: the only importer of bleach and nh3.

The markdown may come from a model, and so from whoever influenced it: raw HTML is escaped by the
parser, and what the parser makes is sanitised twice, by bleach and then by nh3, with one
allow-list. Images are not rendered: their address alone could carry a conversation away.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from pedabot.answering.rendering.rules import (
    bury_links,
    link_references,
    mark_doubts,
    shift_headings,
)
from pedabot.typography import french

ALLOWED_TAGS = frozenset(
    """
    a blockquote br code del div em h3 h4 h5 h6 hr li ol p pre s span strong table tbody
    td th thead tr ul
    """.split()
)
ALLOWED_ATTRIBUTES: dict[str, frozenset[str]] = {
    "a": frozenset({"href", "rel", "class", "title"}),
    "code": frozenset({"class"}),
    "div": frozenset({"class"}),
    "ol": frozenset({"start"}),
    "span": frozenset({"class"}),
    "td": frozenset({"class"}),
    "th": frozenset({"class"}),
}
ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})
ALLOWED_CLASSES = re.compile(
    r"reference|external|doubt|doubt-note|math (?:inline|block)|align-(?:left|center|right)"
    r"|language-[\w+-]{1,20}|hl-[a-z0-9]{1,4}"
)

# Beyond these an answer is no answer: the parser and bleach would take longer than 200 ms over it.
# What costs is not text but marks, of which each may become an element. They were measured by
# ``python -m benchmarks.rendering``.
MAX_LENGTH = 50_000
MAX_MARKS = 900
MAX_QUOTES = 4_000
MAX_COLOURED = 1_500
"""Characters of code in a text; where there are more, all code has one colour."""
MAX_NESTING = 20
_MARK = re.compile(r"[^\w\s.,:'’()\"!?/=%-]|\n")

# Browsers drop these inside an address, and so would read "/\t/host" as "//host".
_IGNORED_BY_BROWSERS = re.compile(r"[\x00-\x20]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# A fence may stand behind the marks of a list or of a quotation.
_FENCE = re.compile(r"[ ]{0,3}(?:(?:[-*+>]|\d{1,9}[.)])[ ]{1,4})*(`{3,}|~{3,})(.*)", re.DOTALL)
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="hl-")


def render(
    text: str, references: Sequence[str] = (), doubts: Sequence[str] = (), *, links: bool = True
) -> str:
    """Return safe HTML for markdown.

    ``references`` are the local addresses behind ``[1]``, ``[2]`` ... in the text; ``doubts`` are
    words in it that get a mark. Without ``links`` what leads away from this server is text: a link
    could carry a conversation away. A text that is too long, or too full of marks, to be parsed in
    reasonable time is returned as escaped text.
    """
    text = _LONE_SURROGATE.sub("\ufffd", text)
    if is_too_much(text):
        return f"<pre>{escape(text[:MAX_LENGTH])}</pre>"
    context = {"passages": references, "doubts": tuple(doubts), "links": links}
    return sanitise(_MARKDOWN.render(french(text), context))


def is_too_much(text: str) -> bool:
    """Tell whether a text is shown as it was typed, since rendering would take too long."""
    return len(text) > MAX_LENGTH or text.count('"') > MAX_QUOTES or _marks(text) > MAX_MARKS


def _marks(text: str) -> int:
    """Count what may become an element: signs and lines, save those of fenced code.

    Between two ``$$`` nothing is a fence for the parser: where there are any, all signs count.
    """
    if "$$" in text:
        return len(_MARK.findall(text))
    fence, outside = "", []
    for line in text.splitlines(keepends=True):
        if fence:
            fence = "" if _closes(line, fence) else fence
            continue
        outside.append(line)
        fence = _opened_fence(line) if line.lstrip(" ")[:1] in {"`", "~"} else ""
    return len(_MARK.findall("".join(outside)))


@lru_cache(maxsize=4096)
def render_line(text: str) -> str:
    """Return safe HTML for markdown within a line: no paragraph around it.

    The short texts of the course come again and again, so what was made of them is kept.
    """
    text = _LONE_SURROGATE.sub("\ufffd", text[:MAX_LENGTH])
    return escape(text) if is_too_much(text) else sanitise(_MARKDOWN.renderInline(french(text)))


def sanitise(html: str) -> str:
    """Remove all that is not on the allow-list: bleach first, nh3 after it."""
    cleaned = bleach.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=_is_allowed_attribute,
        protocols=ALLOWED_SCHEMES,
        strip=True,
        strip_comments=True,
    )
    return nh3.clean(
        cleaned,
        tags=set(ALLOWED_TAGS),
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        attribute_filter=_keep_attribute,
        url_schemes=set(ALLOWED_SCHEMES),
        link_rel=None,
    )


def _is_allowed_attribute(tag: str, name: str, value: str) -> bool:
    return name in ALLOWED_ATTRIBUTES.get(tag, ()) and _keep_attribute(tag, name, value) is not None


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value to keep for an attribute, or None to drop it."""
    if name == "class":
        return value if ALLOWED_CLASSES.fullmatch(value) else None
    if name == "href":
        return value if _is_safe_address(value) else None
    if name == "start":
        return value if value.isascii() and value.isdigit() else None
    return value


def _is_safe_address(address: str) -> bool:
    """Allow web and mail addresses, and paths on this very server (never ``//host``)."""
    if _IGNORED_BY_BROWSERS.search(address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme in ALLOWED_SCHEMES
    return not parts.netloc and address.startswith(("/", "#")) and not address.startswith("/\\")


def _highlight(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    return str(highlight(code, lexer, _FORMATTER))


def _link_open(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    token = tokens[index]
    if str(token.attrGet("href") or "").startswith(("http:", "https:")):
        token.attrSet("class", "external")
        token.attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, index, options, env)


def _cell_open(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Write a cell's alignment as a class: the policy of the pages allows no inline style."""
    token = tokens[index]
    style = str(token.attrs.pop("style", ""))
    if style:
        token.attrSet("class", f"align-{style.removeprefix('text-align:')}")
    return self.renderToken(tokens, index, options, env)


def _fence(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """Write code, coloured unless the text has so much of it that it would take too long."""
    code = sum(len(token.content) for token in tokens if token.type == "fence")
    if code > MAX_COLOURED:
        options = OptionsDict(cast(Any, {**options, "highlight": None}))
    return self.fence(tokens, index, options, env)


def _inline_formula(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Keep a displayed formula inside its sentence: a division would end the paragraph."""
    return f'<span class="math inline">{escape(tokens[index].content)}</span>'


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt(
        "commonmark", {"html": False, "highlight": _highlight, "maxNesting": MAX_NESTING}
    )
    parser.enable(["table", "strikethrough"]).disable(["image", "reference"])
    parser.use(dollarmath_plugin, allow_space=False, double_inline=True)
    parser.core.ruler.push("shift_headings", shift_headings)
    parser.core.ruler.push("bury_links", bury_links)
    parser.core.ruler.push("link_references", link_references)
    parser.core.ruler.push("mark_doubts", mark_doubts)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("math_inline_double", _inline_formula)
    parser.add_render_rule("th_open", _cell_open)
    parser.add_render_rule("td_open", _cell_open)
    return parser


_MARKDOWN = _make_parser()


class BlockStream:
    """Splits a text that grows into finished blocks and an unfinished tail.

    A block ends at a blank line outside fenced code (which also ends a displayed formula), so that
    each is rendered once, and never again while the answer streams.
    """

    def __init__(self, references: Sequence[str] = ()) -> None:
        self._references = references
        self._pending = ""

    def feed(self, text: str) -> tuple[str, str]:
        """Add text; return the HTML of the blocks it finished and the unfinished tail as text."""
        self._pending += text
        end = _end_of_finished_blocks(self._pending)
        finished, self._pending = self._pending[:end], self._pending[end:]
        html = render(finished, self._references, links=False) if finished.strip() else ""
        return html, self._pending


def _end_of_finished_blocks(text: str) -> int:
    """Return where the last finished block of a text ends: after a blank line outside fences."""
    fence, end, position = "", 0, 0
    for line in text.splitlines(keepends=True):
        position += len(line)
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif not line.strip() and line.endswith("\n"):
            end = position
        else:
            fence = _opened_fence(line)
    return end


def _opened_fence(line: str) -> str:
    """Return the mark of the fence that a line opens, or nothing."""
    match = _FENCE.match(line)
    if match is None:
        return ""
    mark, rest = match.groups()
    return "" if mark[0] == "`" and "`" in rest else mark


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    only_marks = not stripped.strip(fence[0])
    return only_marks and len(stripped) >= len(fence) and len(line) - len(line.lstrip()) < 4
