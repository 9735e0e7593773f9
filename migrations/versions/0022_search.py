"""the words of answers, which conversations a teacher has read, and an index for filters"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# How words are stemmed and written is the same here as wherever answers are stored.
from pedabot.storage.answer_index import Tokens, key_of, words_of
from pedabot.storage.columns import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ROWS_AT_ONCE = 1000
FACETS = ["conversation_id", "author", "topic", "level", "engine", "in_scope", "created_at"]

INDEXED = sa.table(
    "indexed_answers",
    sa.column("key", sa.BigInteger),
    sa.column("message_id", sa.Integer),
    sa.column("words", Tokens),
)
MESSAGES = sa.table(
    "messages",
    *map(sa.column, ("id", "question_id", "conversation_id", "content", "state", "replaced")),
    sa.column("created_at", UtcDateTime),
)
CONVERSATIONS = sa.table("conversations", *map(sa.column, ("id", "class_id", "user_id")))
REVIEWS = sa.table("reviews", *map(sa.column, ("message_id", "correction")))

FOR_SQLITE = (
    "CREATE VIRTUAL TABLE answer_index USING fts5(words, content='indexed_answers',"
    " content_rowid='key', tokenize=\"ascii tokenchars '_@'\")",
    "INSERT INTO answer_index(answer_index) VALUES ('rebuild')",
    "CREATE TRIGGER indexed_answers_added AFTER INSERT ON indexed_answers BEGIN"
    " INSERT INTO answer_index(rowid, words) VALUES (new.key, new.words); END",
    "CREATE TRIGGER indexed_answers_gone AFTER DELETE ON indexed_answers BEGIN"
    " INSERT INTO answer_index(answer_index, rowid, words)"
    " VALUES ('delete', old.key, old.words); END",
    "CREATE TRIGGER indexed_answers_changed AFTER UPDATE ON indexed_answers BEGIN"
    " INSERT INTO answer_index(answer_index, rowid, words)"
    " VALUES ('delete', old.key, old.words);"
    " INSERT INTO answer_index(rowid, words) VALUES (new.key, new.words); END",
)
FOR_POSTGRESQL = ("CREATE INDEX answer_index ON indexed_answers USING gin (words)",)


def upgrade() -> None:
    op.create_table(
        "read_marks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_read_marks_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_read_marks_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", name=op.f("pk_read_marks")),
    )
    op.create_index(op.f("ix_read_marks_conversation_id"), "read_marks", ["conversation_id"])
    op.create_table(
        "indexed_answers",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column(
            "words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_indexed_answers_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_indexed_answers")),
        sa.UniqueConstraint("message_id", name=op.f("uq_indexed_answers_message_id")),
    )
    op.create_index("ix_messages_facets", "messages", FACETS)
    op.drop_index("ix_messages_conversation_id", "messages")
    connection = op.get_bind()
    for rows in _batches(connection):
        connection.execute(sa.insert(INDEXED), rows)
    sqlite = connection.dialect.name == "sqlite"
    for statement in FOR_SQLITE if sqlite else FOR_POSTGRESQL:
        op.execute(statement)


def _batches(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of the answers that are there already; the index over them is made at once."""
    streamed = _answers().execution_options(yield_per=ROWS_AT_ONCE)
    for rows in connection.execute(streamed).partitions():
        yield [
            {
                "key": key_of(row.created_at, row.id),
                "message_id": row.id,
                "words": words_of(
                    row.class_id, row.user_id, f"{row.asked}\n{row.correction or row.content}"
                ),
            }
            for row in rows
        ]


def _answers() -> sa.Select[Any]:
    answers, questions = MESSAGES.alias(), MESSAGES.alias()
    return (
        sa.select(
            answers.c.id,
            answers.c.created_at,
            answers.c.content,
            questions.c.content.label("asked"),
            CONVERSATIONS.c.class_id,
            CONVERSATIONS.c.user_id,
            REVIEWS.c.correction,
        )
        .join_from(answers, questions, answers.c.question_id == questions.c.id)
        .join(CONVERSATIONS, answers.c.conversation_id == CONVERSATIONS.c.id)
        .outerjoin(REVIEWS, REVIEWS.c.message_id == answers.c.id)
        .where(CONVERSATIONS.c.class_id.is_not(None))
        .where(answers.c.state.not_in(("waiting", "streaming")), answers.c.replaced.is_(sa.false()))
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE answer_index")
    op.drop_table("indexed_answers")
    op.drop_table("read_marks")
    op.create_index("ix_messages_conversation_id", "messages", ["conversation_id"])
    op.drop_index("ix_messages_facets", "messages")
