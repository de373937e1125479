"""Statements over how each channel is; PostgreSQL's clock."""

from shared.db import sql

# `channel` may be new. What succeeded after a failure ends it.
SUCCEEDED = sql("""
INSERT INTO notifier.channel_state AS s (channel, success_at) VALUES (:channel, clock_timestamp())
ON CONFLICT (channel) DO UPDATE SET success_at = clock_timestamp(), failures = 0, failing_since = NULL
""")

FAILED = sql("""
INSERT INTO notifier.channel_state AS s (channel, failures, failing_since, error, error_at)
VALUES (:channel, :count, clock_timestamp(), :error, clock_timestamp())
ON CONFLICT (channel) DO UPDATE
SET failures = s.failures + :count, failing_since = coalesce(s.failing_since, clock_timestamp()),
    error = excluded.error, error_at = clock_timestamp()
""")
