from __future__ import annotations

import json

import pytest

from pedabot.knowledge import evaluation
from pedabot.knowledge.document import validate
from pedabot.knowledge.evaluation import Case, InvalidCaseError, Result
from pedabot.knowledge.search import Index


def case(number: int, expect: list[str], *, kind: str = "direct", both: bool = False) -> Case:
    return Case(id=f"q{number}", kind=kind, question="?", expect=expect, both=both)


def result(of: Case, *ranking: str, in_scope: bool = True) -> Result:
    return Result(of, ranking, in_scope)


def test_cases_are_read_line_by_line_and_empty_lines_skipped() -> None:
    lines = [
        {"id": "a", "kind": "direct", "question": "Qui ?", "expect": ["x"], "note": "ignored"},
        {
            "id": "b",
            "kind": "followup",
            "question": "et ça ?",
            "expect": ["x", "y"],
            "both": True,
            "history": [{"role": "user", "content": "Qui ?"}],
            "level": "advanced",
        },
    ]
    text = "\n\n".join(json.dumps(line) for line in lines) + "\n"
    first, second = evaluation.read_cases(text)
    assert (first.id, first.both, first.history) == ("a", False, [])
    assert second.both
    assert second.history[0].content == "Qui ?"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ('{"id": "a", "kind": "direct", "question": "Qui ?"}', "expect"),
        ('{"id": "a", "kind": "direct", "question": 3, "expect": []}', "question"),
        ("[1]", "case"),
    ],
)
def test_an_invalid_line_is_named(line: str, words: str) -> None:
    valid = '{"id": "a", "kind": "direct", "question": "Qui ?", "expect": []}'
    with pytest.raises(InvalidCaseError, match="line 2") as caught:
        evaluation.read_cases(f"{valid}\n{line}")
    assert words in str(caught.value)


def test_hits_and_reciprocal_ranks() -> None:
    results = [
        result(case(1, ["a"]), "a", "b", "c"),
        result(case(2, ["c"]), "a", "b", "c"),
        result(case(3, ["d"]), "a", "b", "c", "d"),
        result(case(4, ["z"]), "a", "b", "c"),
        result(case(5, []), "a", in_scope=False),
    ]
    figures = evaluation.figures(results)
    assert figures.count == 4
    assert figures.hit_at_1 == pytest.approx(1 / 4)
    assert figures.hit_at_3 == pytest.approx(2 / 4)
    assert figures.mrr == pytest.approx((1 + 1 / 3 + 1 / 4) / 4)


def test_a_question_about_both_needs_both_among_the_first_four() -> None:
    both = case(1, ["a", "b"], both=True)
    assert result(both, "a", "x", "y", "b").hit_at_3
    assert not result(both, "a", "x", "y", "z", "b").hit_at_3
    assert result(both, "b", "a").rank == 1


def test_the_scope_is_measured_apart() -> None:
    results = [
        result(case(1, []), in_scope=False),
        result(case(2, []), in_scope=True),
        result(case(3, ["a"]), "a", in_scope=False),
        result(case(4, ["a"]), "a"),
        result(case(5, ["a"]), "a"),
        result(case(6, ["a"]), "a"),
    ]
    assert evaluation.recognised_outside(results) == pytest.approx(0.5)
    assert evaluation.wrongly_refused(results) == pytest.approx(0.25)
    assert evaluation.recognised_outside(results[2:]) is None


def test_rankings_are_written_as_json_lines() -> None:
    results = [result(case(1, ["a"]), "a", "b"), result(case(2, []), in_scope=False)]
    lines = [json.loads(line) for line in evaluation.rankings_as_lines(results).splitlines()]
    assert lines == [
        {"id": "q1", "ranking": ["a", "b"], "in_scope": True},
        {"id": "q2", "ranking": [], "in_scope": False},
    ]


def test_the_report_has_a_row_for_each_kind_and_stands_without_cases() -> None:
    results = [
        result(case(1, ["a"], kind="acronym"), "a"),
        result(case(2, ["a"], kind="typos"), "b", "a"),
    ]
    report = evaluation.report(results)
    assert [line.split()[0] for line in report.splitlines()[1:4]] == ["all", "acronym", "typos"]
    assert "no case" in report
    assert "all" in evaluation.report([])


def test_folds_do_not_depend_on_the_order_and_cover_every_case() -> None:
    results = [result(case(n, ["a"]), "a") for n in range(40)]
    assert evaluation.folds(results, 4) == evaluation.folds(results[::-1], 4)
    sizes = [int(line.split()[1]) for line in evaluation.folds(results, 4).splitlines()[1:5]]
    assert sum(sizes) == 40
    assert min(sizes) > 0


def test_run_asks_the_search_with_the_turns_before() -> None:
    subtopics = [
        {
            "id": name,
            "title": title,
            "content": f"Voici {title}.",
            "examples": [],
            "difficulty": "beginner",
        }
        for name, title in [("volcan", "Les volcans"), ("seisme", "Les séismes")]
    ]
    index = Index(validate({"topics": [{"id": "t", "title": "Terre", "subtopics": subtopics}]}))
    text = json.dumps(
        {
            "id": "f",
            "kind": "followup",
            "question": "et un exemple ?",
            "expect": ["seisme"],
            "history": [
                {"role": "user", "content": "C'est quoi les séismes ?"},
                {"role": "assistant", "content": "Les séismes sont des secousses."},
            ],
        }
    )
    (found,) = evaluation.run(index, evaluation.read_cases(text))
    assert found.rank == 1
    assert found.in_scope
