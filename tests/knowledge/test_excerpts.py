"""An excerpt shows where the words stand, and tells them apart."""

from __future__ import annotations

import pytest

from pedabot.knowledge.excerpts import LENGTH, excerpt
from pedabot.knowledge.text import stems_of


def _shown(text: str, query: str, length: int = LENGTH) -> str:
    parts = excerpt(text, stems_of(query), length)
    return "".join(f"[{part.text}]" if part.found else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Les modèles quantifiés.", "modele quantifier", "Les [modèles] [quantifiés]."),
        ("L'élagage, c'est quoi ?", "elagages", "L'[élagage], c'est quoi ?"),
        ("c koi la proba", "probabilités", "c koi la [proba]"),
        ("Un œil en C++ ou C#.", "oeil c++", "Un [œil] en [C++] ou C#."),
        ("**Le noyau** `model.fit`", "fit", "Le noyau model.[fit]"),
        ("Voir [la page](/cours/x) du noyau", "page", "Voir la [page] du noyau"),
        ("Rien de cela.", "quantification", "Rien de cela."),
        ("<script>noyau</script>", "noyau", "<script>[noyau]</script>"),
        ("# Titre\n\n> cité\n- un noyau\n2. deux", "noyau", "Titre cité un [noyau] deux"),
        ("| a | b |\n| --- | :-: |\n| 1 | noyau |", "noyau", "a b 1 [noyau]"),
        ("a_noyau_b * $n > 1$", "noyau", "a_[noyau]_b $n > 1$"),
    ],
)
def test_words_are_found_in_any_form(text: str, query: str, shown: str) -> None:
    assert _shown(text, query) == shown


def test_the_piece_with_most_of_the_words_is_shown() -> None:
    filler = "du texte qui ne dit rien du tout, " * 12
    text = f"Le gradient descend. {filler} Le gradient et la convolution. {filler}"
    shown = _shown(text, "gradient convolution")
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "[gradient] et la [convolution]" in shown
    assert shown[2].isalnum()
    assert len(shown) <= LENGTH + len("… [][] …")


def test_a_long_text_without_the_words_is_cut_between_words() -> None:
    shown = _shown("un mot puis un autre " * 40, "absent", 50)
    assert shown == "un mot puis un autre un mot puis un autre un mot  …"
    assert _shown("x" * 500, "absent", 50) == "x" * 500
