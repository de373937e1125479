"""results-ingest: venues and their own reports. notifier: what a body has been reported of a day."""

from alembic import op

revision = "0037_venues"
down_revision = "0036_expectations"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE ingest.venue (
        client_id text CONSTRAINT venue_pkey PRIMARY KEY,
        unit_code text NOT NULL,
        bound_by text NOT NULL,
        bound_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX venue_unit ON ingest.venue (unit_code)",
    """
    CREATE TABLE ingest.venue_report (
        report_id uuid CONSTRAINT venue_report_pkey PRIMARY KEY,
        unit_code text NOT NULL,
        report_no text NOT NULL,
        day date NOT NULL,
        people integer NOT NULL CONSTRAINT venue_report_people CHECK (people >= 0),
        environment integer NOT NULL CONSTRAINT venue_report_environment CHECK (environment >= 0),
        surfaces integer NOT NULL CONSTRAINT venue_report_surfaces CHECK (surfaces >= 0),
        goods integer NOT NULL CONSTRAINT venue_report_goods CHECK (goods >= 0),
        client_id text NOT NULL,
        reported_at timestamptz NOT NULL,
        CONSTRAINT venue_report_once UNIQUE (unit_code, report_no)
    )
    """,
    "CREATE INDEX venue_report_day ON ingest.venue_report (unit_code, day)",
    # A sample is reported once, whoever names it again.
    """
    CREATE TABLE ingest.venue_sample (
        tube_id uuid CONSTRAINT venue_sample_pkey PRIMARY KEY
            CONSTRAINT venue_sample_tube REFERENCES ingest.tube (tube_id),
        report_id uuid NOT NULL
            CONSTRAINT venue_sample_report REFERENCES ingest.venue_report (report_id),
        kind text NOT NULL
    )
    """,
    "CREATE INDEX venue_sample_of ON ingest.venue_sample (report_id)",
    """
    CREATE TABLE notifier.venue_day (
        recipient_type text NOT NULL,
        recipient_code text NOT NULL,
        day date NOT NULL,
        source_id uuid NOT NULL,
        reports integer NOT NULL,
        people integer NOT NULL,
        environment integer NOT NULL,
        surfaces integer NOT NULL,
        goods integer NOT NULL,
        CONSTRAINT venue_day_pkey PRIMARY KEY (recipient_type, recipient_code, day)
    )
    """,
    """
    WITH added AS (
        INSERT INTO registry.duty (subject, entry_code, effective_from, created_by, created_at)
        SELECT r.*, DATE '2022-01-01', 'shipped', now() FROM (VALUES
            ('report.venue', 'DISEASE-CONTROL'), ('venue.reported', 'DISEASE-CONTROL'),
            ('things.resulted', 'CDC')) AS r
        ON CONFLICT DO NOTHING
        RETURNING subject, effective_from, entry_code
    ), told AS (
        INSERT INTO notifier.duty (subject, effective_from, entry_code) SELECT * FROM added
        ON CONFLICT DO NOTHING
    )
    UPDATE notifier.duty_head SET revision = revision + (SELECT count(*) FROM added)
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
