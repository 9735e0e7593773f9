"""A Jupyter notebook as a person reads it: the cells and what they printed, without images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def is_notebook(value: Any) -> bool:
    """Tell whether parsed JSON has the form of a notebook (format 4)."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("cells"), list)
        and all(isinstance(cell, dict) and "cell_type" in cell for cell in value["cells"])
    )


def readable(notebook: dict[str, Any]) -> str:
    """Return the cells of a notebook as text, each under a line that names it."""
    parts: list[str] = []
    for number, cell in enumerate(notebook["cells"], start=1):
        kind = "code" if cell["cell_type"] == "code" else "texte"
        parts.append(f"# --- Cellule {number} ({kind}) ---\n{_text(cell.get('source'))}".rstrip())
        outputs = "\n".join(filter(None, _printed(cell.get("outputs"))))
        if outputs:
            parts.append(f"# --- Sortie de la cellule {number} ---\n{outputs}")
    return "\n\n".join(parts) + "\n"


def _printed(outputs: Any) -> Iterator[str]:
    """Yield what a cell printed: streams, plain results and errors, never an image."""
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        plain = data.get("text/plain") if isinstance(data, dict) else None
        traceback = output.get("traceback")
        lines = "\n".join(map(str, traceback)) if isinstance(traceback, list) else ""
        for text in (_text(output.get("text")), _text(plain), lines):
            yield _COLOURS.sub("", text).strip()


def _text(source: Any) -> str:
    """Join the lines of a cell: the format allows a string or a list of strings."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
