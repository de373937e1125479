"""The audit log's hash chain and its signed heads, the same for each service; progress of re-sealing.

`audit_pending` names the rows that the sealer has not yet chained: a row and its name are written by one
statement, so no late commit is missed. A link lies beside its row, because services may not change rows.
"""

from alembic import op

revision = "0010_audit_chain"
down_revision = "0009_row_security"
branch_labels = None
depends_on = None

SCHEMAS = ("registry", "ingest", "notifier")

REFUSE = """
    CREATE FUNCTION bus.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END
    $$
"""

LOG = """
    CREATE TABLE {schema}.audit (
        audit_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_pkey PRIMARY KEY,
        at timestamptz NOT NULL,
        client_id text NOT NULL,
        action text NOT NULL,
        person_id uuid,
        subject text,
        purpose text,
        rows integer NOT NULL DEFAULT 1
    );
    CREATE INDEX audit_person_idx ON {schema}.audit (person_id, audit_id);
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {schema}.audit
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
"""

CHAIN = """
    ALTER TABLE {schema}.audit ADD COLUMN requests integer NOT NULL DEFAULT 1;
    CREATE INDEX audit_client_idx ON {schema}.audit (client_id, audit_id);
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {schema}.audit
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change();

    CREATE TABLE {schema}.audit_pending (
        audit_id bigint CONSTRAINT audit_pending_pkey PRIMARY KEY
    ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
    INSERT INTO {schema}.audit_pending SELECT audit_id FROM {schema}.audit;

    CREATE TABLE {schema}.audit_link (
        n bigint CONSTRAINT audit_link_pkey PRIMARY KEY CONSTRAINT audit_link_n_check CHECK (n > 0),
        audit_id bigint NOT NULL CONSTRAINT audit_link_audit_key UNIQUE,
        hash bytea NOT NULL CONSTRAINT audit_link_hash_check CHECK (octet_length(hash) = 32)
    );
    CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.audit_link
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change();

    CREATE TABLE {schema}.audit_head (
        n bigint CONSTRAINT audit_head_pkey PRIMARY KEY,
        hash bytea NOT NULL CONSTRAINT audit_head_hash_check CHECK (octet_length(hash) = 32),
        signed_at timestamptz NOT NULL,
        public_key bytea NOT NULL,
        signature bytea NOT NULL
    );
    CREATE TRIGGER audit_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
"""

# Why a person's fields were shown. The audit row carries a keyed digest of the reason, not the reason.
DISCLOSURE = """
    CREATE TABLE registry.disclosure (
        disclosure_id uuid CONSTRAINT disclosure_pkey PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT disclosure_person_fkey REFERENCES registry.person (person_id),
        client_id text NOT NULL,
        fields text[] NOT NULL CONSTRAINT disclosure_fields_check CHECK (cardinality(fields) > 0),
        sealed_reason bytea NOT NULL,
        at timestamptz NOT NULL
    );
    CREATE INDEX disclosure_person_idx ON registry.disclosure (person_id, disclosure_id)
"""

# One row a column. Passes go over it by primary key; `clean_at` is when the last one that found nothing
# under another key began, `stale_at` when one last found something.
RESEALING = """
    CREATE TABLE bus.resealing (
        service text NOT NULL,
        column_name text NOT NULL,
        target text NOT NULL,
        target_since timestamptz NOT NULL DEFAULT clock_timestamp(),
        position text,
        pass_began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        pass_stale bigint NOT NULL DEFAULT 0,
        looked_at bigint NOT NULL DEFAULT 0,
        resealed bigint NOT NULL DEFAULT 0,
        passes integer NOT NULL DEFAULT 0,
        stale_at timestamptz,
        clean_at timestamptz,
        CONSTRAINT resealing_pkey PRIMARY KEY (service, column_name)
    )
"""

# What the index key gives for a fixed text: a process with another key must not write a single row.
INDEX_CHECK = """
    CREATE TABLE bus.index_check (
        one boolean NOT NULL DEFAULT true CONSTRAINT index_check_pkey PRIMARY KEY
            CONSTRAINT index_check_one CHECK (one),
        algorithm text NOT NULL,
        value bytea NOT NULL
    )
"""


def upgrade() -> None:
    """Create the logs of ingest and notifier, and the chain of all three."""
    op.execute(REFUSE)
    for schema in SCHEMAS:
        if schema != "registry":
            op.execute(LOG.format(schema=schema))
        op.execute(CHAIN.format(schema=schema))
    for statement in (DISCLOSURE, RESEALING, INDEX_CHECK):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
