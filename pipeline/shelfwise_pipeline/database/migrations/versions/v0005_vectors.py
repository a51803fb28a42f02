"""Vectors of texts that were written while the shop was served; a bundle includes those of the texts it was built from."""

from alembic import op

revision = "0005"
down_revision = "0004"

UPGRADE = """
CREATE TABLE catalog.vectors (
    space      text NOT NULL CHECK (space <> ''),
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    vector     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space, sha256)
);
ALTER TABLE catalog.vectors ALTER COLUMN vector SET STORAGE PLAIN;
COMMENT ON TABLE catalog.vectors IS 'may be emptied at any time: what is missing is computed again';
COMMENT ON COLUMN catalog.vectors.space IS 'model/dimension/normalized: vectors may be compared only within one space';
COMMENT ON COLUMN catalog.vectors.sha256 IS 'of the text in UTF-8';
COMMENT ON COLUMN catalog.vectors.vector IS 'little-endian float32';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE catalog.vectors")
