"""notifier: the duty matrix as registry says it, and on each notice whose it was when it was issued."""

from alembic import op

revision = "0027_notice_owners"
down_revision = "0026_referrals"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    INSERT INTO registry.duty (subject, entry_code, effective_from, created_by, created_at)
    SELECT r.*, DATE '2022-01-01', 'shipped', now() FROM (VALUES
        ('referral.changed', 'INSTITUTIONS'), ('finding.recorded', 'DISEASE-CONTROL'),
        ('finding.ended', 'DISEASE-CONTROL'), ('appeal.changed', 'DISEASE-CONTROL'),
        ('round.changed', 'DISEASE-CONTROL'), ('duties.changed', 'SUPERVISION')) AS r
    ON CONFLICT DO NOTHING
    """,
    """
    CREATE TABLE notifier.duty_entry (
        entry_code text CONSTRAINT duty_entry_pkey PRIMARY KEY,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        department_code text
    )
    """,
    """
    CREATE TABLE notifier.duty (
        subject text NOT NULL,
        effective_from date NOT NULL,
        entry_code text NOT NULL CONSTRAINT duty_entry_fkey REFERENCES notifier.duty_entry (entry_code),
        CONSTRAINT duty_pkey PRIMARY KEY (subject, effective_from)
    )
    """,
    """
    CREATE TABLE notifier.duty_head (
        one boolean NOT NULL DEFAULT true CONSTRAINT duty_head_pkey PRIMARY KEY
            CONSTRAINT duty_head_one_check CHECK (one),
        revision bigint NOT NULL
    )
    """,
    # As it stands now: what changes from here on is told.
    """
    INSERT INTO notifier.duty_entry (entry_code, name_zh, name_en, department_code)
    SELECT entry_code, name_zh, name_en, department_code FROM registry.duty_entry
    """,
    """
    INSERT INTO notifier.duty (subject, effective_from, entry_code)
    SELECT subject, effective_from, entry_code FROM registry.duty
    """,
    """
    INSERT INTO notifier.duty_head (revision)
    SELECT (SELECT sum(revision) FROM registry.duty_entry) + (SELECT count(*) FROM registry.duty)
    """,
    "ALTER TABLE notifier.notice ADD COLUMN owner bytea",
)


def upgrade() -> None:
    """Create the tables and fill them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
