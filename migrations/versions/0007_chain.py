"""the breaker of each model, the calls under way, and why an answer is not a model's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breakers",
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_breakers")),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=24), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("slot", name=op.f("uq_calls_slot")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_calls_process"), "calls", ["process"])
    op.add_column("messages", sa.Column("reason", sa.String(length=20), nullable=True))
    op.add_column(
        "predictions", sa.Column("queued_ms", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("predictions", "queued_ms")
    op.drop_column("messages", "reason")
    op.drop_table("calls")
    op.drop_table("breakers")
