"""who did what, when and from where: rows that nobody changes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The table that each foreign key leads to.
PARENTS = {"actor_id": "users", "subject_id": "users", "class_id": "classes"}
FIXED = ("id", "at", "action", "detail", "kept_until")
# Only an erased account leaves such a row without an actor: a failed sign-in never had one.
FORGOTTEN = "{row}.actor_id IS NULL AND {row}.action <> 'session.refused'"


def _changed(differs: str) -> str:
    """Return the condition for a change that is none of forgetting who is gone.

    ``differs`` is how the database compares two values of which either may be NULL.
    """
    fixed = [f"NEW.{name} {differs} OLD.{name}" for name in FIXED]
    keys = [
        f"(NEW.{key} {differs} OLD.{key} AND (NEW.{key} IS NOT NULL"  # noqa: S608
        f" OR EXISTS (SELECT 1 FROM {parent} WHERE id = OLD.{key})))"
        for key, parent in PARENTS.items()
    ]
    address = (
        f"(NEW.address {differs} OLD.address AND NOT"
        f" (NEW.address = '' AND {FORGOTTEN.format(row='OLD')}))"
    )
    return " OR ".join([*fixed, *keys, address])


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [key], [f"{parent}.id"], name=f"fk_audit_{key}", ondelete="SET NULL"
            )
            for key, parent in PARENTS.items()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_kept_until", "audit", ["kept_until"])
    for column in (*PARENTS, "action"):
        op.create_index(f"ix_audit_{column}_id", "audit", [column, "id"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _guard_on_sqlite() -> None:
    op.execute(
        f"""CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit WHEN {_changed("IS NOT")}
        BEGIN SELECT RAISE(ABORT, 'the audit cannot be changed'); END"""
    )
    op.execute(
        f"""CREATE TRIGGER audit_address AFTER UPDATE OF actor_id ON audit
        WHEN {FORGOTTEN.format(row="NEW")} AND NEW.address <> ''
        BEGIN UPDATE audit SET address = '' WHERE id = NEW.id; END"""  # noqa: S608
    )
    op.execute(
        """CREATE TRIGGER audit_kept BEFORE DELETE ON audit
        WHEN OLD.kept_until > strftime('%Y-%m-%d %H:%M:%f', 'now')
        BEGIN SELECT RAISE(ABORT, 'the audit is kept until its day'); END"""
    )


def _guard_on_postgresql() -> None:
    op.execute(
        f"""CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' THEN
            IF OLD.kept_until > clock_timestamp() THEN
              RAISE EXCEPTION 'the audit is kept until its day';
            END IF;
            RETURN OLD;
          END IF;
          IF {_changed("IS DISTINCT FROM")} THEN
            RAISE EXCEPTION 'the audit cannot be changed';
          END IF;
          IF {FORGOTTEN.format(row="NEW")} THEN NEW.address := ''; END IF;
          RETURN NEW;
        END $$"""
    )
    op.execute(
        """CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION audit_guard()"""
    )


def downgrade() -> None:
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_guard()")
