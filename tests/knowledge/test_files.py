"""Notions of the course that are recognised in files, and why pages are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from pedabot.answering.events import Answer
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.pipeline import answer
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.values import Attachment, Question
from pedabot.knowledge import document
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.files import LINES_READ, MOST_NOTICED, notices
from pedabot.knowledge.search import Index

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(document.loads((ROOT / "knowledge.json").read_bytes()))


@pytest.mark.parametrize(
    ("line", "subtopic"),
    [
        ("x = layers.Dropout(0.5)(x)", "Surapprentissage et régularisation"),
        ("es = EarlyStopping(patience=3)", "Surapprentissage et régularisation"),
        ("nn.Conv2d(3, 16, 3)", "Opération de convolution"),
        ("RuntimeError: CUDA out of memory. Tried to allocate 2 GiB", "Utilisation mémoire"),
        ("mat1 and mat2 shapes cannot be multiplied (32x9 and 8x4)", "Le perceptron multicouche"),
        ("opt = torch.optim.AdamW(params)", "Descente de gradient et optimiseurs"),
    ],
)
def test_code_and_errors_lead_to_their_page(index: Index, line: str, subtopic: str) -> None:
    found = notices(index, "a.py", f"import os\n\n{line}\n")
    notice = next(n for n in found if n.passage.subtopic.title == subtopic)
    assert (notice.file, notice.line) == ("a.py", 3)
    assert notice.quote.startswith(line[:40])


def test_what_the_course_does_not_name_is_not_noticed(index: Index) -> None:
    assert notices(index, "a.txt", "bonjour\nprint(12)\n\n") == []


def test_errors_come_first_and_few_are_noticed(index: Index) -> None:
    text = "Dropout\nConv2D\nLSTM\nAdam\nPyTorch\nembedding\nsoftmax\nCUDA out of memory\n"
    found = notices(index, "a.log", text)
    assert len(found) == MOST_NOTICED
    assert found[0].line == 8


def test_the_end_of_a_long_log_is_read(index: Index) -> None:
    text = "".join(f"step {n}\n" for n in range(LINES_READ * 4)) + "CUDA out of memory"
    assert [n.line for n in notices(index, "a.log", text)][:1] == [LINES_READ * 4 + 1]


class Course:
    """Holds a course as the server does, without a database."""

    def __init__(self) -> None:
        self.document = document.loads((ROOT / "knowledge.json").read_bytes())
        self.index = Index(self.document)

    def current(self) -> Course:
        return self


class NoMeaning:
    """Search by words alone."""

    def likeness(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def retrieval() -> Retrieval:
    return Retrieval(Course(), NoMeaning())  # type: ignore[arg-type]


FILE = Attachment("train.py", "model.add(Dropout(0.5))\nRuntimeError: CUDA out of memory\n")


def ask(retrieval: Retrieval, text: str, *files: Attachment) -> Answer:
    question = Question(text, Difficulty.BEGINNER, attachments=files)
    (*_, whole) = answer(question, retrieval.find, [OfflineEngine()])
    assert isinstance(whole, Answer)
    return whole


def test_the_course_alone_explains_what_it_recognises(retrieval: Retrieval) -> None:
    whole = ask(retrieval, "Pourquoi mon code plante ?", FILE)
    assert whole.in_scope
    assert whole.passages[0].subtopic.title == "Utilisation mémoire"
    assert "\n\n**Ce que je reconnais dans tes fichiers.**" in whole.text
    assert "`train.py`, ligne 2 (`RuntimeError: CUDA out of memory`) : **Utilisation mémoire**" in (
        whole.text
    )
    numbers = [passage.subtopic.title for passage in whole.passages]
    assert f"**Utilisation mémoire** [{numbers.index('Utilisation mémoire') + 1}]" in whole.text


def test_a_file_does_not_open_the_course_to_any_question(retrieval: Retrieval) -> None:
    whole = ask(retrieval, "Quelle est la recette des crêpes bretonnes au beurre salé ?", FILE)
    assert not whole.in_scope
    assert "Ce que je reconnais" not in whole.text


def test_a_clear_question_is_answered_first_whatever_its_file_says(retrieval: Retrieval) -> None:
    whole = ask(retrieval, "C'est quoi la quantification ?", FILE)
    assert whole.passages[0].subtopic.title == "Quantification"


def test_a_question_without_a_file_is_answered_as_before(retrieval: Retrieval) -> None:
    assert "Ce que je reconnais" not in ask(retrieval, "C'est quoi le dropout ?").text


@pytest.mark.parametrize(
    ("question", "history", "words", "akin", "followed"),
    [
        ("Pourquoi la RÉGULARISATION ?", (), ("RÉGULARISATION",), (), False),
        ("C'est quoi le dropuot ?", (), ("dropout",), (), False),
        ("et un exemple ?", ("C'est quoi le dropout ?", "Il éteint des neurones."), (), (), True),
    ],
)
def test_a_page_tells_why_it_was_found(
    index: Index,
    question: str,
    history: tuple[str, ...],
    words: tuple[str, ...],
    akin: tuple[str, ...],
    followed: bool,
) -> None:
    best = index.search(question, history).passages[0]
    assert (best.reason.words, best.reason.akin, best.reason.followed) == (words, akin, followed)
    assert not any(p.reason.followed for p in index.search(question, history).passages[1:])
