"""What every connection of ours says to PostgreSQL first, whatever a server, a database or a role has for its default."""

AS_EXPECTED = (
    # Who waited for a lock has to see what was committed meanwhile; in a snapshot of before it an erasure misses events.
    "SET default_transaction_isolation = 'read committed'; "
    # psycopg reads times in this form only.
    "SET DateStyle = 'ISO'; "
    "SET TIME ZONE 'UTC'; "
    # All digits, so that a moment that is read is the moment that was written.
    "SET extra_float_digits = 1"
)
