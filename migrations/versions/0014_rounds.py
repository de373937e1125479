"""registry: administrative divisions down to grids, sampling teams, residents, mass testing rounds.

results-ingest: which rounds are drills.
"""

from alembic import op

revision = "0014_rounds"
down_revision = "0013_recovery"
branch_labels = None
depends_on = None

TEAMS = (
    """
    CREATE TABLE registry.sampling_team (
        team_code text CONSTRAINT sampling_team_pkey PRIMARY KEY
            CONSTRAINT sampling_team_code_check CHECK (team_code ~ '^[A-Za-z0-9._-]{1,64}$'),
        name text NOT NULL,
        township_code text NOT NULL
            CONSTRAINT sampling_team_township_fkey REFERENCES registry.department (code),
        sealed_leader bytea NOT NULL,
        active boolean NOT NULL DEFAULT true,
        call_result text
            CONSTRAINT sampling_team_call_check CHECK (call_result IN ('reached', 'not_reached')),
        called_at timestamptz,
        called_by text,
        revision integer NOT NULL DEFAULT 1 CONSTRAINT sampling_team_revision_check CHECK (revision >= 1),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT sampling_team_called_check CHECK ((call_result IS NULL) = (called_at IS NULL))
    )
    """,
    "CREATE INDEX sampling_team_township_idx ON registry.sampling_team (township_code, team_code)",
    """
    CREATE TABLE registry.sampling_team_member (
        team_code text NOT NULL
            CONSTRAINT sampling_team_member_team_fkey REFERENCES registry.sampling_team (team_code),
        member_no integer NOT NULL,
        sealed_member bytea NOT NULL,
        phone_index bytea NOT NULL,
        certificate_until date,
        CONSTRAINT sampling_team_member_pkey PRIMARY KEY (team_code, member_no)
    )
    """,
    "CREATE INDEX sampling_team_member_phone_idx ON registry.sampling_team_member (phone_index)",
)

DIVISIONS = (
    # The code says both the level and the parent, so neither can contradict it.
    """
    CREATE TABLE registry.division (
        division_code text CONSTRAINT division_pkey PRIMARY KEY
            CONSTRAINT division_code_check CHECK (division_code ~ '^[0-9]{6}([0-9]{3}){0,3}$'),
        name text NOT NULL,
        township_code text
            CONSTRAINT division_township_fkey REFERENCES registry.department (code),
        head_count integer
            CONSTRAINT division_head_count_check CHECK (head_count >= 0),
        counted_on date,
        lab_code text,
        team_code text
            CONSTRAINT division_team_fkey REFERENCES registry.sampling_team (team_code),
        revision integer NOT NULL DEFAULT 1 CONSTRAINT division_revision_check CHECK (revision >= 1),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT division_place_check CHECK ((length(division_code) = 6) = (township_code IS NULL)),
        CONSTRAINT division_grid_check CHECK (length(division_code) = 15
            OR (head_count IS NULL AND counted_on IS NULL AND lab_code IS NULL AND team_code IS NULL))
    )
    """,
    "CREATE INDEX division_township_idx ON registry.division (township_code, division_code)",
    "CREATE INDEX division_team_idx ON registry.division (team_code) WHERE team_code IS NOT NULL",
    """
    CREATE TABLE registry.residence (
        residence_id uuid CONSTRAINT residence_pkey PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT residence_person_fkey REFERENCES registry.person (person_id),
        grid_code text NOT NULL
            CONSTRAINT residence_grid_fkey REFERENCES registry.division (division_code),
        from_on date NOT NULL,
        to_on date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT residence_days_check CHECK (to_on >= from_on)
    )
    """,
    "CREATE UNIQUE INDEX residence_current_key ON registry.residence (person_id) WHERE to_on IS NULL",
    "CREATE INDEX residence_grid_idx ON registry.residence (grid_code, person_id) WHERE to_on IS NULL",
)

ROUNDS = (
    """
    CREATE TABLE registry.round (
        round_code text CONSTRAINT round_pkey PRIMARY KEY
            CONSTRAINT round_code_check CHECK (round_code ~ '^[A-Za-z0-9._-]{1,64}$'),
        name text NOT NULL,
        division_codes text[] NOT NULL
            CONSTRAINT round_divisions_check CHECK (cardinality(division_codes) > 0),
        township_code text
            CONSTRAINT round_township_fkey REFERENCES registry.department (code),
        drill boolean NOT NULL,
        starts_at timestamptz NOT NULL,
        deadline_at timestamptz NOT NULL,
        setup_hours double precision NOT NULL CONSTRAINT round_setup_check CHECK (setup_hours > 0),
        state text NOT NULL
            CONSTRAINT round_state_check CHECK (state IN ('planned', 'active', 'closed', 'cancelled')),
        activated_at timestamptz,
        activated_by text,
        ended_at timestamptz,
        ended_by text,
        revision integer NOT NULL DEFAULT 1,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT round_times_check CHECK (deadline_at > starts_at)
    )
    """,
    # What a grid had when the round began: later changes of the grid do not change what was ordered.
    """
    CREATE TABLE registry.round_grid (
        round_code text NOT NULL
            CONSTRAINT round_grid_round_fkey REFERENCES registry.round (round_code),
        grid_code text NOT NULL
            CONSTRAINT round_grid_grid_fkey REFERENCES registry.division (division_code),
        township_code text NOT NULL,
        head_count integer NOT NULL,
        lab_code text NOT NULL,
        team_code text NOT NULL,
        ready_at timestamptz,
        ready_by text,
        residents integer,
        sampled integer,
        resulted integer,
        counted_at timestamptz,
        CONSTRAINT round_grid_pkey PRIMARY KEY (round_code, grid_code)
    )
    """,
    "CREATE INDEX round_grid_township_idx ON registry.round_grid (township_code, round_code)",
    """
    CREATE TABLE registry.drill_sample (
        round_code text NOT NULL
            CONSTRAINT drill_sample_round_fkey REFERENCES registry.round (round_code),
        person_id uuid NOT NULL
            CONSTRAINT drill_sample_person_fkey REFERENCES registry.person (person_id),
        sampled_at timestamptz NOT NULL,
        created_by text NOT NULL,
        CONSTRAINT drill_sample_pkey PRIMARY KEY (round_code, person_id)
    )
    """,
    """
    CREATE TABLE ingest.round (
        round_code text CONSTRAINT round_pkey PRIMARY KEY,
        drill boolean NOT NULL,
        state text NOT NULL,
        revision integer NOT NULL
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*TEAMS, *DIVISIONS, *ROUNDS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
