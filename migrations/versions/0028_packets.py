"""results-ingest: sealed packets, the tubes in them, and the steps they take.

A step stays as it was told; only its sealed note may be sealed anew, under another key.
"""

from alembic import op

revision = "0028_packets"
down_revision = "0027_notice_owners"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE ingest.packet (
        packet_id uuid CONSTRAINT packet_pkey PRIMARY KEY,
        packet_code text NOT NULL CONSTRAINT packet_code_key UNIQUE,
        site_code text NOT NULL CONSTRAINT packet_site_fkey REFERENCES ingest.site (site_code),
        lab_code text NOT NULL CONSTRAINT packet_lab_fkey REFERENCES ingest.lab (lab_code),
        state text NOT NULL DEFAULT 'sealed' CONSTRAINT packet_state_check
            CHECK (state IN ('sealed', 'handed', 'received', 'closed', 'refused')),
        sealed_at timestamptz NOT NULL,
        handed_at timestamptz,
        received_at timestamptz,
        refused_at timestamptz,
        closed_at timestamptz,
        samples integer NOT NULL CONSTRAINT packet_samples_check CHECK (samples >= 0),
        paper_forms integer NOT NULL CONSTRAINT packet_paper_forms_check CHECK (paper_forms >= 0),
        explained boolean NOT NULL DEFAULT false,
        digest bytea NOT NULL,
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT packet_received_check CHECK (state NOT IN ('received', 'closed') OR received_at IS NOT NULL),
        CONSTRAINT packet_refused_check CHECK ((state = 'refused') = (refused_at IS NOT NULL)),
        CONSTRAINT packet_closed_check CHECK ((state = 'closed') = (closed_at IS NOT NULL))
    )
    """,
    "CREATE INDEX packet_by_lab ON ingest.packet (lab_code, packet_id)",
    "CREATE INDEX packet_by_site ON ingest.packet (site_code, packet_id)",
    "CREATE INDEX packet_open ON ingest.packet (packet_id) WHERE state IN ('sealed', 'handed', 'received')",
    "CREATE INDEX packet_received ON ingest.packet (received_at) WHERE received_at IS NOT NULL",
    # A tube need not be registered yet; what is returned or missing may be sealed again.
    """
    CREATE TABLE ingest.packet_tube (
        packet_id uuid NOT NULL CONSTRAINT packet_tube_packet_fkey REFERENCES ingest.packet (packet_id),
        tube_code text NOT NULL,
        standing text NOT NULL CONSTRAINT packet_tube_standing_check
            CHECK (standing IN ('listed', 'extra', 'missing', 'returned', 'past')),
        CONSTRAINT packet_tube_pkey PRIMARY KEY (packet_id, tube_code)
    )
    """,
    """
    CREATE UNIQUE INDEX packet_tube_once ON ingest.packet_tube (tube_code)
        WHERE standing IN ('listed', 'extra')
    """,
    """
    CREATE TABLE ingest.packet_step (
        packet_id uuid NOT NULL CONSTRAINT packet_step_packet_fkey REFERENCES ingest.packet (packet_id),
        n integer NOT NULL CONSTRAINT packet_step_n_check CHECK (n > 0),
        kind text NOT NULL CONSTRAINT packet_step_kind_check
            CHECK (kind IN ('sealed', 'handed', 'received', 'refused', 'closed')),
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        client_id text NOT NULL,
        content jsonb NOT NULL,
        digest bytea NOT NULL,
        sealed_note bytea,
        CONSTRAINT packet_step_pkey PRIMARY KEY (packet_id, n)
    )
    """,
    """
    CREATE TRIGGER packet_step_append_only
        BEFORE UPDATE OF packet_id, n, kind, at, recorded_at, client_id, content, digest OR DELETE OR TRUNCATE
        ON ingest.packet_step FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
    """,
    # What was sampled in a time, for the stages and their faults.
    "CREATE INDEX tube_collected ON ingest.tube (collected_at) WHERE current",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
