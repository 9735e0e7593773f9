"""accounts of the school, deactivated accounts, archived classes, join codes that end"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: making these tables anew would delete all that hangs on their rows.
    moment = sa.DateTime(timezone=True)
    op.add_column("users", sa.Column("deactivated_at", moment, nullable=True))
    closed = sa.Column("join_closed", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("classes", closed)
    op.add_column("classes", sa.Column("join_until", moment, nullable=True))
    op.add_column("classes", sa.Column("archived_at", moment, nullable=True))
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_identities_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
    )
    op.create_index(op.f("ix_identities_user_id"), "identities", ["user_id"])


def downgrade() -> None:
    op.drop_table("identities")
    for column in ("archived_at", "join_until", "join_closed"):
        op.drop_column("classes", column)
    op.drop_column("users", "deactivated_at")
