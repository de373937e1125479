"""Statements of the business clock. Each service reads the same row in its own transactions."""

from shared.db import sql

# Only ever ahead, also when two callers move it at once: the row's own time decides.
MOVE = sql("""
    UPDATE bus.business_clock SET ahead = CAST(:now AS timestamptz) - clock_timestamp()
    WHERE clock_timestamp() + ahead <= CAST(:now AS timestamptz)
""")
