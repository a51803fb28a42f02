"""Behavior: what shoppers did.

Indexes by use: a ranker reads the last events of one user or session (the two partial indexes) and follows events that arrived
since its last read (`received_at`). A build reads everything, or a span of time (BRIN: a few kilobytes, since events arrive
nearly in the order of their time).
"""

from alembic import op

revision = "0002"
down_revision = "0001"

UPGRADE = """
CREATE SCHEMA behavior;

CREATE TABLE behavior.events (
    event_id    text PRIMARY KEY CHECK (event_id <> ''),
    type        text NOT NULL CHECK (type IN ('impression', 'view', 'add_to_cart', 'purchase')),
    product_id  text NOT NULL CHECK (product_id <> ''),
    user_id     text,
    session_id  text,
    timestamp   timestamptz NOT NULL,
    quantity    integer CHECK (quantity >= 1),
    value       numeric(14, 4) CHECK (value >= 0),
    request_id  text,
    position    integer CHECK (position >= 1),
    received_at timestamptz NOT NULL DEFAULT now(),
    CHECK (user_id IS NOT NULL OR session_id IS NOT NULL)
);
COMMENT ON COLUMN behavior.events.event_id IS 'idempotency key: the same event sent twice is stored once';
COMMENT ON COLUMN behavior.events.product_id IS 'not a foreign key: events outlive the products they are about';
COMMENT ON COLUMN behavior.events.received_at IS
    'start of the writing transaction; who follows events looks back some seconds and skips event ids already seen';

CREATE INDEX events_by_user ON behavior.events (user_id, timestamp DESC) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_session ON behavior.events (session_id, timestamp DESC) WHERE session_id IS NOT NULL;
CREATE INDEX events_by_arrival ON behavior.events (received_at);
CREATE INDEX events_by_time ON behavior.events USING brin (timestamp) WITH (pages_per_range = 32, autosummarize = on);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP SCHEMA behavior CASCADE")
