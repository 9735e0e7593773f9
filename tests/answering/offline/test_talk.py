"""Comparisons, follow-ups and small talk of the offline tutor."""

from __future__ import annotations

import pytest

from pedabot.answering.events import Answer
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.pipeline import answer
from pedabot.answering.values import Question
from pedabot.knowledge.search import Ranking
from pedabot.knowledge.smalltalk import SmallTalk, recognise
from pedabot.knowledge.units import Kind, units
from tests.answering.offline.ask import ADVANCED, BEGINNER, INTERMEDIATE, ask, subtopic, talk


def rows(text: str) -> list[list[str]]:
    """Return the cells of the first table of a text, without the line under its head."""
    table = next(unit.text for unit in units(text) if unit.kind is Kind.TABLE)
    lines = [line for line in table.split("\n") if not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


PAIRS = [
    ("Différence entre latence et débit ?", {"latence", "debit"}),
    ("quantifier ou élaguer, je commence par quoi ?", {"quantification", "elagage"}),
    ("RAG ou fine-tuning pour nos documents ?", {"rag", "fine-tuning"}),
]


@pytest.mark.parametrize(("question", "names"), PAIRS)
def test_a_comparison_is_a_table_with_a_column_for_each(question: str, names: set[str]) -> None:
    answered = ask(question)
    head, *body = rows(answered.text)
    titles = [passage.subtopic.title for passage in answered.passages[:2]]
    assert {passage.subtopic.id for passage in answered.passages[:2]} == names
    assert head[1:] == [f"{titles[0]} [1]", f"{titles[1]} [2]"]
    assert body[0][0] == "**En bref**"
    assert len(body) >= 3
    assert all(len(row) == 3 and all(row) for row in body)


def test_each_column_quotes_its_own_notion() -> None:
    answered = ask("Différence entre latence et débit ?")
    for row in rows(answered.text)[1:]:
        for cell, passage in zip(row[1:], answered.passages[:2], strict=True):
            entry = passage.subtopic
            texts = "\n".join([entry.summary or "", entry.content, *entry.key_points])
            assert cell in texts or cell in (entry.simpler or "")


def test_no_sentence_stands_twice_in_a_table() -> None:
    cells = [cell for row in rows(ask("quantifier ou élaguer ?").text)[1:] for cell in row[1:]]
    assert len(cells) == len(set(cells))


def test_a_comparison_ends_with_how_to_choose_where_the_course_says_so() -> None:
    text = ask("quantifier ou élaguer, je commence par quoi ?").text
    assert text.rstrip().endswith("on élague, on réentraîne, puis on quantifie. [1]")


def test_simpler_is_the_explanation_of_a_lower_level() -> None:
    first, second = talk("C'est quoi le pooling ?", "plus simple")
    assert "Pense au bilan d’une salle de TP" not in first.text
    assert "Pense au bilan d’une salle de TP" in second.text
    assert second.level == INTERMEDIATE  # the student's level is not touched


def test_more_details_go_a_level_deeper() -> None:
    _, second = talk("C'est quoi le pooling ?", "plus de détails")
    assert "$$" in second.text


def test_another_example_is_another_one() -> None:
    _, *shown = talk(
        "C'est quoi le pooling ?", "un exemple ?", "un autre exemple", "encore un autre"
    )
    titles = [answered.text.split("\n")[0] for answered in shown]
    assert len(set(titles)) == 3
    assert all(answered.passages[0].subtopic.id == "pooling" for answered in shown)


def test_after_many_bare_follow_ups_the_notion_is_still_the_same() -> None:
    asked = [
        "C'est quoi le pooling ?",
        "plus simple",
        "un exemple ?",
        "pourquoi ?",
        "résume",
        "et en code ?",
    ]
    answers = talk(*asked)
    assert {answered.passages[0].subtopic.id for answered in answers} == {"pooling"}
    assert "```python" in answers[-1].text


def test_why_and_in_short_change_the_answer() -> None:
    _, why, short = talk("C'est quoi le pooling ?", "pourquoi ?", "résume")
    assert "Pourquoi le pooling est utile" in why.text
    assert all(point in short.text for point in subtopic("pooling").key_points)


def test_the_other_one_is_the_notion_not_yet_explained() -> None:
    compared, first, other = talk(
        "Différence entre quantification et élagage ?", "explique la première", "et l'autre ?"
    )
    shown = [passage.subtopic.id for passage in compared.passages[:2]]
    assert first.passages[0].subtopic.id == shown[0]
    assert other.passages[0].subtopic.id == shown[1]


def test_a_comparison_not_understood_is_compared_again_more_simply() -> None:
    first, second = talk("Différence entre latence et débit ?", "je n'ai pas compris")
    assert rows(first.text)[0] == rows(second.text)[0]
    assert rows(first.text)[1] != rows(second.text)[1]
    cells = [cell for row in rows(second.text)[1:] for cell in row[1:]]
    assert len(cells) == len(set(cells))


def test_not_understood_twice_it_is_told_another_way() -> None:
    first, second = talk("C'est quoi le pooling ?", "je n'ai pas compris", level=BEGINNER)
    said = {unit.text for unit in units(first.text)}
    assert not [
        unit for unit in units(second.text) if unit.text in said and "ensuite" not in unit.text
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bonjour", SmallTalk.GREETING),
        ("salut ça va ?", SmallTalk.GREETING),
        ("ok merci", SmallTalk.THANKS),
        ("d'accord", SmallTalk.THANKS),
        ("à demain", SmallTalk.GOODBYE),
        ("T'es un robot ?", SmallTalk.IDENTITY),
        ("Que sais-tu faire ?", SmallTalk.ABILITIES),
        ("aide-moi", SmallTalk.ABILITIES),
        ("t'es nul", SmallTalk.INSULT),
        ("???", SmallTalk.EMPTY),
        ("👍", SmallTalk.EMPTY),
        ("Bonjour, c'est quoi un neurone ?", None),
        ("merci, et un exemple ?", None),
        ("je ne comprends pas", None),
        ("MLP = ?", None),
        ("aide-moi à écrire un prompt", None),
        ("ok et en code ?", None),
    ],
)
def test_small_talk_is_told_from_questions(text: str, kind: SmallTalk | None) -> None:
    assert recognise(text) is kind


@pytest.mark.parametrize(
    "text", ["Bonjour", "merci", "au revoir", "qui es-tu ?", "aide", "t'es nul", "?"]
)
def test_small_talk_gets_a_short_reply_without_sources(text: str) -> None:
    (*_, last) = answer(Question(text, ADVANCED), never_searched, [OfflineEngine()])
    assert isinstance(last, Answer)
    assert last.passages == ()
    assert last.in_scope
    assert 10 < len(last.text.split()) < 100
    assert "[1]" not in last.text


def never_searched(_question: Question) -> Ranking:
    raise AssertionError("small talk is not searched for")


def test_two_columns_of_the_courses_own_table_are_shown_where_it_has_one() -> None:
    answered = ask("Quelle différence entre TensorFlow et PyTorch ?")
    header, *lines = rows(answered.text)
    assert len(header) == 3
    quoted = [line for line in lines if "[3]" in line[0]]
    source = answered.passages[2].subtopic
    assert source.id == "comparaison-frameworks"
    assert len(quoted) >= 3
    assert all(cell in source.content for line in quoted for cell in line[1:])


def test_what_is_left_of_an_explanation_is_no_explanation() -> None:
    _, *again = talk(
        "C'est quoi la quantification ?",
        "je n'ai pas compris",
        "plus simple",
        "un autre exemple ?",
        "encore un autre exemple",
        level=BEGINNER,
    )
    for answered in again:
        assert len(answered.text.split()) > 50, answered.text
    assert "```" not in again[0].text + again[1].text  # code is not simpler
    assert "Tu as déjà vu tout ce que le cours montre" in again[3].text
