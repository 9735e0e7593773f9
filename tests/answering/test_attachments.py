"""Files are taken as text by what they hold, and refused with a reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pedabot.answering.attachments.checking import (
    MAX_FILE_BYTES,
    MAX_NAME_LENGTH,
    Refusal,
    RefusedFileError,
    check_file,
    safe_name,
)

NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Mon CNN\n", "Essai 1"]},
        {
            "cell_type": "code",
            "source": "model.fit(x, y)",
            "outputs": [
                {"output_type": "stream", "text": ["Epoch 1\n", "loss: nan\n"]},
                {"data": {"image/png": "iVBORw0KGgo", "text/plain": ["<Figure>"]}},
                {"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m: shapes"]},
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("train.py", "print('été')\n".encode()),
        ("train.PY", b"x = 1"),
        ("notes.txt", "déjà vu".encode("cp1252")),
        ("bom.txt", b"\xef\xbb\xbfbonjour"),
        ("lisez.md", b"# Titre\r\n"),
        ("iris.csv", b"a;b\n1;2\n3;4\n"),
        ("une.csv", b"valeur\n1\n2\n"),
        ("c.json", b'{"lr": 0.01}'),
        ("run.log", b"\x1b[32mEpoch 1\x1b[0m loss: 0.3\n"),
        ("mz.txt", b"MZ est le debut d'une phrase."),
        ("big.txt", b"a" * MAX_FILE_BYTES),
    ],
)
def test_text_is_taken(name: str, data: bytes) -> None:
    taken = check_file(name, data)
    assert taken.size == len(data)
    assert taken.content == taken.readable
    assert "\r" not in taken.content


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("virus.exe", b"x = 1", Refusal.TYPE),
        ("sans_extension", b"x = 1", Refusal.TYPE),
        ("page.html", b"<script>", Refusal.TYPE),
        ("train.py\u202egnp.exe", b"x", Refusal.TYPE),
        ("a.txt", b"a" * (MAX_FILE_BYTES + 1), Refusal.SIZE),
        ("a.txt", b"", Refusal.EMPTY),
        ("a.txt", b" \n\t", Refusal.EMPTY),
        ("a.txt", b"un\x00deux", Refusal.BINARY),
        ("a.txt", "utf-16".encode("utf-16"), Refusal.BINARY),
        ("a.txt", b"\x7fELF\x02\x01\x01 abc", Refusal.BINARY),
        ("a.py", b"MZ\x90\x03\x04\xff\xff" + bytes(range(1, 32)), Refusal.BINARY),
        ("a.txt", b"%PDF-1.7 trailer", Refusal.BINARY),
        ("a.log", b"\x89PNG\r\n\x1a\n...", Refusal.BINARY),
        ("a.txt", b"\x01\x02\x03\x04 abc", Refusal.BINARY),
        ("a.txt", b"\x81\x8d\x8f", Refusal.ENCODING),
        ("a.json", b'{"a": ', Refusal.JSON),
        ("a.json", b"[" + b"9" * 5000 + b"]", Refusal.JSON),
        ("a.json", b"[" * 100_000 + b"]" * 100_000, Refusal.NESTING),
        ("a.ipynb", b'{"worksheets": []}', Refusal.NOTEBOOK),
        ("a.ipynb", b'{"cells": ["x"]}', Refusal.NOTEBOOK),
        ("a.ipynb", b"[1]", Refusal.NOTEBOOK),
        ("a.csv", b"Bonjour, voici.\nUne phrase\nPuis, une, autre ; encore\nFin", Refusal.CSV),
        ("a.csv", b"a," + b'"' + b"x" * 200_000, Refusal.CSV),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, data: bytes, refusal: Refusal) -> None:
    with pytest.raises(RefusedFileError) as caught:
        check_file(name, data)
    assert caught.value.refusal is refusal


def test_wrong_json_tells_the_line() -> None:
    with pytest.raises(RefusedFileError) as caught:
        check_file("a.json", b'{\n"a": 1,\n}')
    assert caught.value.detail in {"2", "3"}


def test_a_notebook_is_read_by_cells_without_images() -> None:
    taken = check_file("essai.ipynb", json.dumps(NOTEBOOK).encode())
    assert taken.readable == (
        "# --- Cellule 1 (texte) ---\n# Mon CNN\nEssai 1\n\n"
        "# --- Cellule 2 (code) ---\nmodel.fit(x, y)\n\n"
        "# --- Sortie de la cellule 2 ---\nEpoch 1\nloss: nan\n<Figure>\nValueError: shapes\n"
    )
    assert "iVBOR" not in taken.readable
    assert "iVBOR" in taken.content


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\train.py", "train.py"),
        ("/abs/olu/te.md", "te.md"),
        (".env.txt", "env.txt"),
        ("..txt", "txt"),
        ("a\u202eb\u2066c.py", "abc.py"),
        ("a\x00b\nc\x7f.py", "abc.py"),
        ("  mes   notes .txt", "mes notes.txt"),
        ('<img src="x">.txt', "_img src=_x__.txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        (".py", "py"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.text("./\\\u202e\x00a", max_size=40))
def test_no_name_leads_out_of_a_folder(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= MAX_NAME_LENGTH
    assert not set("/\\<>\"'\n\x00\u202e\u2066") - {"'"} & set(safe)
    assert not safe.startswith(".")
    assert safe_name(safe) == safe
