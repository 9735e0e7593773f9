"""A list of students as spreadsheets write it."""

from __future__ import annotations

import pytest

from pedabot.knowledge.document import Difficulty
from pedabot.teaching.roster_file import (
    MAX_BYTES,
    MAX_LINES,
    FileProblem,
    Line,
    Refusal,
    RosterFileError,
    decode,
    read,
)

LIST = "pseudonyme;niveau\r\nZoé D.;débutant\r\nKarim B.;Avancé\r\n"


def problem(data: bytes) -> FileProblem:
    with pytest.raises(RosterFileError) as caught:
        read(decode(data))
    return caught.value.problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_delimiters_are_found_out(encoding: str, delimiter: str) -> None:
    lines = read(decode(LIST.replace(";", delimiter).encode(encoding)))
    assert lines == [
        Line(2, "Zoé D.", Difficulty.BEGINNER),
        Line(3, "Karim B.", Difficulty.ADVANCED),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zoé D.\nKarim\n", ["Zoé D.", "Karim"]),
        ("Zoé D.,avancé\n\n  \nKarim,\n", ["Zoé D.", "Karim"]),
        ("Niveau;Identifiant\ndébutant;Zoé\n", ["Zoé"]),
        ("Nom;Prénom\nDUPONT;Zoé\nBen Ali;Karim\n", ["Zoé D.", "Karim B."]),
        ('"Zoé";"avancé"\n', ["Zoé"]),
        ("  Zoé   D. ;\n", ["Zoé D."]),
    ],
)
def test_a_header_may_be_there_or_not(text: str, names: list[str]) -> None:
    lines = read(text)
    assert [line.username for line in lines] == names
    assert {line.refusal for line in lines} == {None}


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (";avancé", Refusal.NO_NAME),
        ("Z", Refusal.BAD_NAME),
        ("x" * 33, Refusal.BAD_NAME),
        ("=1+1", Refusal.BAD_NAME),
        ("<b>Zoé</b>", Refusal.BAD_NAME),
        ("Karim;expert", Refusal.UNKNOWN_LEVEL),
        ("ZOÉ", Refusal.TWICE),
    ],
)
def test_each_line_that_cannot_be_says_why(row: str, refusal: Refusal) -> None:
    good, bad = read(f"Zoé;\n{row}\n")
    assert good.refusal is None
    assert bad.refusal is refusal
    assert bad.twin == (1 if refusal is Refusal.TWICE else None)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", FileProblem.EMPTY),
        (b" \n\n", FileProblem.EMPTY),
        (b"pseudonyme;niveau\n", FileProblem.EMPTY),
        (b"PK\x03\x04\x00\x00", FileProblem.NOT_TEXT),
        (b"\x81\x8d\n", FileProblem.NOT_TEXT),
        (b"x" * (MAX_BYTES + 1), FileProblem.TOO_LARGE),
        (b"ab\n" * (MAX_LINES + 1), FileProblem.TOO_MANY_LINES),
        (b'"Zo\n', FileProblem.BROKEN_QUOTES),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(data: bytes, expected: FileProblem) -> None:
    assert problem(data) is expected
