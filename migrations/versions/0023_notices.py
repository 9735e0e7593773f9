"""which privacy notice an account has read, and when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("notice_version", sa.String(16), nullable=True))
    op.add_column("users", sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "notice_at")
    op.drop_column("users", "notice_version")
