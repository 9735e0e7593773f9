"""who may edit the course, and who activated a version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: making "users" anew would delete all that hangs on its rows.
    op.add_column(
        "users",
        sa.Column("edits_course", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("course_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("activated_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_course_versions_activated_by_id"),
            "users",
            ["activated_by_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("course_versions", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_course_versions_activated_by_id"), type_="foreignkey"
        )
        batch_op.drop_column("activated_by_id")
    op.drop_column("users", "edits_course")
