"""when each quiz question is to be asked again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiz_cards",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("subtopic", sa.String(64), nullable=False),
        sa.Column("question", sa.String(16), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_quiz_cards_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "subtopic", "question", name="pk_quiz_cards"),
    )
    op.create_index("ix_quiz_cards_user_id_due_at", "quiz_cards", ["user_id", "due_at"])


def downgrade() -> None:
    op.drop_table("quiz_cards")
