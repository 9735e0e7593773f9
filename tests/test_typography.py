"""French typography: ``~`` stands for the narrow no-break space below, ``_`` for the wide one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pedabot.typography import NARROW, NO_BREAK, french, french_label

FRAGMENTS = st.sampled_from(
    [
        *("l'", "IA", "a", "7", "000", " ", "\n", "...", ".", ":", ";", "!", "?", "%", "«", "»"),
        *("`", "```", "~~~", "$", "$$", "*", "(", ")", "https://x.example/", NARROW, NO_BREAK),
    ]
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Oui !", "Oui~!"),
        ("Vrai ; faux ?", "Vrai~; faux~?"),
        ("Ainsi : oui", "Ainsi_: oui"),
        ("Ainsi :\n- oui", "Ainsi_:\n- oui"),
        ("**Ainsi** : oui", "**Ainsi**_: oui"),
        ("**Ainsi :** oui", "**Ainsi_:** oui"),
        ("« oui »", "«~oui~»"),
        ("«oui»", "«~oui~»"),
        ("« Ainsi :»", "«~Ainsi_:~»"),
        ("« oui » ?", "«~oui~»~?"),
        ("de 50 à 90 %", "de 50 à 90~%"),
        ("10 000 et 1 234 567", "10~000 et 1~234~567"),
        ("l'IA d'aujourd'hui", "l’IA d’aujourd’hui"),
        ("l'«IA»", "l’«~IA~»"),
        ("Donc...", "Donc…"),
        ("Bon... !", "Bon…~!"),
        ("Il gagne 50 % ; elle perd 5 % : oui", "Il gagne 50~%~; elle perd 5~%_: oui"),
        ("`int8` : oui", "`int8`_: oui"),
        ("Soit $x$ ; alors", "Soit $x$~; alors"),
    ],
)
def test_text_is_set_as_in_french(typed: str, expected: str) -> None:
    assert french(typed) == expected.replace("~", NARROW).replace("_", NO_BREAK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rien à changer.",
        "12:30",
        "2024 100",
        "un 'mot' cité",
        "`l'as = a ? b : c ;`",
        "``l'as ` ...``",
        "```python\nl'as = a ? b : c ; ...\n```",
        "```\nl'as ... ;",
        "~~~\nl'as ... ;\n~~~",
        "1. a\n\n    ```\n    l'as ... ;\n    ```",
        "$f'(x) : 10 000$",
        "$$\nf'(x) ; ...\n$$",
        "https://x.example/l'as...?a=b;c",
    ],
)
def test_what_is_no_french_prose_stays_as_typed(text: str) -> None:
    assert french(text) == text


def test_prose_between_code_is_set() -> None:
    assert french("l'un `l'a` l'autre\n```\nl'a\n```\nl'an") == (
        "l’un `l'a` l’autre\n```\nl'a\n```\nl’an"
    )


@given(st.lists(FRAGMENTS, max_size=12).map("".join) | st.text(max_size=40))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("Bon... !")
@example("a......")
@example("l' :»")
def test_setting_twice_changes_nothing_more(text: str) -> None:
    once = french(text)
    assert french(once) == once


@given(st.text(alphabet="ab '«»:;!?%.0\n", max_size=40))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_only_spaces_apostrophes_and_dots_change(text: str) -> None:
    def bare(words: str) -> str:
        typed = words.replace("’", "'").replace("…", "...")
        return "".join(typed.split())

    assert bare(french(text)) == bare(text)


def test_a_label_is_set_like_a_text() -> None:
    assert french_label("Qu'est-ce ?") == f"Qu’est-ce{NARROW}?"
