"""Judgements: how well a product answers a query, graded by people, to train and measure a text ranker."""

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = """
CREATE TABLE catalog.judgements (
    query      text NOT NULL CHECK (query <> ''),
    product_id text NOT NULL CHECK (product_id <> ''),
    grade      double precision NOT NULL CHECK (grade BETWEEN 0 AND 3),
    PRIMARY KEY (query, product_id)
);
COMMENT ON COLUMN catalog.judgements.product_id IS 'not a foreign key: judgements may come before their products';
COMMENT ON COLUMN catalog.judgements.grade IS '0: irrelevant; 3: exactly what was asked for';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE catalog.judgements")
