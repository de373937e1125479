"""notifier: channels in order, caps and digests, receipts, bodies' own addresses, and how each channel is."""

from alembic import op

revision = "0057_channels"
down_revision = "0056_work_lists"
branch_labels = None
depends_on = None

# `next_channels`: where a delivery goes that this channel does not take. `digest_id`: the delivery that told
# of this one together with others, once the recipient's cap of the day was reached.
STATEMENTS = (
    """
    ALTER TABLE notifier.delivery
        ADD COLUMN next_channels text[] NOT NULL DEFAULT '{}',
        ADD COLUMN digest_id uuid,
        ADD COLUMN delivered_at timestamptz,
        ADD COLUMN read_at timestamptz,
        DROP CONSTRAINT delivery_state,
        ADD CONSTRAINT delivery_state CHECK (state IN
            ('queued', 'sending', 'sent', 'unknown', 'failed', 'delivered', 'dropped', 'held')) NOT VALID,
        DROP CONSTRAINT delivery_reason,
        ADD CONSTRAINT delivery_reason CHECK (reason IN
            ('issue', 'repeat', 'update', 'revocation', 'digest')) NOT VALID
    """,
    "ALTER TABLE notifier.delivery VALIDATE CONSTRAINT delivery_state",
    "ALTER TABLE notifier.delivery VALIDATE CONSTRAINT delivery_reason",
    """
    CREATE INDEX delivery_channel_due ON notifier.delivery (channel, urgent, due_at)
        WHERE state IN ('queued', 'sending', 'unknown')
    """,
    "DROP INDEX notifier.delivery_due",
    "CREATE INDEX delivery_held ON notifier.delivery (not_before) WHERE state = 'held'",
    "CREATE INDEX delivery_digest ON notifier.delivery (digest_id) WHERE digest_id IS NOT NULL",
    """
    CREATE INDEX delivery_provider_ref ON notifier.delivery (channel, provider_ref)
        WHERE provider_ref IS NOT NULL
    """,
    # Where nobody was reached: few rows, or the district has other worries.
    "CREATE INDEX delivery_unaddressed ON notifier.delivery (created_at) WHERE state = 'failed'",
    "CREATE INDEX notice_failed ON notifier.notice (recipient_type) WHERE status = 'failed'",
    """
    CREATE TABLE notifier.daily_count (
        recipient_type text NOT NULL,
        recipient_code text NOT NULL,
        channel text NOT NULL,
        day date NOT NULL,
        told integer NOT NULL,
        CONSTRAINT daily_count_pk PRIMARY KEY (day, recipient_type, recipient_code, channel)
    )
    """,
    """
    CREATE TABLE notifier.delivery_receipt (
        channel text NOT NULL,
        event_id text NOT NULL,
        delivery_id uuid NOT NULL,
        status text NOT NULL,
        at timestamptz NOT NULL,
        digest text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT delivery_receipt_pk PRIMARY KEY (channel, event_id),
        CONSTRAINT delivery_receipt_status CHECK (status IN ('delivered', 'failed', 'read'))
    )
    """,
    "CREATE INDEX delivery_receipt_of ON notifier.delivery_receipt (delivery_id)",
    """
    CREATE TABLE notifier.webhook (
        code text NOT NULL,
        url text NOT NULL,
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_until timestamptz,
        changed_by text NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT webhook_pk PRIMARY KEY (code),
        CONSTRAINT webhook_previous CHECK (num_nulls(previous_secret, previous_until) IN (0, 2))
    )
    """,
    """
    CREATE TABLE notifier.channel_state (
        channel text NOT NULL,
        success_at timestamptz,
        failing_since timestamptz,
        failures integer NOT NULL DEFAULT 0,
        error text,
        error_at timestamptz,
        canary_id uuid,
        canary_at timestamptz,
        canary_handed_at timestamptz,
        canary_good_at timestamptz,
        canary_delivered_at timestamptz,
        canary_error text,
        CONSTRAINT channel_state_pk PRIMARY KEY (channel)
    )
    """,
)


def upgrade() -> None:
    """Add to the deliveries and create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
