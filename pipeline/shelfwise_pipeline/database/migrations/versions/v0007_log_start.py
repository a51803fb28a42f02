"""The start of the catalog's change log: changes that every kept bundle contains may be deleted from it.

Gaps in the numbers are usual (a rolled-back transaction has used some), so a follower could not tell from the rows alone
whether rows that it needs are gone.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

UPGRADE = """
CREATE TABLE catalog.log_start (
    seq  bigint NOT NULL CHECK (seq >= 0),
    single boolean PRIMARY KEY DEFAULT true CHECK (single)
);
COMMENT ON TABLE catalog.log_start IS 'one row: catalog.changes has every change from this number on';
INSERT INTO catalog.log_start (seq) VALUES (0);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE catalog.log_start")
