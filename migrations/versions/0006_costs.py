"""what answers cost: in the log, and summed for each day, class and model"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "predictions",
        sa.Column("estimated", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("predictions", sa.Column("cost", sa.BigInteger(), nullable=True))
    op.execute("UPDATE predictions SET cost = 0 WHERE engine = 'offline'")
    op.create_table(
        "spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("classroom", sa.String(24), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("unpriced", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "classroom", "model", name=op.f("pk_spending")),
    )


def downgrade() -> None:
    op.drop_table("spending")
    op.drop_column("predictions", "cost")
    op.drop_column("predictions", "estimated")
