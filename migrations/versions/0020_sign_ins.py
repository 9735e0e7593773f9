"""sessions as rows, so that each can be ended; everybody signs in again once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"])
    with op.batch_alter_table("users") as users:
        users.drop_constraint(op.f("uq_users_session_key"), type_="unique")
        users.drop_column("session_key")


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("session_key", sa.String(24), nullable=True))
    # A slug is unique and nobody has it in a cookie: all are signed out.
    op.execute("UPDATE users SET session_key = 'ended-' || id")
    with op.batch_alter_table("users") as users:
        users.alter_column("session_key", existing_type=sa.String(24), nullable=False)
        users.create_unique_constraint(op.f("uq_users_session_key"), ["session_key"])
    op.drop_index(op.f("ix_sign_ins_user_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
