"""versions of the prompt, and comparisons of two"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def upgrade() -> None:
    # Not as a batch: making "users" anew would delete all that hangs on its rows.
    op.add_column(
        "users",
        sa.Column("edits_prompts", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _create_prompts()
    _create_comparisons()
    with op.batch_alter_table("predictions") as batch_op:
        batch_op.alter_column("message_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("compared_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("prompt_version_id", sa.Integer(), nullable=True))
        batch_op.create_index(op.f("ix_predictions_compared_id"), ["compared_id"])
        batch_op.create_foreign_key(
            op.f("fk_predictions_compared_id"),
            "compared_answers",
            ["compared_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_foreign_key(
            op.f("fk_predictions_prompt_version_id"),
            "prompt_versions",
            ["prompt_version_id"],
            ["id"],
        )


def _create_prompts() -> None:
    op.create_table(
        "prompt_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("prompt_versions", "author_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_versions")),
    )
    op.create_table(
        "prompt_activations",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("prompt_activations", "version_id", "prompt_versions"),
        _key("prompt_activations", "user_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_prompt_activations")),
    )


def _create_comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(24), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("left_id", sa.Integer(), nullable=True),
        sa.Column("right_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("comparisons", "author_id", "users", "SET NULL"),
        _key("comparisons", "class_id", "classes", "CASCADE"),
        _key("comparisons", "left_id", "prompt_versions"),
        _key("comparisons", "right_id", "prompt_versions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
        sa.UniqueConstraint("slug", name=op.f("uq_comparisons_slug")),
    )
    for column in ("author_id", "class_id", "state"):
        op.create_index(op.f(f"ix_comparisons_{column}"), "comparisons", [column])
    op.create_table(
        "compared_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.Column("vote", sa.String(20), nullable=True),
        _key("compared_questions", "comparison_id", "comparisons", "CASCADE"),
        _key("compared_questions", "message_id", "messages", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compared_questions")),
    )
    for column in ("comparison_id", "message_id"):
        op.create_index(op.f(f"ix_compared_questions_{column}"), "compared_questions", [column])
    op.create_table(
        "compared_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("claim", sa.String(24), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("in_scope", sa.Boolean(), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        _key("compared_answers", "comparison_id", "comparisons", "CASCADE"),
        _key("compared_answers", "question_id", "compared_questions", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compared_answers")),
    )
    op.create_index(
        op.f("ix_compared_answers_comparison_id_step"),
        "compared_answers",
        ["comparison_id", "step"],
    )
    op.create_index(op.f("ix_compared_answers_question_id"), "compared_answers", ["question_id"])


def downgrade() -> None:
    predictions = sa.table("predictions", sa.column("message_id", sa.Integer))
    op.execute(sa.delete(predictions).where(predictions.c.message_id.is_(None)))
    with op.batch_alter_table("predictions") as batch_op:
        for column in ("prompt_version_id", "compared_id"):
            batch_op.drop_constraint(op.f(f"fk_predictions_{column}"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_predictions_compared_id"))
        batch_op.drop_column("prompt_version_id")
        batch_op.drop_column("compared_id")
        batch_op.alter_column("message_id", existing_type=sa.Integer(), nullable=False)
    for table in (
        "compared_answers",
        "compared_questions",
        "comparisons",
        "prompt_activations",
        "prompt_versions",
    ):
        op.drop_table(table)
    op.drop_column("users", "edits_prompts")
