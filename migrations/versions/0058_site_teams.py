"""results-ingest knows sampling teams, which of them a round's grids have, and which stands at a site."""

from alembic import op

revision = "0058_site_teams"
down_revision = "0057_channels"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE ingest.sampling_team (
        team_code text CONSTRAINT sampling_team_pkey PRIMARY KEY,
        township_code text NOT NULL,
        members integer NOT NULL,
        active boolean NOT NULL,
        revision integer NOT NULL
    )
    """,
    # registry tells of a team when it changes; those that are there already are taken over once.
    """
    INSERT INTO ingest.sampling_team (team_code, township_code, members, active, revision)
    SELECT t.team_code, t.township_code, (SELECT count(*) FROM registry.sampling_team_member m
                                          WHERE m.team_code = t.team_code), t.active, t.revision
    FROM registry.sampling_team t
    """,
    "ALTER TABLE ingest.round_grid ADD COLUMN team_code text",
    """
    UPDATE ingest.round_grid g SET team_code = r.team_code FROM registry.round_grid r
    WHERE r.round_code = g.round_code AND r.grid_code = g.grid_code
    """,
    """
    CREATE TABLE ingest.team_posting (
        posting_id uuid CONSTRAINT team_posting_pkey PRIMARY KEY,
        team_code text NOT NULL
            CONSTRAINT team_posting_team_fkey REFERENCES ingest.sampling_team (team_code),
        site_code text NOT NULL CONSTRAINT team_posting_site_fkey REFERENCES ingest.site (site_code),
        begins_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        withdrawn_at timestamptz,
        withdrawn_by text,
        CONSTRAINT team_posting_times_check CHECK (ends_at > begins_at),
        CONSTRAINT team_posting_withdrawn_check CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX team_posting_site ON ingest.team_posting (site_code, begins_at)
    WHERE withdrawn_at IS NULL
    """,
    """
    CREATE INDEX team_posting_team ON ingest.team_posting (team_code, begins_at) WHERE withdrawn_at IS NULL
    """,
    "CREATE INDEX team_posting_begins ON ingest.team_posting (begins_at) WHERE withdrawn_at IS NULL",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
