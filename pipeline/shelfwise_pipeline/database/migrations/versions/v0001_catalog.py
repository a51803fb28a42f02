"""The catalog: products, and the append-only log of their changes.

The log is written by triggers, in the transaction of the write itself, so no writer can omit it, and only rows that really
differ are logged. Followers read `seq` in order. That is safe only if a lower number never becomes visible after a higher one,
so a writer takes a lock before its first number and keeps it until it commits.
"""

from alembic import op

revision = "0001"
down_revision = None

UPGRADE = """
CREATE SCHEMA catalog;

CREATE TABLE catalog.products (
    product_id    text PRIMARY KEY CHECK (product_id <> ''),
    title         text NOT NULL CHECK (title <> ''),
    description   text,
    brand         text,
    category      text[] NOT NULL DEFAULT '{}',
    price         numeric(14, 4) CHECK (price >= 0),
    currency      text CHECK (currency ~ '^[A-Z]{3}$'),
    image_url     text,
    rating        double precision CHECK (rating >= 0),
    rating_count  integer CHECK (rating_count >= 0),
    in_stock      boolean NOT NULL DEFAULT true,
    attributes    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    variant_group text,
    created_at    timestamptz
);
COMMENT ON COLUMN catalog.products.category IS 'path from broad to narrow';
COMMENT ON COLUMN catalog.products.attributes IS 'text to text';

CREATE TABLE catalog.changes (
    seq          bigserial PRIMARY KEY,
    product_id   text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('upsert', 'delete')),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE catalog.changes IS 'append-only; seq order is commit order, see the trigger order_changes';

CREATE FUNCTION catalog.order_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('catalog.changes'::regclass::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER order_changes BEFORE INSERT ON catalog.changes
    FOR EACH STATEMENT EXECUTE FUNCTION catalog.order_changes();

CREATE FUNCTION catalog.log_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM after_rows) THEN
        INSERT INTO catalog.changes (product_id, kind) SELECT product_id, 'upsert' FROM after_rows;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_insert AFTER INSERT ON catalog.products
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog.log_insert();

CREATE FUNCTION catalog.log_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (TABLE after_rows EXCEPT TABLE before_rows) AS different) THEN
        INSERT INTO catalog.changes (product_id, kind)
            SELECT product_id, 'delete' FROM before_rows
            WHERE NOT EXISTS (SELECT FROM after_rows WHERE after_rows.product_id = before_rows.product_id);
        INSERT INTO catalog.changes (product_id, kind)
            SELECT product_id, 'upsert' FROM (TABLE after_rows EXCEPT TABLE before_rows) AS different;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_update AFTER UPDATE ON catalog.products
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog.log_update();

CREATE FUNCTION catalog.log_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM before_rows) THEN
        INSERT INTO catalog.changes (product_id, kind) SELECT product_id, 'delete' FROM before_rows;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_delete AFTER DELETE ON catalog.products
    REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog.log_delete();

CREATE FUNCTION catalog.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE leaves no trace in catalog.changes; use DELETE FROM catalog.products';
END $$;
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON catalog.products
    FOR EACH STATEMENT EXECUTE FUNCTION catalog.refuse_truncate();
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP SCHEMA catalog CASCADE")
