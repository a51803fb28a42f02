"""Excludes numbers and moments of products that are none: NaN, which is above every bound, infinity, and years beyond four
digits.

Any writer with SQL could store them. A moment that Python does not support could not be read, and one such product kept every
retriever and ranker from following any other.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

UPGRADE = """
UPDATE catalog.products SET
    price = nullif(price, 'NaN'),
    rating = CASE WHEN rating < 'Infinity' THEN rating END,
    created_at = CASE WHEN created_at >= '0001-01-01 00:00Z' AND created_at < '10000-01-01 00:00Z' THEN created_at END
WHERE price = 'NaN' OR rating >= 'Infinity' OR created_at < '0001-01-01 00:00Z' OR created_at >= '10000-01-01 00:00Z';

ALTER TABLE catalog.products
    ADD CONSTRAINT products_price_finite CHECK (price < 'NaN'),
    ADD CONSTRAINT products_rating_finite CHECK (rating < 'Infinity'),
    ADD CONSTRAINT products_created_at_finite
        CHECK (created_at >= '0001-01-01 00:00Z' AND created_at < '10000-01-01 00:00Z');
"""
DOWNGRADE = """
ALTER TABLE catalog.products
    DROP CONSTRAINT products_price_finite,
    DROP CONSTRAINT products_rating_finite,
    DROP CONSTRAINT products_created_at_finite;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
