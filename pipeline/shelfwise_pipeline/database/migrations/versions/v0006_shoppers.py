"""Shoppers: their last events without their impressions, and new events in the order of their transactions.

A shopper has ten times as many impressions as other events, and a history wants none of them. The indexes by user and by
session therefore hold the two apart: `type <> 'impression'` is a column of theirs, so that one index finds the last events
that count as well as all events of someone who is to be forgotten.

Who follows new events keeps the snapshot it saw last, and reads the rows of all transactions that this snapshot did not
show: each row exactly once, however long its transaction took. `transaction` is that transaction's number; rows from before
this migration have none, and no one follows them. It takes the place of `received_at`, whose index goes.
"""

from alembic import op

revision = "0006"
down_revision = "0004"

UPGRADE = """
DROP INDEX behavior.events_by_user, behavior.events_by_session, behavior.events_by_arrival;

CREATE INDEX events_by_user ON behavior.events (user_id, (type <> 'impression'), timestamp DESC) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_session ON behavior.events (session_id, (type <> 'impression'), timestamp DESC)
    WHERE session_id IS NOT NULL;

ALTER TABLE behavior.events ADD COLUMN transaction xid8;
ALTER TABLE behavior.events ALTER COLUMN transaction SET DEFAULT pg_current_xact_id();
CREATE INDEX events_by_transaction ON behavior.events (transaction) WHERE transaction IS NOT NULL;
COMMENT ON COLUMN behavior.events.transaction IS
    'that wrote it; who follows events reads those of transactions that its last snapshot did not show';
COMMENT ON COLUMN behavior.events.received_at IS 'start of the writing transaction';
"""

DOWNGRADE = """
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
