"""Reading a page as a person and as a strict browser would."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

import html5lib

# A void path slash or a custom attribute is no error for html5lib; these remain to be judged here.
_INLINE_HANDLER = re.compile(r"^on[a-z]+$")
LABELLED = {"input", "select", "textarea"}
NEEDS_NO_LABEL = {"hidden", "submit", "button"}


def parse(html: str) -> ET.Element:
    """Parse a whole page strictly.

    Raises:
        html5lib.html5parser.ParseError: at the first error of the markup.
    """
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document: ET.Element = parser.parse(html)
    return document


def check_page(html: str) -> ET.Element:
    """Assert all that every page must be; returns the parsed page for further questions."""
    page = parse(html)
    assert not re.search(r"&amp;(?:#\d+|[a-z]+);", html), "escaped twice"
    elements = list(page.iter())
    assert len(page.findall(".//h1")) == 1, "one h1"
    assert (page.findtext(".//title") or "").strip(" ·"), "a title"
    assert page.get("lang"), "a language"
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    assert not [name for name, count in ids.items() if count > 1], f"doubled ids {ids}"
    for element in elements:
        _check_element(page, element, set(ids))
    return page


def _check_element(page: ET.Element, element: ET.Element, ids: set[str | None]) -> None:
    tag = str(element.tag)
    assert element.get("style") is None, f"inline style on {tag}"
    assert tag != "style", "a style element"
    assert not [name for name in element.attrib if _INLINE_HANDLER.match(name)], tag
    if tag == "script":
        assert element.get("src", "").startswith("/static/")
        assert not (element.text or "").strip(), "an inline script"
    if tag in {"img", "link"}:
        assert not (element.get("src") or element.get("href") or "").startswith("http")
    if tag in LABELLED and element.get("type") not in NEEDS_NO_LABEL:
        assert _has_label(page, element), f"{tag} {element.get('name')} has no label"
    if tag == "button" or (tag == "a" and element.get("href")):
        assert _spoken(element), f"{tag} without words"
    for reference in (element.get("aria-describedby") or "").split():
        assert reference in ids, f"aria-describedby {reference}"


def _has_label(page: ET.Element, field: ET.Element) -> bool:
    if field.get("aria-label"):
        return True
    labels = page.findall(".//label")
    by_id = any(label.get("for") == field.get("id") for label in labels if field.get("id"))
    return by_id or any(field in list(label.iter()) for label in labels)


def _spoken(element: ET.Element) -> str:
    return (element.get("aria-label") or "".join(element.itertext())).strip()


def text_of(html: str) -> str:
    """Return the words of a page, with ordinary spaces and apostrophes."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    words = " ".join("".join(page.itertext()).split())
    return words.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")
