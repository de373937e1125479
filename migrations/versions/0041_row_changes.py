"""results-ingest: what became of rows later, in an order that a reader can follow, and calls to laboratories' own addresses.

Kept by triggers: whoever writes a fate, it is told. A change bears the number of its transaction: those below every
transaction that still runs are complete, so a reader that takes only these skips nothing, and writers never wait for
each other to be numbered. A batch is complete when its last part has been applied; that is looked at when the transaction
ends, behind all other locks.
"""

from alembic import op

revision = "0041_row_changes"
down_revision = "0040_lab_terms"
branch_labels = None
depends_on = None

CHANGES = (
    # Without rows: every row of the batch.
    """
    CREATE TABLE ingest.row_change (
        xid bigint NOT NULL DEFAULT CAST(CAST(pg_current_xact_id() AS text) AS bigint),
        n bigint GENERATED ALWAYS AS IDENTITY,
        lab_code text NOT NULL,
        batch_id uuid NOT NULL,
        rows smallint[],
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT row_change_pk PRIMARY KEY (xid, n)
    )
    """,
    "CREATE INDEX row_change_of_lab ON ingest.row_change (lab_code, xid, n)",
    "CREATE INDEX row_change_at ON ingest.row_change (at)",
    """
    CREATE TABLE ingest.row_change_kept (
        one boolean NOT NULL DEFAULT true,
        xid bigint NOT NULL,
        CONSTRAINT row_change_kept_pk PRIMARY KEY (one),
        CONSTRAINT row_change_kept_one CHECK (one)
    )
    """,
    "INSERT INTO ingest.row_change_kept (xid) VALUES (0)",
    """
    CREATE FUNCTION ingest.note_batch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ingest AS $$
    BEGIN
        INSERT INTO ingest.row_change (lab_code, batch_id) VALUES (NEW.lab_code, NEW.batch_id);
        RETURN NULL;
    END
    $$
    """,
    "CREATE TRIGGER batch_noted AFTER INSERT ON ingest.batch FOR EACH ROW EXECUTE FUNCTION ingest.note_batch()",
    """
    CREATE FUNCTION ingest.note_part() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ingest AS $$
    BEGIN
        INSERT INTO ingest.row_change (lab_code, batch_id)
            SELECT b.lab_code, b.batch_id FROM ingest.batch b WHERE b.batch_id = NEW.batch_id;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER batch_part_noted AFTER UPDATE OF applied_at ON ingest.batch_part FOR EACH ROW
        WHEN (OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL) EXECUTE FUNCTION ingest.note_part()
    """,
    """
    CREATE FUNCTION ingest.note_results() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ingest AS $$
    BEGIN
        INSERT INTO ingest.row_change (lab_code, batch_id, rows)
            SELECT a.lab_code, a.batch_id, array_agg(a."row" ORDER BY a."row")
            FROM after_rows a JOIN before_rows b ON b.batch_id = a.batch_id AND b."row" = a."row"
            WHERE (a.state, a.code, a.superseded_by, a.same_as)
                IS DISTINCT FROM (b.state, b.code, b.superseded_by, b.same_as)
            GROUP BY a.lab_code, a.batch_id;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER results_noted AFTER UPDATE ON ingest.result
        REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
        FOR EACH STATEMENT EXECUTE FUNCTION ingest.note_results()
    """,
    """
    CREATE FUNCTION ingest.note_review() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ingest AS $$
    BEGIN
        INSERT INTO ingest.row_change (lab_code, batch_id, rows)
            VALUES (NEW.lab_code, CAST(left(CAST(NEW.result_id AS text), 32) || '0000' AS uuid),
                    ARRAY[CAST(CAST('x' || right(CAST(NEW.result_id AS text), 4) AS bit(16)) AS integer)]);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER review_noted AFTER UPDATE ON ingest.review FOR EACH ROW
        WHEN ((OLD.state, OLD.verdict) IS DISTINCT FROM (NEW.state, NEW.verdict))
        EXECUTE FUNCTION ingest.note_review()
    """,
)

WEBHOOKS = (
    """
    CREATE TABLE ingest.webhook (
        lab_code text NOT NULL,
        url text NOT NULL,
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_until timestamptz,
        changed_by text NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT webhook_pk PRIMARY KEY (lab_code),
        CONSTRAINT webhook_lab FOREIGN KEY (lab_code) REFERENCES ingest.lab (lab_code),
        CONSTRAINT webhook_previous CHECK (num_nulls(previous_secret, previous_until) IN (0, 2))
    )
    """,
    # One call a batch, however often it is made. `due_at`, leases and retries are on the real clock.
    """
    CREATE TABLE ingest.webhook_delivery (
        batch_id uuid NOT NULL,
        lab_code text NOT NULL,
        state text NOT NULL DEFAULT 'waiting',
        attempt integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        token uuid,
        error text,
        completed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        tried_at timestamptz,
        delivered_at timestamptz,
        CONSTRAINT webhook_delivery_pk PRIMARY KEY (batch_id),
        CONSTRAINT webhook_delivery_batch FOREIGN KEY (batch_id) REFERENCES ingest.batch (batch_id),
        CONSTRAINT webhook_delivery_state CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped'))
    )
    """,
    "CREATE INDEX webhook_delivery_due ON ingest.webhook_delivery (due_at) WHERE state = 'waiting'",
    "CREATE INDEX webhook_delivery_of_lab ON ingest.webhook_delivery (lab_code, batch_id)",
    """
    CREATE FUNCTION ingest.note_completion() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ingest AS $$
    BEGIN
        PERFORM FROM ingest.batch b JOIN ingest.webhook w ON w.lab_code = b.lab_code
            WHERE b.batch_id = NEW.batch_id;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        -- Two last parts at once wait for each other here; the second sees the first.
        PERFORM FROM ingest.batch WHERE batch_id = NEW.batch_id FOR NO KEY UPDATE;
        INSERT INTO ingest.webhook_delivery (batch_id, lab_code)
            SELECT b.batch_id, b.lab_code FROM ingest.batch b
            WHERE b.batch_id = NEW.batch_id AND NOT EXISTS (
                SELECT FROM ingest.batch_part p WHERE p.batch_id = b.batch_id AND p.applied_at IS NULL)
            ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE CONSTRAINT TRIGGER batch_complete AFTER INSERT ON ingest.batch DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION ingest.note_completion()
    """,
    """
    CREATE CONSTRAINT TRIGGER batch_part_complete AFTER UPDATE OF applied_at ON ingest.batch_part
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL)
        EXECUTE FUNCTION ingest.note_completion()
    """,
)


def upgrade() -> None:
    """Create the tables, and what fills them."""
    for statement in (*CHANGES, *WEBHOOKS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
