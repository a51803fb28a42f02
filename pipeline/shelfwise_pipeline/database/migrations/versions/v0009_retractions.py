"""Retracted events: deleted from `behavior.events`, and remembered by id, so that they are not stored when sent again.

Retracting events takes the lock `behavior.sessions` exclusively, like merging or erasing shoppers; writing events shares it. So
an event is written either before its retraction, which finds and deletes it, or after it, and is not written.

A row also tells rankers, which count in memory, what to subtract. They must do so only if they had counted the event, which its
transaction tells: it is older than the follower's snapshot, or the ranker's own.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

UPGRADE = """
CREATE TABLE behavior.retractions (
    event_id          text PRIMARY KEY CHECK (event_id <> ''),
    transaction       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    retracted_at      timestamptz NOT NULL DEFAULT now(),
    event_transaction xid8,
    type              text,
    product_id        text,
    timestamp         timestamptz,
    shopper           bigint,
    session_id        text,
    request_id        text
);
COMMENT ON TABLE behavior.retractions IS 'events that were taken back; no event of these ids is written any more';
COMMENT ON COLUMN behavior.retractions.event_transaction IS 'that wrote the event; null: of an early release';
COMMENT ON COLUMN behavior.retractions.type IS 'what was taken back, as are the columns after it; null: the event never came';
COMMENT ON COLUMN behavior.retractions.shopper IS 'a hash of the id, see shopper_changes';
COMMENT ON COLUMN behavior.retractions.session_id IS
    'of a user''s event: as request_id, what was the user''s and has to be erased with the user, whatever else tells of it';
CREATE INDEX retractions_by_transaction ON behavior.retractions (transaction);
CREATE INDEX retractions_by_shopper ON behavior.retractions (shopper) WHERE shopper IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE behavior.retractions")
