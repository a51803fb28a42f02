"""What every connection sends to PostgreSQL first, whatever the defaults of a server, a database or a role are."""

AS_EXPECTED = (
    # A transaction that waited for a lock must see what was committed meanwhile; with an older snapshot an erasure misses
    # events.
    "SET default_transaction_isolation = 'read committed'; "
    # psycopg parses times in this form only.
    "SET DateStyle = 'ISO'; "
    "SET TIME ZONE 'UTC'; "
    # All digits, so that the moment that is read is the moment that was written.
    "SET extra_float_digits = 1; "
    # Limits meant for people's queries: a ranker that catches up, or an import, takes longer. Work that needs a bound sets its
    # own.
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN "
    "('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')"
)
