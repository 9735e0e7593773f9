"""what was hidden in a question, and the question as it was sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("hidden", sa.JSON(), server_default="[]", nullable=False))
    op.add_column(
        "predictions", sa.Column("question", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("predictions", "question")
    op.drop_column("messages", "hidden")
