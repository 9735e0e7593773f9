"""a mark on the class of a demonstration and its accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("users", "classes"):
        mark = sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column(table, mark)


def downgrade() -> None:
    for table in ("users", "classes"):
        op.drop_column(table, "demo")
