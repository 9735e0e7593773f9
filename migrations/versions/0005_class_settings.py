"""what a class decides for itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    settings = op.create_table(
        "class_settings",
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("guided", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("temperature", sa.Double(), nullable=True),
        sa.Column("max_tokens", sa.Integer(), nullable=True),
        sa.Column("questions_per_minute", sa.Integer(), nullable=True),
        sa.Column("questions_per_hour", sa.Integer(), nullable=True),
        sa.Column("questions_per_day", sa.Integer(), nullable=True),
        sa.Column("budget_per_day", sa.BigInteger(), nullable=True),
        sa.Column("budget_per_month", sa.BigInteger(), nullable=True),
        sa.Column("days_kept", sa.Integer(), nullable=True),
        sa.Column("opening_hours", sa.JSON(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["classes.id"],
            name=op.f("fk_class_settings_class_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("class_id", name=op.f("pk_class_settings")),
    )
    classes = sa.table("classes", sa.column("id", sa.Integer))
    existing = op.get_bind().execute(sa.select(classes.c.id)).scalars().all()
    defaults = {"level": "beginner", "models": [], "opening_hours": []}
    if existing:
        op.bulk_insert(settings, [{"class_id": class_id, **defaults} for class_id in existing])


def downgrade() -> None:
    op.drop_table("class_settings")
