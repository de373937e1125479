"""registry: clients, their secrets and the keys that sign tokens.

A secret is kept as a digest only, a name and a private key sealed.
"""

from alembic import op

revision = "0002_identity"
down_revision = "0001_bus"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE registry.client (
        client_id text CONSTRAINT client_pkey PRIMARY KEY
            CONSTRAINT client_id_check CHECK (client_id ~ '^[A-Za-z0-9._-]{1,64}$'),
        sealed_name bytea NOT NULL,
        kind text NOT NULL CONSTRAINT client_kind_check CHECK (kind IN ('system', 'person')),
        scopes text[] NOT NULL CONSTRAINT client_scopes_check CHECK (cardinality(scopes) > 0),
        lab_code text,
        area_code text,
        area_level text
            CONSTRAINT client_area_level_check CHECK (area_level IN ('district', 'department', 'township')),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_by text NOT NULL,
        updated_at timestamptz NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT client_area_check CHECK ((area_code IS NULL) = (area_level IS NULL)),
        CONSTRAINT client_lab_check CHECK (lab_code IS NOT NULL OR NOT 'results:write' = ANY (scopes)),
        CONSTRAINT client_responder_check CHECK (area_code IS NOT NULL OR NOT 'cases:respond' = ANY (scopes))
    )
    """,
    "CREATE INDEX client_area_idx ON registry.client (area_code, client_id)",
    """
    CREATE TABLE registry.client_secret (
        digest bytea CONSTRAINT client_secret_pkey PRIMARY KEY
            CONSTRAINT client_secret_digest_check CHECK (octet_length(digest) = 32),
        client_id text NOT NULL
            CONSTRAINT client_secret_client_fkey REFERENCES registry.client (client_id),
        created_at timestamptz NOT NULL,
        expires_at timestamptz
    )
    """,
    """
    CREATE UNIQUE INDEX client_secret_newest_key ON registry.client_secret (client_id)
        WHERE expires_at IS NULL
    """,
    "CREATE INDEX client_secret_client_idx ON registry.client_secret (client_id)",
    """
    CREATE TABLE registry.signing_key (
        kid text CONSTRAINT signing_key_pkey PRIMARY KEY,
        generation integer NOT NULL CONSTRAINT signing_key_generation_key UNIQUE
            CONSTRAINT signing_key_generation_check CHECK (generation >= 1),
        public_jwk jsonb NOT NULL,
        sealed_private bytea NOT NULL,
        signs_from timestamptz NOT NULL,
        retires_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT signing_key_times_check CHECK (retires_at >= signs_from)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
