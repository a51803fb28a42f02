"""What every connection of ours says to PostgreSQL first, whatever a server, a database or a role has for its default."""

AS_EXPECTED = (
    # Who waited for a lock has to see what was committed meanwhile; in a snapshot of before it an erasure misses events.
    "SET default_transaction_isolation = 'read committed'; "
    # psycopg reads times in this form only.
    "SET DateStyle = 'ISO'; "
    "SET TIME ZONE 'UTC'; "
    # All digits, so that a moment that is read is the moment that was written.
    "SET extra_float_digits = 1; "
    # Limits for people's queries: a ranker that catches up, or an import, takes its time. What needs a bound sets its own.
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN "
    "('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')"
)
