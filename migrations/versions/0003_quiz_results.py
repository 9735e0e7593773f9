"""quiz results, and the notion that a conversation is about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiz_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("subtopic", sa.String(length=64), nullable=False),
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_quiz_results_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_results")),
    )
    with op.batch_alter_table("quiz_results", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quiz_results_user_id_subtopic_question_id"),
            ["user_id", "subtopic", "question", "id"],
            unique=False,
        )
    # A plain column: making the table anew would fire the cascades of what hangs on it.
    op.add_column("conversations", sa.Column("subtopic", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "subtopic")
    op.drop_table("quiz_results")
