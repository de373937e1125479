"""registry: the public keys that clients sign with, and the ids of assertions that are spent.

A spent id lies here and not in Redis: neither a restart nor an emptied cache may make it good again.
"""

from alembic import op

revision = "0008_client_keys"
down_revision = "0007_notifier"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE registry.client ADD COLUMN secret_refused boolean NOT NULL DEFAULT false",
    """
    CREATE INDEX client_disabled_idx ON registry.client (disabled_at) WHERE disabled_at IS NOT NULL
    """,
    """
    CREATE TABLE registry.client_key (
        client_id text NOT NULL
            CONSTRAINT client_key_client_fkey REFERENCES registry.client (client_id),
        kid text NOT NULL CONSTRAINT client_key_kid_check CHECK (kid ~ '^[A-Za-z0-9._-]{1,64}$'),
        thumbprint text NOT NULL,
        public_jwk jsonb NOT NULL,
        algorithms text[] NOT NULL
            CONSTRAINT client_key_algorithms_check CHECK (
                cardinality(algorithms) > 0 AND algorithms <@ ARRAY['ES256', 'RS256', 'PS256', 'EdDSA']),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        retired_by text,
        retired_at timestamptz,
        CONSTRAINT client_key_pkey PRIMARY KEY (client_id, kid),
        CONSTRAINT client_key_thumbprint_key UNIQUE (client_id, thumbprint)
    )
    """,
    """
    CREATE TABLE registry.spent_assertion (
        client_id text NOT NULL,
        jti bytea NOT NULL CONSTRAINT spent_assertion_jti_check CHECK (octet_length(jti) = 32),
        expires_at timestamptz NOT NULL,
        CONSTRAINT spent_assertion_pkey PRIMARY KEY (client_id, jti)
    )
    """,
    "CREATE INDEX spent_assertion_expires_idx ON registry.spent_assertion (expires_at)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
