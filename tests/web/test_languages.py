"""The pages in English: complete, without a word of French that does not say that it is French."""

from __future__ import annotations

import ast
import html
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

from tests.conftest import Cast, Visit
from tests.mistral_server import MistralServer
from tests.web.pages import check_page, text_of
from tests.web.test_pages import ask
from tests.web.whole import Page, live, settings_of_whole

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "pedabot/translations/en/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|\{\{.*?\}\}|\{%.*?%\}")
FRENCH_SIGNS = re.compile("[\u202f\u00a0«»]|\\w'\\w| [;:!?]")
# Words that no English sentence has; accents come on top.
FRENCH = re.compile(
    r"\b(le|la|les|un|une|des|du|de|et|est|pas|pour|dans|avec|sur|vous|ton|votre|aucune?|toutes?|"
    r"réponses?|cours|étudiant\w*|enseignant\w*|classe|niveau)\b|[éèêëàâùûçœîï]",
    re.IGNORECASE,
)
LEFT_OUT = {"script", "style", "pre", "code", "textarea"}
VOID = {"input", "img", "br", "hr", "meta", "link", "path", "circle", "rect"}
SAID = ("alt", "aria-label", "placeholder", "title")
# Names and samples of what one types, which have no translation.
AS_IT_IS = {"PedaBot", "lang", "selected", "BTS SIO 2 SLAM", "English", "Français", "s", "×"}


def _catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def _texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _messages() -> Iterator[Message]:
    return (message for message in _catalogue() if message.id)


def test_the_catalogue_has_each_text_of_the_pages_and_no_other() -> None:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = {
        _texts(identifier)[0]
        for _, _, identifier, _, _ in extract_from_dir(
            ROOT / "pedabot",
            [(pattern.removeprefix("pedabot/"), method) for pattern, method in methods],
            {pattern.removeprefix("pedabot/"): value for pattern, value in options.items()},
        )
    }
    assert len(found) > 1000
    catalogue = _catalogue()
    kept = {_texts(message.id)[0] for message in catalogue if message.id}
    hint = "run `make translations`, then translate what is new in messages.po, and run it again"
    assert found - kept == set(), hint
    assert kept - found == set(), hint
    assert not catalogue.obsolete


def test_each_text_is_translated_with_the_same_places() -> None:
    for message in _messages():
        assert not message.fuzzy, message.id
        for text in _texts(message.string):
            assert text.strip(), f"not translated: {message.id}"
            for original in _texts(message.id):
                places = sorted(PLACEHOLDER.findall(original))
                assert sorted(PLACEHOLDER.findall(text)) == places, message.id
            assert not FRENCH_SIGNS.search(text), f"French typography: {text}"


def test_what_the_program_reads_is_the_catalogue() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue())
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "make translations"


def test_no_template_says_a_word_outside_of_gettext() -> None:
    left = [
        f"{path.name}: {text}"
        for path in (ROOT / "pedabot/templates").rglob("*.html")
        for text in _outside_of_jinja(path.read_text(encoding="utf-8"))
        if re.search(r"[^\W\d_]{2}|\u25a1 [:;?!]", text) and text not in AS_IT_IS
    ]
    assert not left, "\n".join(left)


def _outside_of_jinja(source: str) -> set[str]:
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "\u25a1", source, flags=re.DOTALL)
    plain = re.sub(r"<(script|style)\b.*?</\1>|<pre>.*?</pre>", " ", plain, flags=re.DOTALL)
    said = re.findall(rf'(?:{"|".join(SAID)})="([^"]*)"', plain)
    said += re.sub(r"<[^>]*>", "\n", re.sub(r'="[^"]*"', "", plain)).split("\n")
    return {html.unescape(text).strip(" \u25a1.,·()/–→%[]|…\t\xa0") for text in said}


def test_no_view_says_a_french_word_outside_of_gettext() -> None:
    left = [
        f"{path.name}: {text}"
        for path in (ROOT / "pedabot/web").rglob("*.py")
        for text in _untranslated(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not left, "\n".join(left)


def _untranslated(tree: ast.Module) -> Iterator[str]:
    """Yield literals with a letter that only French has, save docstrings and arguments of _()."""
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
            "_",
            "gettext",
            "ngettext",
        }:
            known |= {id(part) for argument in node.args for part in ast.walk(argument)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            known.add(id(node.value))
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(text, str) or text in AS_IT_IS:
            continue
        if id(node) not in known and re.search(r"[éèêàùç]", text):
            yield text


def test_no_script_says_a_word_of_french() -> None:
    for path in (ROOT / "pedabot/static/js").glob("*.js"):
        code = re.sub(r"^\s*//.*$|\s// .*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        assert not re.search(r"[éèêàùç«»]", code), path.name


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_of_whole(instance, api)


def test_a_page_in_english_has_no_french_that_does_not_say_so(
    app: Flask, cast: Cast, visit: Visit, api: MistralServer
) -> None:
    whole = live(app, cast, visit, api)
    for browser in whole.browsers.values():
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en-GB,en;q=0.9,fr;q=0.5"
    left = [
        f"{page.who} {page.path}: {text}" for page in whole.pages() for text in _french_in(page)
    ]
    assert not left, "\n".join(left)


def _french_in(page: Page) -> Iterator[str]:
    said = Said()
    said.feed(page.html)
    assert said.language == "en", page.path
    for text in said.texts:
        unquoted = re.sub("“[^”]*”", "", text)
        if (FRENCH.search(unquoted) or FRENCH_SIGNS.search(text)) and text not in AS_IT_IS:
            yield text


class Said(HTMLParser):
    """All texts of a page, save those that say they are French, and what is typed or code."""

    def __init__(self) -> None:
        super().__init__()
        self.language: str | None = None
        self.texts: list[str] = []
        self._left_out: list[str] = []  # the open elements from the first that is left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.language = said.get("lang") if tag == "html" else self.language
        if self._left_out or said.get("lang") == "fr" or tag in LEFT_OUT:
            self._left_out += [tag] if tag not in VOID else []
            return
        self.texts += [
            text or ""
            for name, text in attrs
            if name in SAID or (name.startswith("data-") and " " in (text or ""))
        ]

    def handle_endtag(self, tag: str) -> None:
        if self._left_out and self._left_out[-1] == tag:
            self._left_out.pop()

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.texts.append(data.strip())


@pytest.mark.parametrize(
    ("liked", "language"),
    [("en-GB,en;q=0.9", "en"), ("fr-FR,fr", "fr"), ("de,en;q=0.5", "en"), ("de", "fr"), ("", "fr")],
)
def test_a_visitor_reads_the_language_of_the_browser(
    visit: Visit, liked: str, language: str
) -> None:
    page = check_page(visit().get("/sign-in", headers={"Accept-Language": liked}).text)
    assert page.get("lang") == language


def test_the_account_decides_before_the_browser(visit: Visit) -> None:
    browser = visit("student")
    changed = browser.post("/account/language", data={"language": "en"}, follow_redirects=True)
    assert "The language of the pages is changed." in text_of(changed.text)
    french = {"Accept-Language": "fr"}
    assert "What is your question?" in text_of(browser.get("/chat", headers=french).text)
    assert check_page(visit("classmate").get("/chat").text).get("lang") == "fr"
    browser.post("/account/language", data={"language": ""})
    assert "Quelle est ta question ?" in text_of(browser.get("/chat", headers=french).text)
    assert browser.post("/account/language", data={"language": "de"}).status_code == 400


def test_the_tutor_speaks_french_to_a_reader_of_english(visit: Visit) -> None:
    browser = visit("student")
    browser.post("/account/language", data={"language": "en"})
    page = browser.get(ask(browser, "Quelle est la capitale de la France ?")).text
    assert 'value="Explique plus simplement"' not in page  # outside the course: nothing to simplify
    words = text_of(page)
    assert "From the course, without AI." in words
    assert "cours" in words.replace("From the course", "")


def test_a_plural_of_a_template_takes_other_variables_and_escapes_them(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        template = app.jinja_env.from_string(
            """{{ ngettext("%(num)s mot : %(word)s", "%(num)s mots : %(word)s", 2, word="<b>") }}"""
        )
        assert template.render() == "2 mots\u00a0: &lt;b&gt;"
