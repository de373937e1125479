"""Statements of the bus. PostgreSQL's clock decides; nobody else's."""

from shared.db import sql
from shared.retry import FIRST_SECONDS, LONGEST_SECONDS

INSERT_MESSAGES = sql("""
    INSERT INTO bus.message (message_id, name, version, body)
    SELECT message_id, :name, :version, body
    FROM unnest(CAST(:ids AS uuid[]), CAST(:bodies AS bytea[])) AS m (message_id, body)
""")

INSERT_DELIVERIES = sql("""
    INSERT INTO bus.delivery (message_id, consumer, urgent)
    SELECT message_id, consumer, :urgent
    FROM unnest(CAST(:ids AS uuid[])) AS message_id, unnest(CAST(:consumers AS text[])) AS consumer
""")

# Whatever took its worker down waits longer each time, like what failed: a worker that is killed again and
# again, for whatever reason, does not use up the attempts of all that it touches within half a minute.
_LAPSED = f"""lease_until < clock_timestamp() - make_interval(
    secs => least({FIRST_SECONDS} * 2.0 ^ (attempt - 2), {LONGEST_SECONDS}))"""

# A claim is one delivery: a job that kills its worker takes no neighbour with it, and its attempt
# is counted before it runs. It is a transaction of its own, one round trip; losing it in a crash is
# harmless, so it does not wait until it is flushed.
_CLAIM = """
    UPDATE bus.delivery AS d
    SET state = 'claimed', attempt = attempt + 1, token = CAST(:token AS uuid),
        lease_until = clock_timestamp() + make_interval(secs => :lease)
    FROM (
        SELECT message_id FROM bus.delivery
        WHERE consumer = :consumer AND {which}
          AND (state = 'pending' OR (state = 'claimed' AND {lapsed}))
        ORDER BY due_at LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS next, bus.message AS m
    WHERE d.message_id = next.message_id AND d.consumer = :consumer AND m.message_id = d.message_id
    RETURNING d.message_id, d.attempt, m.name, m.version, m.body,
              set_config('synchronous_commit', 'off', true) AS unflushed
"""

CLAIM_NAMED = sql(
    _CLAIM.format(
        which="message_id = ANY(CAST(:ids AS uuid[])) AND due_at <= clock_timestamp()", lapsed=_LAPSED
    )
)
CLAIM_DUE = sql(
    _CLAIM.format(
        which="urgent = :urgent AND due_at <= clock_timestamp() - make_interval(secs => :age)", lapsed=_LAPSED
    )
)

# For `Reads`. What is locked by its holder may be found too; the claim passes it over.
ANY_DUE = """
    SELECT FROM bus.delivery
    WHERE consumer = $1 AND urgent = $2 AND due_at <= clock_timestamp() - make_interval(secs => $3)
      AND (state = 'pending' OR (state = 'claimed' AND lease_until < clock_timestamp()))
    LIMIT 1
"""

LOCK_MINE = sql("""
    SELECT 1 FROM bus.delivery
    WHERE message_id = :message_id AND consumer = :consumer
      AND state = 'claimed' AND token = CAST(:token AS uuid)
    FOR UPDATE
""")

SETTLE_DONE = sql("""
    UPDATE bus.delivery
    SET state = 'done', token = NULL, lease_until = NULL, error = NULL, settled_at = clock_timestamp()
    WHERE message_id = :message_id AND consumer = :consumer
""")

SETTLE_FAILED = sql("""
    UPDATE bus.delivery
    SET state = CAST(:state AS text), token = NULL, lease_until = NULL, error = :error,
        due_at = clock_timestamp() + make_interval(secs => :wait),
        settled_at = CASE WHEN :state = 'dead' THEN clock_timestamp() END
    WHERE message_id = :message_id AND consumer = :consumer
      AND state = 'claimed' AND token = CAST(:token AS uuid)
""")

GIVE_BACK = sql("""
    UPDATE bus.delivery
    SET state = 'pending', token = NULL, lease_until = NULL, attempt = attempt - 1
    WHERE message_id = :message_id AND consumer = :consumer
      AND state = 'claimed' AND token = CAST(:token AS uuid)
""")

DEPTHS = sql("""
    SELECT consumer, urgent, count(*) AS depth, max(attempt) AS attempts,
           extract(epoch FROM clock_timestamp() - min(due_at)) AS oldest
    FROM bus.delivery WHERE state IN ('pending', 'claimed') AND consumer = :consumer
    GROUP BY consumer, urgent
""")

DEAD_COUNT = sql("SELECT count(*) FROM bus.delivery WHERE state = 'dead' AND consumer = :consumer")

PUT_OFF_COUNTS = sql(
    "SELECT task, count(*) AS items FROM bus.put_off WHERE consumer = :consumer GROUP BY task"
)

ENSURE_SCHEDULE = sql("""
    INSERT INTO bus.schedule (consumer, name) VALUES (:consumer, :name) ON CONFLICT DO NOTHING
""")

# For `Reads`.
DUE_SCHEDULES = "SELECT name FROM bus.schedule WHERE consumer = $1 AND due_at <= clock_timestamp()"

CLAIM_SCHEDULE = sql("""
    SELECT name FROM bus.schedule
    WHERE consumer = :consumer AND name = :name AND due_at <= clock_timestamp()
    FOR UPDATE SKIP LOCKED
""")

ADVANCE_SCHEDULE = sql("""
    UPDATE bus.schedule SET due_at = clock_timestamp() + make_interval(secs => :seconds)
    WHERE consumer = :consumer AND name = :name
""")

DELETE_OLD = sql("""
    DELETE FROM bus.message AS m USING (
        SELECT message_id FROM bus.message AS old
        WHERE created_at < clock_timestamp() - make_interval(hours => :hours)
          AND NOT EXISTS (
              SELECT 1 FROM bus.delivery AS d
              WHERE d.message_id = old.message_id AND d.state NOT IN ('done', 'dropped')
          )
        LIMIT 2000
        FOR UPDATE SKIP LOCKED
    ) AS gone
    WHERE m.message_id = gone.message_id
""")
