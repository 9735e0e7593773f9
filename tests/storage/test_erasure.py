"""Nothing is left of an erased account: in no table, and in no byte of the files."""

from __future__ import annotations

import json
import random
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Table, func, select, text

from pedabot.extensions import db
from pedabot.storage.conversations import Message
from pedabot.storage.erasure import erase, overwrite_deleted
from pedabot.storage.people import User
from pedabot.storage.subjects import OF_NOBODY, UNSHOWN, bears_name, is_about
from pedabot.teaching import records
from tests.databases import only_sqlite
from tests.storage.filling import Filler

pytestmark = pytest.mark.usefixtures("context")
GOES, STAYS, NOBODY = "vvqz", "kkjw", "xxwy"


def _tables() -> list[Table]:
    return db.metadata.sorted_tables


def _count(table: Table, user_id: int) -> int:
    query = select(func.count()).select_from(table).where(is_about(table, user_id))
    return db.session.scalar(query) or 0


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.db*")))


def test_every_table_says_whom_its_rows_are_about() -> None:
    user_id = Filler(NOBODY).fill(GOES)
    for table in _tables():
        assert (_count(table, user_id) == 1) != (table.name in OF_NOBODY), (
            f"{table.name}: lead from it to users with ON DELETE CASCADE, "
            "or say in storage/subjects.py why its rows are about nobody"
        )
    assert set(OF_NOBODY) <= {table.name for table in _tables()}


def test_no_row_is_left_of_an_erased_account() -> None:
    filler = Filler(NOBODY)
    gone, left = filler.fill(GOES), filler.fill(STAYS)
    erase(db.session.get_one(User, gone))
    for table in _tables():
        assert _count(table, gone) == 0, table.name
        assert db.session.scalar(select(func.count()).where(bears_name(table, gone))) == 0
        rows = db.session.scalar(select(func.count()).select_from(table))
        assert rows == 1, table.name  # of the other person, or of nobody
        assert (_count(table, left) == 1) != (table.name in OF_NOBODY)


@only_sqlite
def test_no_byte_is_left_of_an_erased_account(instance: Path) -> None:
    filler = Filler(NOBODY)
    gone = filler.fill(GOES)
    filler.fill(STAYS)
    before = _bytes_of(instance)
    assert before.count(GOES.encode()) > len(_tables())
    erase(db.session.get_one(User, gone))
    db.session.remove()
    after = _bytes_of(instance)
    assert GOES.encode() not in after
    assert STAYS.encode() in after
    assert NOBODY.encode() in after


@only_sqlite
def test_no_byte_is_left_where_sqlite_moved_rows_between_pages(instance: Path) -> None:
    """Deletion with ``secure_delete`` alone leaves copies of moved rows behind, here 15 of them."""
    chance = random.Random(3)
    run = db.session.connection().exec_driver_sql
    run(
        "CREATE TABLE scraps (id INTEGER PRIMARY KEY, person INTEGER, slug TEXT UNIQUE, words TEXT)"
    )
    run("CREATE INDEX people ON scraps (person)")
    for number in range(4000):
        person, words = chance.randrange(20), chance.choice([5, 40, 200, 700])
        row = (number, person, f"p{person:03}{chance.random()}", f"p{person:03} " * words)
        run("INSERT INTO scraps VALUES (?, ?, ?, ?)", row)
        if number % 7 == 0:
            words = chance.choice([2, 90, 500])
            run("UPDATE scraps SET words = ? WHERE id = ?", (f"p{person:03} " * words, number))
    db.session.commit()
    for person in range(3):
        db.session.execute(text("DELETE FROM scraps WHERE person = :person"), {"person": person})
        db.session.commit()
    overwrite_deleted()
    left = _bytes_of(instance)
    assert [left.count(b"p%03d" % person) for person in range(3)] == [0, 0, 0]
    assert b"p004" in left


def test_what_classmates_were_given_again_tells_no_more_who_asked_first() -> None:
    filler = Filler(NOBODY)
    gone, left = filler.fill(GOES), filler.fill(STAYS)
    theirs = select(Message).join(Message.conversation)
    first = db.session.scalars(theirs.filter_by(user_id=gone)).one()
    again = db.session.scalars(theirs.filter_by(user_id=left)).one()
    again.repeats = first.slug
    db.session.commit()
    erase(db.session.get_one(User, gone))
    db.session.expire_all()
    assert again.repeats is None
    assert again.content.startswith(STAYS)


def test_a_copy_holds_each_row_about_the_person_and_no_secret() -> None:
    filler = Filler(NOBODY)
    user = db.session.get_one(User, filler.fill(GOES))
    filler.fill(STAYS)
    file = BytesIO()
    records.write_copy(user, ["<h1>vvqz</h1>"], b"", file)
    with ZipFile(file) as archive:
        names = archive.namelist()
        assert names[:3] == ["mes-donnees.html", "mes-donnees.css", "donnees.json"]
        assert archive.read(names[3]).decode().startswith(GOES)
        text = archive.read("donnees.json").decode()
    assert STAYS not in text
    tables = json.loads(text)
    assert set(tables) == {table.name for table in _tables()}
    for table in _tables():
        shown = {column.name for column in table.columns} - UNSHOWN.get(table.name, set())
        bears = any(key.column.table.name == "users" for key in table.foreign_keys)
        expected = [] if table.name in OF_NOBODY and not bears else [shown]
        assert [set(row) for row in tables[table.name]] == expected, table.name
    assert (user.password_hash or "") not in text
