"""What a model claims and the course does not say is found; what it may say is not."""

from __future__ import annotations

import pytest

from benchmarks.grounding import Case, cases, measure
from pedabot.answering.rendering import render


@pytest.mark.parametrize(
    ("part", "precision", "recall"),
    # As measured by `python -m benchmarks.grounding`.
    [("tuning", 1.0, 1.0), ("held_out", 1.0, 0.92)],
)
def test_the_labelled_answers(part: str, precision: float, recall: float) -> None:
    score = measure(part)
    assert score.precision >= precision, score.faults
    assert score.recall >= recall, score.faults
    assert len(cases()) >= 40


PASSAGE = "Un modèle de 1 000 Mo perd 0,5 % ; PyTorch et ResNet-50 ; deux étapes ; 4 fois."


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ("Il pèse 1000 Mo, soit 0.50 % de perte.", ()),
        ("Il pèse 1\u202f000\u00a0Mo.", ()),
        ("Il pèse 900 Mo.", ("900 Mo",)),
        ("Il perd 0,5 Go.", ("0,5 Go",)),
        ("Il faut 3 étapes et 7 essais.", ()),
        ("Il faut 3 ms.", ("3 ms",)),
        ("PyTorch, resnet50 et LightGBM.", ("LightGBM",)),
        ("La fonction ReLU sur CPU, en float16.", ()),
        ("Le code `batch_size=64` et\n```\nlr = 0.01\n```", ()),
        ("Voir [12] et\n12. un douzième point.", ()),
        ("On a $x = 42$ et 30 + 12 = 42 au total.", ()),
        ("Depuis 2017, la version 2.3.1 suffit.", ("2017", "2.3.1")),
        ("Il perd 7 %. Puis encore 7 %.", ("7 %",)),
        ("Tu as dit 77 %.", ()),
    ],
)
def test_claims(answer: str, claims: tuple[str, ...]) -> None:
    assert Case("", "J'ai 77 % ?", PASSAGE, answer, []).found() == claims


def test_a_claim_is_marked_at_its_word() -> None:
    html = render("Il pèse **900 Mo** et `900 Mo`, 1900 Mo non.", doubts=["900 Mo"])
    mark = '<span class="doubt">900 Mo<span class="doubt-note"> à vérifier</span></span>'
    assert f"<strong>{mark}</strong>" in html
    assert html.count("doubt-note") == 1


@pytest.mark.parametrize("sign", [":", "A", "a:/", "1 ", "imagine "])
def test_an_answer_of_one_sign_is_read_in_one_pass(sign: str) -> None:
    # With a pattern that looks at what is left from each place again, this would take hours.
    assert not Case("", "Quoi ?", PASSAGE, sign * 300_000, []).found()


def test_no_link_of_an_answer_leads_away() -> None:
    html = render(
        "[ici](https://evil.example/?d=x) <https://evil.example/y> [cours](/knowledge/a/b)"
        " [sortie](/sign-out) ![i](https://evil.example/p)",
        links=False,
    )
    assert html.count("<a ") == 1
    assert '<a href="/knowledge/a/b">cours</a>' in html
    assert "ici (evil.example)" in html
    assert "?d=x" not in html
