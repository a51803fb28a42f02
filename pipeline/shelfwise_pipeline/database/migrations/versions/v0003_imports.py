"""Which sources have been imported, and whether their import was completed."""

from alembic import op

revision = "0003"
down_revision = "0002"

UPGRADE = """
CREATE TABLE catalog.imports (
    source      text PRIMARY KEY,
    digest      text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON COLUMN catalog.imports.digest IS 'of what was imported; another digest means that it should be imported again';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE catalog.imports")
