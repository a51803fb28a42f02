"""Where the catalog's change log begins: what every bundle that is kept contains may be deleted from it.

Gaps in the numbers are usual (a transaction that was rolled back has used some), so a follower could not tell from the rows
alone whether some that it needs are gone.
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
