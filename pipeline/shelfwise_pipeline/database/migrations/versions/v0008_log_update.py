"""The log of updates compares sets, so that its plan can never be a nested loop.

PL/pgSQL keeps the plan that it made for the first statements of a session. A plan made for one row searched all old rows for
each new row; reused for the import of a whole catalog later in that session, it took minutes. An EXCEPT is hashed or sorted,
however few rows its plan was made for.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

FUNCTION = """
CREATE OR REPLACE FUNCTION catalog.log_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (TABLE after_rows EXCEPT TABLE before_rows) AS different) THEN
        INSERT INTO catalog.changes (product_id, kind)
            SELECT product_id, 'delete' FROM {gone};
        INSERT INTO catalog.changes (product_id, kind)
            SELECT product_id, 'upsert' FROM (TABLE after_rows EXCEPT TABLE before_rows) AS different;
    END IF;
    RETURN NULL;
END $$;
"""
BY_SETS = "(SELECT product_id FROM before_rows EXCEPT SELECT product_id FROM after_rows) AS gone"
BY_LOOKING_UP = "before_rows WHERE NOT EXISTS (SELECT FROM after_rows WHERE after_rows.product_id = before_rows.product_id)"


def upgrade() -> None:
    op.execute(FUNCTION.format(gone=BY_SETS))


def downgrade() -> None:
    op.execute(FUNCTION.format(gone=BY_LOOKING_UP))
