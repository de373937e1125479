"""Who people are, the tubes and their members, results as matched, and what waits for a person."""

from alembic import op

revision = "0006_ingest_matching"
down_revision = "0005_ingest_batches"
branch_labels = None
depends_on = None

PROJECTIONS = (
    """
    CREATE TABLE ingest.identity (
        person_id uuid NOT NULL,
        health_code_id text,
        id_type text NOT NULL,
        id_index bytea NOT NULL,
        name_index bytea NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT identity_pk PRIMARY KEY (person_id)
    )
    """,
    # Not unique: versions of two people may arrive in any order.
    "CREATE INDEX identity_by_document ON ingest.identity (id_index)",
    "CREATE INDEX identity_by_code ON ingest.identity (health_code_id) WHERE health_code_id IS NOT NULL",
    # A code that its person has given up leads to that person until somebody else gets it.
    """
    CREATE TABLE ingest.identity_code (
        health_code_id text NOT NULL,
        person_id uuid NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT identity_code_pk PRIMARY KEY (health_code_id)
    )
    """,
    """
    CREATE TABLE ingest.unit (
        unit_code text NOT NULL,
        township_code text NOT NULL,
        department_code text,
        revision bigint NOT NULL,
        CONSTRAINT unit_pk PRIMARY KEY (unit_code)
    )
    """,
    """
    CREATE TABLE ingest.department (
        code text NOT NULL,
        level text NOT NULL,
        parent_code text,
        revision bigint NOT NULL,
        CONSTRAINT department_pk PRIMARY KEY (code)
    )
    """,
)

TUBES = (
    """
    CREATE TABLE ingest.site (
        site_code text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        township_code text,
        CONSTRAINT site_pk PRIMARY KEY (site_code)
    )
    """,
    """
    CREATE TABLE ingest.tube (
        tube_id uuid NOT NULL,
        tube_code text NOT NULL,
        current boolean NOT NULL DEFAULT true,
        mode text NOT NULL,
        capacity smallint NOT NULL,
        subject text NOT NULL,
        collected_at timestamptz NOT NULL,
        dispatched_at timestamptz,
        site_code text,
        lab_code text,
        unit_code text,
        sample_kind text,
        paired_with text,
        packet_code text,
        round_code text,
        members smallint NOT NULL DEFAULT 0,
        result_due_at timestamptz NOT NULL,
        digest bytea NOT NULL,
        client_id text NOT NULL,
        registered_at timestamptz NOT NULL,
        CONSTRAINT tube_pk PRIMARY KEY (tube_id),
        CONSTRAINT tube_mode CHECK (mode IN ('single', 'mixed')),
        CONSTRAINT tube_subject CHECK (subject IN ('person', 'item', 'environment')),
        CONSTRAINT tube_capacity CHECK (
            (mode = 'single' AND capacity = 1) OR (mode = 'mixed' AND capacity IN (5, 10, 20))
        ),
        CONSTRAINT tube_members CHECK (members BETWEEN 0 AND capacity),
        CONSTRAINT tube_of_a_thing CHECK (
            subject = 'person' OR (members = 0 AND unit_code IS NOT NULL AND sample_kind IS NOT NULL)
        )
    )
    """,
    "CREATE UNIQUE INDEX tube_current_code ON ingest.tube (tube_code) WHERE current",
    "CREATE INDEX tube_paired ON ingest.tube (paired_with) WHERE current AND paired_with IS NOT NULL",
    # `sealed` opens to {"id_no","name"}; it is only there for members known by a document.
    """
    CREATE TABLE ingest.tube_member (
        tube_id uuid NOT NULL,
        position smallint NOT NULL,
        match_key text NOT NULL,
        person_id uuid,
        health_code_id text,
        id_type text,
        id_index bytea,
        name_index bytea,
        fault text,
        code_color text,
        travel_star boolean,
        origin text,
        destination text,
        sealed bytea,
        added_at timestamptz NOT NULL,
        CONSTRAINT tube_member_pk PRIMARY KEY (tube_id, position),
        CONSTRAINT tube_member_once UNIQUE (tube_id, match_key),
        CONSTRAINT tube_member_tube FOREIGN KEY (tube_id) REFERENCES ingest.tube (tube_id)
    )
    """,
    "CREATE INDEX tube_member_waiting ON ingest.tube_member (match_key) WHERE person_id IS NULL",
)

# Partitioned by the time in the batch id; the primary key is the only index, for each costs a fifth.
RESULT = """
CREATE TABLE ingest.result (
    batch_id uuid NOT NULL,
    "row" smallint NOT NULL,
    lab_code text NOT NULL,
    state text NOT NULL,
    code text,
    person_id uuid,
    tube_id uuid,
    reported_at timestamptz NOT NULL,
    tested_at timestamptz NOT NULL,
    collected_at timestamptz,
    received_at timestamptz,
    released_at timestamptz,
    outcome text NOT NULL,
    mode text,
    test_kind text NOT NULL,
    row_ref text,
    tube_code text,
    health_code_id text,
    id_type text,
    id_index bytea,
    name_index bytea,
    corrects_batch uuid,
    corrects_row smallint,
    superseded_by uuid,
    same_as uuid,
    from_positive boolean,
    CONSTRAINT result_pk PRIMARY KEY (batch_id, "row"),
    CONSTRAINT result_state CHECK (state IN ('matched', 'unmatched', 'held')),
    CONSTRAINT result_outcome CHECK (outcome IN ('negative', 'positive', 'indeterminate', 'invalid')),
    CONSTRAINT result_matched CHECK (state <> 'matched' OR person_id IS NOT NULL OR tube_id IS NOT NULL)
) PARTITION BY RANGE (batch_id)
"""

# Services own no table, so the function that makes partitions runs with its owner's rights. A month
# that already has rows in the default partition stays there.
MAKE_PARTITIONS = """
CREATE FUNCTION ingest.make_result_partitions(first date, months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ingest AS $$
DECLARE
    month date := date_trunc('month', first)::date;
    made integer := 0;
    name text;
    low uuid;
    high uuid;
    taken boolean;
BEGIN
    FOR n IN 1..months LOOP
        name := 'result_' || to_char(month, 'YYYY_MM');
        IF to_regclass('ingest.' || name) IS NULL THEN
            low := ingest.oldest_id(month);
            high := ingest.oldest_id((month + interval '1 month')::date);
            SELECT EXISTS (SELECT FROM ingest.result_default r WHERE r.batch_id >= low AND r.batch_id < high)
                INTO taken;
            IF NOT taken THEN
                EXECUTE format(
                    'CREATE TABLE ingest.%I PARTITION OF ingest.result FOR VALUES FROM (%L) TO (%L)',
                    name, low, high
                );
                made := made + 1;
            END IF;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END
$$
"""
OLDEST_ID = """
CREATE FUNCTION ingest.oldest_id(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$
"""

RESULTS = (
    RESULT,
    "CREATE TABLE ingest.result_default PARTITION OF ingest.result DEFAULT",
    OLDEST_ID,
    MAKE_PARTITIONS,
    "SELECT ingest.make_result_partitions((now() - interval '1 month')::date, 4)",
    # Set in the transaction that writes the results of the part.
    "ALTER TABLE ingest.batch_part ADD COLUMN applied_at timestamptz",
    """
    CREATE TABLE ingest.tube_result (
        tube_id uuid NOT NULL,
        batch_id uuid NOT NULL,
        "row" smallint NOT NULL,
        lab_code text NOT NULL,
        superseded boolean NOT NULL DEFAULT false,
        CONSTRAINT tube_result_pk PRIMARY KEY (tube_id, batch_id, "row")
    )
    """,
    # One sample that two rows tell of as positive: the first to come takes effect. The subject is
    # a person, or a tube for pools and things.
    """
    CREATE TABLE ingest.positive_sample (
        subject uuid NOT NULL,
        tested_at timestamptz NOT NULL,
        lab_code text NOT NULL,
        test_kind text NOT NULL,
        outcome text NOT NULL,
        mode text NOT NULL,
        result_id uuid NOT NULL,
        CONSTRAINT positive_sample_pk PRIMARY KEY (subject, tested_at, lab_code, test_kind, outcome, mode)
    )
    """,
)

WAITING = (
    """
    CREATE TABLE ingest.match_anchor (
        match_key text NOT NULL,
        touched bigint NOT NULL,
        CONSTRAINT match_anchor_pk PRIMARY KEY (match_key)
    ) WITH (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 70)
    """,
    # The id of a row that waits or is held is its result id.
    """
    CREATE TABLE ingest.unmatched (
        id uuid NOT NULL,
        kind text NOT NULL,
        state text NOT NULL DEFAULT 'open',
        code text NOT NULL,
        batch_id uuid NOT NULL,
        "row" smallint NOT NULL,
        tube_id uuid,
        position smallint,
        match_key text,
        other_key text,
        opened_at timestamptz NOT NULL,
        resolved_at timestamptz,
        decision text,
        health_code_id text,
        reason bytea,
        client_id text,
        CONSTRAINT unmatched_pk PRIMARY KEY (id),
        CONSTRAINT unmatched_kind CHECK (kind IN ('row', 'pool_member', 'held')),
        CONSTRAINT unmatched_state CHECK (state IN ('open', 'resolved', 'closed')),
        CONSTRAINT unmatched_decision CHECK (decision IN ('accept', 'reject')),
        CONSTRAINT unmatched_member CHECK ((kind = 'pool_member') = (position IS NOT NULL))
    )
    """,
    "CREATE INDEX unmatched_open ON ingest.unmatched (id) WHERE state = 'open'",
    """
    CREATE INDEX unmatched_waiting ON ingest.unmatched (match_key)
        WHERE state = 'open' AND match_key IS NOT NULL
    """,
    """
    CREATE INDEX unmatched_waiting_other ON ingest.unmatched (other_key)
        WHERE state = 'open' AND other_key IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX unmatched_member_once ON ingest.unmatched (tube_id, position)
        WHERE state = 'open' AND kind = 'pool_member'
    """,
)

REVIEWS = (
    """
    CREATE TABLE ingest.review (
        result_id uuid NOT NULL,
        state text NOT NULL DEFAULT 'open',
        verdict text,
        revision integer NOT NULL DEFAULT 0,
        person_ids uuid[] NOT NULL,
        subject_type text NOT NULL,
        subject_code text NOT NULL,
        unit_code text,
        lab_code text NOT NULL,
        outcome text NOT NULL,
        from_positive boolean NOT NULL,
        collected_at timestamptz NOT NULL,
        tested_at timestamptz NOT NULL,
        opened_at timestamptz NOT NULL,
        reviewed_at timestamptz,
        reviewer bytea,
        note bytea,
        client_id text,
        CONSTRAINT review_pk PRIMARY KEY (result_id),
        CONSTRAINT review_state CHECK (state IN ('open', 'closed')),
        CONSTRAINT review_verdict CHECK (verdict IN ('confirmed', 'refuted', 'released', 'replaced'))
    )
    """,
    "CREATE INDEX review_open ON ingest.review (result_id) WHERE state = 'open'",
    # Every verdict that was ever given, in order.
    """
    CREATE TABLE ingest.review_step (
        result_id uuid NOT NULL,
        revision integer NOT NULL,
        verdict text NOT NULL,
        at timestamptz NOT NULL,
        reviewer bytea,
        note bytea,
        client_id text NOT NULL,
        CONSTRAINT review_step_pk PRIMARY KEY (result_id, revision)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*PROJECTIONS, *TUBES, *RESULTS, *WAITING, *REVIEWS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
