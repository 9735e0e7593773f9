"""How long the dearest markdown takes: ``python -m benchmarks.rendering``.

Each text repeats one piece of markdown until it is as long, or as full of marks, as is still
rendered; what is beyond that is shown as text. The target is 200 ms for each.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from pedabot.answering.rendering import MAX_COLOURED, MAX_LENGTH, is_too_much, render

TARGET_MS = 200
PIECES = {
    "words": "mot ",
    "French signs": "« a » : l'un ; oui ?! ",
    "table": "|x|y|\n",
    "wide table": "|" + "x|" * 50 + "\n",
    "nested lists": "- a\n  - b\n    - c\n",
    "numbered list": "1. a\n",
    "bullets in a row": "- ",
    "quotations": "> ",
    "quotations in quotations": "> > > > a\n",
    "headings": "# a\n",
    "paragraphs": "a\n\n",
    "line breaks": "a  \n",
    "rules": "---\n",
    "references": "[1] ",
    "links": "[a](/b) ",
    "addresses": "<https://a.b> ",
    "open brackets": "[",
    "open images": "![",
    "open links": "[a](",
    "emphasis": "*a* ",
    "emphasis without end": "**a _b ",
    "stars and lines": "*_",
    "struck": "~~a~~ ",
    "backticks": "`a",
    "formulas": "$a$ ",
    "displayed formulas": "$$\na\n$$\n",
    "tags": "<div>",
    "entities": "&lt;",
    "escapes": "\\*",
    "short fences": "```\na\n```\n",
}
STARTS = {
    "table": "|a|b|\n|-|-|\n",
    "wide table": "|" + "a|" * 50 + "\n|" + "-|" * 50 + "\n",
}
CODE = {"python": "x = f(1) + 'a'\n", "html": "<a b='c'>\n", "latex": "$\\a{", "perl": "s/a/"}
ROUNDS = 3


def longest(piece: str, start: str = "") -> str:
    """Return the longest repetition of a piece that is still rendered."""
    few, many = 1, MAX_LENGTH // len(piece) + 1
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if is_too_much(start + piece * middle) else (middle, many)
    return start + piece * few


def texts() -> dict[str, str]:
    """Return the dearest texts by name."""
    dear = {name: longest(piece, STARTS.get(name, "")) for name, piece in PIECES.items()}
    for language, line in CODE.items():
        code = (line * MAX_COLOURED)[: MAX_COLOURED - 1]
        dear[f"coloured {language}"] = f"```{language}\n{code}\n```\n"
        dear[f"{language} in one colour"] = (
            f"```{language}\n{(line * MAX_LENGTH)[: MAX_LENGTH - 100]}\n```\n"
        )
    colour = dear["coloured python"]
    dear["coloured code and lists"] = longest(PIECES["nested lists"], colour)
    dear["one mark too many"] = longest("*a* ") + "*a* *a*"
    return dear


def milliseconds(text: str) -> float:
    """Return the processor time of the quickest of some renderings."""
    times = []
    for _round in range(ROUNDS):
        began = time.process_time()
        render(text, ["/knowledge/a/b"])
        times.append(time.process_time() - began)
    return min(times) * 1000


def course_texts() -> list[str]:
    """Return the explanations and examples of the course: what is rendered every day."""
    course = json.loads((Path(__file__).parent.parent / "knowledge.json").read_text("utf-8"))
    pages = [page for topic in course["topics"] for page in topic["subtopics"]]
    return [text for page in pages for text in (page["content"], *page["examples"])]


def main() -> None:
    """Print the table, dearest first."""
    rows = sorted(
        ((milliseconds(text), name, text) for name, text in texts().items()), reverse=True
    )
    print(f"{'text':<28}{'characters':>12}{'ms of processor':>18}")
    for spent, name, text in rows:
        print(f"{name:<28}{len(text):>12}{spent:>18.1f}")
    usual = course_texts()
    shown = [text for text in usual if is_too_much(text)]
    mean = sum(map(milliseconds, usual)) / len(usual)
    print(
        f"\n{len(usual)} texts of the course: {mean:.1f} ms on average, {len(shown)} shown as text"
    )
    print(f"dearest: {rows[0][0]:.0f} ms, target {TARGET_MS} ms")


if __name__ == "__main__":
    main()
