"""Dated versions of texts, what a notice's document was when it first came out, and who has seen a notice."""

from alembic import op

revision = "0055_templates"
down_revision = "0054_breaches"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE notifier.template_version (
        template_key text NOT NULL,
        version integer NOT NULL CONSTRAINT template_version_from_one CHECK (version > 0),
        effective_from date NOT NULL,
        zh text NOT NULL,
        en text NOT NULL,
        client_id text NOT NULL,
        step bytea NOT NULL,
        saved_at timestamptz NOT NULL,
        approved_client text,
        approval bytea,
        approved_at timestamptz,
        CONSTRAINT template_version_pkey PRIMARY KEY (template_key, version),
        CONSTRAINT template_version_second CHECK (approved_client <> client_id)
    )
    """,
    # One row for each document that ever came out: more than one means that the notice was reworded, or that
    # the way of rendering has changed since.
    """
    CREATE TABLE notifier.notice_document (
        notice_id uuid NOT NULL CONSTRAINT notice_document_notice REFERENCES notifier.notice,
        format text NOT NULL CONSTRAINT notice_document_format CHECK (format IN ('docx', 'pdf')),
        sha256 text NOT NULL CONSTRAINT notice_document_digest CHECK (sha256 ~ '^[0-9a-f]{64}$'),
        first_at timestamptz NOT NULL,
        client_id text NOT NULL,
        CONSTRAINT notice_document_pkey PRIMARY KEY (notice_id, format, sha256)
    )
    """,
    # Who had names in clear put into a paper, and why.
    """
    CREATE TABLE notifier.document_disclosure (
        disclosure_id uuid CONSTRAINT document_disclosure_pkey PRIMARY KEY,
        notice_id uuid NOT NULL CONSTRAINT document_disclosure_notice REFERENCES notifier.notice,
        format text NOT NULL,
        people integer NOT NULL,
        client_id text NOT NULL,
        reason bytea NOT NULL,
        disclosed_at timestamptz NOT NULL
    )
    """,
    # When a client of an area was first shown a notice: seen, though not yet acknowledged.
    """
    CREATE TABLE notifier.notice_seen (
        notice_id uuid NOT NULL CONSTRAINT notice_seen_notice REFERENCES notifier.notice,
        client_id text NOT NULL,
        first_at timestamptz NOT NULL,
        CONSTRAINT notice_seen_pkey PRIMARY KEY (notice_id, client_id)
    )
    """,
    "CREATE INDEX notice_of_recipient ON notifier.notice (recipient_type, recipient_code, issued_at, notice_id)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
