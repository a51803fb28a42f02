"""Shoppers: their last events, the merging of sessions into users, and erasure.

A shopper has ten times as many impressions as other events, and a history needs none of them. So the indexes by user and by
session have a column `type <> 'impression'`: one index finds both the last events that count and all events of a shopper to be
erased. A user's events are spread over the whole table, so the index by user also includes what a history is made of, and the
table need not be read.

A follower of new events keeps the last snapshot it saw, and reads the rows of all transactions not visible in it: each row
exactly once, however long its transaction took. `transaction` is that transaction's number; rows from before this migration
have none, and are not followed. It replaces `received_at`, whose index is dropped.

Merging or erasing shoppers takes the lock `behavior.sessions` exclusively; writing events shares it. So every event is written
either before a merge, which then finds it, or after it, and then finds the merge.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

UPGRADE = """
DROP INDEX behavior.events_by_user, behavior.events_by_session, behavior.events_by_arrival;

CREATE INDEX events_by_user ON behavior.events (user_id, (type <> 'impression'), timestamp DESC)
    INCLUDE (product_id, type) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_session ON behavior.events (session_id, (type <> 'impression'), timestamp DESC)
    WHERE session_id IS NOT NULL;

ALTER TABLE behavior.events ADD COLUMN transaction xid8;
ALTER TABLE behavior.events ALTER COLUMN transaction SET DEFAULT pg_current_xact_id();
CREATE INDEX events_by_transaction ON behavior.events (transaction) WHERE transaction IS NOT NULL;
COMMENT ON COLUMN behavior.events.transaction IS
    'that wrote it; who follows events reads those of transactions that its last snapshot did not show';
COMMENT ON COLUMN behavior.events.received_at IS 'start of the writing transaction';

CREATE TABLE behavior.sessions (
    session_id text PRIMARY KEY CHECK (session_id <> ''),
    user_id    text NOT NULL CHECK (user_id <> ''),
    merged_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE behavior.sessions IS 'sessions that became a user: whatever else they do is that user''s';
CREATE INDEX sessions_by_user ON behavior.sessions (user_id);

CREATE TABLE behavior.shopper_changes (
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_at  timestamptz NOT NULL DEFAULT now(),
    shopper     bigint NOT NULL,
    becomes     bigint
);
COMMENT ON TABLE behavior.shopper_changes IS 'append-only; what rankers that hold counts in memory have to undo';
COMMENT ON COLUMN behavior.shopper_changes.shopper IS 'a hash of the id: of who was erased, not even the id is kept';
COMMENT ON COLUMN behavior.shopper_changes.becomes IS 'a hash of the user that a session became; null: erased';
CREATE INDEX shopper_changes_by_transaction ON behavior.shopper_changes (transaction);

CREATE TABLE behavior.rankings (
    request_id  text PRIMARY KEY,
    logged_at   timestamptz NOT NULL DEFAULT now(),
    asked_at    double precision NOT NULL,
    bundle      text NOT NULL,
    kind        text NOT NULL,
    features    text NOT NULL,
    product_ids text[] NOT NULL,
    matrix      bytea NOT NULL
);
COMMENT ON TABLE behavior.rankings IS
    'a sample of what was ranked, to train from; whoever it was shown to is known by the events with its request_id only';
COMMENT ON COLUMN behavior.rankings.asked_at IS 'seconds since 1970 that the features took for now';
COMMENT ON COLUMN behavior.rankings.features IS 'digest of the names of the columns of matrix, in order';
COMMENT ON COLUMN behavior.rankings.product_ids IS 'the best candidates, best first: one a row of matrix';
COMMENT ON COLUMN behavior.rankings.matrix IS 'float32, little-endian, row by row, compressed by zlib';
CREATE INDEX rankings_by_age ON behavior.rankings USING brin (logged_at) WITH (pages_per_range = 8, autosummarize = on);
"""

DOWNGRADE = """
DROP TABLE behavior.sessions, behavior.shopper_changes, behavior.rankings;
DROP INDEX behavior.events_by_user, behavior.events_by_session;
ALTER TABLE behavior.events DROP COLUMN transaction;
CREATE INDEX events_by_user ON behavior.events (user_id, timestamp DESC) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_session ON behavior.events (session_id, timestamp DESC) WHERE session_id IS NOT NULL;
CREATE INDEX events_by_arrival ON behavior.events (received_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
