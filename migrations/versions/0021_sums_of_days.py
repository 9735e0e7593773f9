"""sums of days that are over, answers to review, indexes for the teachers' pages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEXES = (
    ("conversations", ("class_id", "user_id", "updated_at")),
    ("conversations", ("class_id", "created_at")),
    ("messages", ("created_at",)),
    ("predictions", ("created_at", "id")),
)


def upgrade() -> None:
    op.create_table(
        "day_sums",
        sa.Column("scope", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sums", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("scope", "since", name=op.f("pk_day_sums")),
    )
    op.create_table(
        "to_review",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_to_review_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["classes.id"], name=op.f("fk_to_review_class_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_to_review")),
    )
    columns = ["class_id", "weight", "message_id"]
    op.create_index("ix_to_review_class_id_weight_message_id", "to_review", columns)
    for table, names in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, list(names))
    is_open = sa.text("dismissed_at IS NULL")
    op.create_index(
        "ix_alarms_open", "alarms", ["id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.execute(_answers_to_review())


def _answers_to_review() -> sa.TextClause:
    """The list as it is when the table is made: what is in no list weighs nothing."""
    weights = " + ".join(
        f"CASE WHEN {concern} THEN {weight} ELSE 0 END"
        for weight, concern in (
            (8, "r.id IS NOT NULL"),
            (4, "f.id IS NOT NULL"),
            (2, "CAST(m.unverified AS TEXT) <> '[]'"),
            (1, "NOT m.in_scope"),
        )
    )
    return sa.text(
        "INSERT INTO to_review (message_id, class_id, weight)"  # noqa: S608
        " SELECT * FROM (SELECT m.id, c.class_id, "
        + weights
        + " AS weight FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " LEFT JOIN reports r ON r.message_id = m.id"
        " LEFT JOIN feedback f ON f.message_id = m.id AND NOT f.helpful"
        " LEFT JOIN reviews v ON v.message_id = m.id"
        " WHERE c.class_id IS NOT NULL AND NOT m.replaced"
        " AND m.state IN ('complete', 'stopped') AND v.id IS NULL) AS weighed WHERE weight > 0"
    )


def downgrade() -> None:
    op.drop_index("ix_alarms_open", "alarms")
    for table, names in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(names)}", table)
    op.drop_table("to_review")
    op.drop_table("day_sums")
