"""answers that were stopped for what they said, and claims that no passage holds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("blocked", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "messages", sa.Column("unverified", sa.JSON(), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("messages", "unverified")
    op.drop_column("messages", "blocked")
