"""registry: the ledger of facts, stored statuses, the change feed and evaluations."""

from alembic import op

revision = "0004_registry_statuses"
down_revision = "0003_registry_people"
branch_labels = None
depends_on = None

LEDGER = (
    # Facts are only ever added; what follows from them is worked out from the set. Led by the
    # person, so that one person's facts lie together and a shard can hold them.
    """
    CREATE TABLE registry.ledger_entry (
        person_id uuid NOT NULL,
        entry_id uuid NOT NULL,
        kind text NOT NULL
            CONSTRAINT ledger_entry_kind_check CHECK (kind IN ('sample', 'result', 'withdrawal')),
        outcome text
            CONSTRAINT ledger_entry_outcome_check CHECK (outcome IN
                ('negative', 'positive', 'indeterminate', 'invalid')),
        mode text NOT NULL CONSTRAINT ledger_entry_mode_check CHECK (mode IN ('single', 'mixed')),
        test_kind text
            CONSTRAINT ledger_entry_test_kind_check CHECK (test_kind IN ('pcr', 'antigen', 'antibody')),
        collected_at timestamptz NOT NULL,
        tested_at timestamptz,
        reported_at timestamptz,
        lab_code text,
        tube_id uuid,
        tube_code text,
        paired_with text,
        result_id uuid,
        replaces uuid,
        from_positive boolean NOT NULL DEFAULT false,
        limit_at timestamptz,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT ledger_entry_pkey PRIMARY KEY (person_id, entry_id),
        CONSTRAINT ledger_entry_sample_check CHECK (kind <> 'sample' OR tube_id IS NOT NULL),
        CONSTRAINT ledger_entry_result_check CHECK (kind = 'sample' OR
            (outcome IS NOT NULL AND test_kind IS NOT NULL AND tested_at IS NOT NULL
             AND reported_at IS NOT NULL AND lab_code IS NOT NULL)),
        CONSTRAINT ledger_entry_withdrawal_check CHECK ((kind = 'withdrawal') = (result_id IS NOT NULL))
    )
    """,
    # By result, not by person: somebody matched after a review is under it all the same.
    """
    CREATE TABLE registry.ledger_review (
        result_id uuid NOT NULL,
        review_id uuid NOT NULL,
        revision integer NOT NULL,
        verdict text NOT NULL
            CONSTRAINT ledger_review_verdict_check CHECK (verdict IN ('confirmed', 'refuted', 'released')),
        reviewed_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT ledger_review_pkey PRIMARY KEY (result_id, review_id)
    )
    """,
)

STATUSES = (
    # Updated in place: the free space keeps updates on the page, and the one index beside the key is
    # on a column that an ordinary result does not move.
    """
    CREATE TABLE registry.person_status (
        person_id uuid CONSTRAINT person_status_pkey PRIMARY KEY,
        hold text CONSTRAINT person_status_hold_check CHECK (hold IN ('positive', 'under_recheck')),
        last_outcome text
            CONSTRAINT person_status_outcome_check CHECK (last_outcome IN
                ('negative', 'positive', 'indeterminate')),
        last_mode text CONSTRAINT person_status_mode_check CHECK (last_mode IN ('single', 'mixed')),
        last_collected_at timestamptz,
        last_tested_at timestamptz,
        last_reported_at timestamptz,
        last_lab_code text,
        last_reviewed boolean NOT NULL DEFAULT false,
        counted_on date,
        pending_tubes uuid[] NOT NULL DEFAULT '{}',
        pending_at timestamptz[] NOT NULL DEFAULT '{}',
        pending_limits timestamptz[] NOT NULL DEFAULT '{}',
        special boolean NOT NULL DEFAULT false,
        duty_from date,
        interval_days integer
            CONSTRAINT person_status_days_check CHECK (interval_days > 0),
        interval_months integer
            CONSTRAINT person_status_months_check CHECK (interval_months > 0),
        plain_from date,
        soon_days integer NOT NULL DEFAULT 0,
        category_code text,
        rule_id bigint,
        due_on date,
        exempt_from date,
        exempt_to date,
        suspended_from date,
        suspended_to date,
        boundary_on date,
        next_change_at timestamptz,
        shown_code text,
        shown_at timestamptz NOT NULL,
        version bigint NOT NULL CONSTRAINT person_status_version_check CHECK (version >= 1),
        changed_at timestamptz NOT NULL,
        CONSTRAINT person_status_last_check CHECK ((last_outcome IS NULL) = (last_collected_at IS NULL)),
        CONSTRAINT person_status_negative_check CHECK
            (hold IS NOT NULL OR last_outcome IS NULL OR last_outcome = 'negative'),
        CONSTRAINT person_status_pending_check CHECK
            (cardinality(pending_tubes) = cardinality(pending_at)
             AND cardinality(pending_tubes) = cardinality(pending_limits)),
        CONSTRAINT person_status_due_check CHECK ((due_on IS NULL) = (rule_id IS NULL))
    ) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)
    """,
    """
    CREATE INDEX person_status_next_change_idx ON registry.person_status (next_change_at)
        WHERE next_change_at IS NOT NULL
    """,
)

FEED = (
    """
    CREATE TABLE registry.feed_pending (
        pending_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT feed_pending_pkey PRIMARY KEY,
        person_ids uuid[] NOT NULL DEFAULT '{}',
        removed text[] NOT NULL DEFAULT '{}',
        replaced_by text[] NOT NULL DEFAULT '{}',
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT feed_pending_removed_check CHECK (cardinality(removed) = cardinality(replaced_by))
    ) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500)
    """,
    # Whoever holds the lock on this row numbers; the lock goes with its holder.
    """
    CREATE TABLE registry.feed_head (
        one boolean NOT NULL DEFAULT true CONSTRAINT feed_head_pkey PRIMARY KEY
            CONSTRAINT feed_head_one_check CHECK (one),
        epoch bigint NOT NULL DEFAULT 1,
        seq bigint NOT NULL DEFAULT 0,
        kept_from bigint NOT NULL DEFAULT 0,
        CONSTRAINT feed_head_kept_check CHECK (kept_from <= seq)
    ) WITH (fillfactor = 10)
    """,
    "INSERT INTO registry.feed_head DEFAULT VALUES",
    """
    CREATE TABLE registry.feed (
        seq bigint CONSTRAINT feed_pkey PRIMARY KEY,
        person_id uuid,
        removed_code text,
        replaced_by text,
        at timestamptz NOT NULL,
        CONSTRAINT feed_what_check CHECK ((person_id IS NULL) <> (removed_code IS NULL))
    )
    """,
    "CREATE INDEX feed_at_idx ON registry.feed USING brin (at)",
    """
    CREATE TABLE registry.status_ack (
        ack_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT status_ack_pkey PRIMARY KEY,
        client_id text NOT NULL,
        phase text NOT NULL CONSTRAINT status_ack_phase_check CHECK (phase IN ('snapshot', 'feed')),
        seq bigint NOT NULL,
        after_person uuid,
        failed jsonb NOT NULL DEFAULT '[]',
        acknowledged_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX status_ack_client_idx ON registry.status_ack (client_id, ack_id)",
)

EVALUATIONS = (
    """
    CREATE TABLE registry.evaluation (
        evaluation_id uuid CONSTRAINT evaluation_pkey PRIMARY KEY,
        day date NOT NULL CONSTRAINT evaluation_day_key UNIQUE,
        as_of timestamptz NOT NULL,
        status text NOT NULL DEFAULT 'running'
            CONSTRAINT evaluation_status_check CHECK (status IN ('running', 'done', 'failed')),
        asked_by text NOT NULL,
        phase text NOT NULL DEFAULT 'units'
            CONSTRAINT evaluation_phase_check CHECK (phase IN ('units', 'people')),
        after_unit text NOT NULL DEFAULT '',
        after_person uuid,
        counts jsonb NOT NULL DEFAULT '{}',
        attempts integer NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL,
        finished_at timestamptz
    )
    """,
    "CREATE INDEX evaluation_running_idx ON registry.evaluation (day) WHERE status = 'running'",
    # The first day seen: the nightly evaluation begins on the day after it, not on an empty database.
    """
    CREATE TABLE registry.evaluation_start (
        one boolean NOT NULL DEFAULT true CONSTRAINT evaluation_start_pkey PRIMARY KEY
            CONSTRAINT evaluation_start_one_check CHECK (one),
        day date NOT NULL
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*LEDGER, *STATUSES, *FEED, *EVALUATIONS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
