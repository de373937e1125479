"""notifier: sealed contacts, alarms, tasks, reminders, notices and their deliveries."""

from alembic import op

revision = "0007_notifier"
down_revision = "0006_ingest_matching"
branch_labels = None
depends_on = None

CONTACTS = """
CREATE TABLE notifier.department (
    code text CONSTRAINT department_pkey PRIMARY KEY,
    department_name text NOT NULL,
    level text NOT NULL CONSTRAINT department_level CHECK (level IN ('district', 'department', 'township')),
    role text,
    parent_code text,
    contact bytea NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX department_role ON notifier.department (role) WHERE role IS NOT NULL;

CREATE TABLE notifier.unit (
    unit_code text CONSTRAINT unit_pkey PRIMARY KEY,
    unit_name text NOT NULL,
    township_code text NOT NULL,
    department_code text,
    contact bytea NOT NULL,
    revision bigint NOT NULL
);

CREATE TABLE notifier.person (
    person_id uuid CONSTRAINT person_pkey PRIMARY KEY,
    health_code_id text,
    unit_codes text[] NOT NULL,
    contact bytea NOT NULL,
    version bigint NOT NULL
);
"""

# `confirm_at`: addressed once more soon, and last when every transaction that ran beside the first look
# has ended, so that a contact and an alarm that arrive at the same moment cannot miss each other.
CAUSES = """
CREATE TABLE notifier.alert (
    alert_id uuid CONSTRAINT alert_pkey PRIMARY KEY,
    kind text NOT NULL CONSTRAINT alert_kind CHECK (kind IN ('alert.positive', 'alert.pool')),
    subject_type text NOT NULL,
    subject_key text NOT NULL,
    subject_code text NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirm_at timestamptz,
    last_confirm_at timestamptz,
    closed boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX alert_open ON notifier.alert (kind, subject_type, subject_key) WHERE NOT closed;
CREATE INDEX alert_raised ON notifier.alert (raised_at);
CREATE INDEX alert_confirm ON notifier.alert (confirm_at) WHERE confirm_at IS NOT NULL;

CREATE TABLE notifier.alarm (
    alarm_id uuid CONSTRAINT alarm_pkey PRIMARY KEY,
    alert_id uuid NOT NULL CONSTRAINT alarm_alert REFERENCES notifier.alert,
    result_id uuid NOT NULL,
    outcome text NOT NULL,
    person_ids uuid[] NOT NULL,
    unit_code text,
    lab_code text NOT NULL,
    collected_at timestamptz NOT NULL,
    tested_at timestamptz NOT NULL,
    members integer NOT NULL,
    members_unknown integer NOT NULL,
    conflict boolean NOT NULL
);
CREATE INDEX alarm_alert_id ON notifier.alarm (alert_id);
CREATE INDEX alarm_result ON notifier.alarm (result_id);

CREATE TABLE notifier.alarm_review (
    result_id uuid CONSTRAINT alarm_review_pkey PRIMARY KEY,
    revision integer NOT NULL,
    verdict text NOT NULL,
    reviewed_at timestamptz NOT NULL
);

CREATE TABLE notifier.task (
    kind text NOT NULL CONSTRAINT task_kind CHECK (kind IN ('task.recheck', 'task.resample')),
    result_id uuid NOT NULL,
    tube_code text,
    site_code text,
    unit_code text,
    lab_code text NOT NULL,
    person_ids uuid[] NOT NULL,
    retained_tubes text[] NOT NULL,
    due_at timestamptz,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirm_at timestamptz,
    last_confirm_at timestamptz,
    CONSTRAINT task_pkey PRIMARY KEY (kind, result_id)
);
CREATE INDEX task_raised ON notifier.task (raised_at);
CREATE INDEX task_confirm ON notifier.task (confirm_at) WHERE confirm_at IS NOT NULL;

CREATE TABLE notifier.reminder (
    unit_code text NOT NULL,
    person_id uuid NOT NULL,
    category_code text NOT NULL,
    due_on date NOT NULL,
    stage smallint NOT NULL CONSTRAINT reminder_stage CHECK (stage BETWEEN 1 AND 3),
    day date NOT NULL,
    due_state text NOT NULL,
    health_code_id text,
    as_of timestamptz NOT NULL,
    CONSTRAINT reminder_pkey PRIMARY KEY (person_id, category_code, due_on, stage, unit_code)
);
CREATE INDEX reminder_unit_day ON notifier.reminder (unit_code, day, stage);
CREATE INDEX reminder_day ON notifier.reminder (day);

CREATE TABLE notifier.reminder_confirmation (
    unit_code text NOT NULL,
    day date NOT NULL,
    confirm_at timestamptz NOT NULL,
    CONSTRAINT reminder_confirmation_pkey PRIMARY KEY (unit_code, day)
);
"""

NOTICES = """
CREATE TABLE notifier.notice (
    notice_id uuid CONSTRAINT notice_pkey PRIMARY KEY,
    kind text NOT NULL,
    dedupe_key text NOT NULL,
    source_id uuid,
    number text,
    level text,
    recipient_type text NOT NULL CONSTRAINT notice_recipient_type CHECK (recipient_type IN
        ('unit', 'department', 'township', 'district', 'cdc', 'lab', 'site', 'person')),
    recipient_code text NOT NULL,
    placeholder boolean NOT NULL DEFAULT false,
    subject_type text NOT NULL,
    subject_code text NOT NULL,
    person_id uuid,
    urgent boolean NOT NULL,
    as_of timestamptz NOT NULL,
    issued_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'queued' CONSTRAINT notice_status CHECK (status IN
        ('queued', 'sent', 'delivered', 'failed', 'acknowledged', 'revoked')),
    ack_due_at timestamptz,
    repeat_at timestamptz,
    repeats integer NOT NULL DEFAULT 0,
    escalated boolean NOT NULL DEFAULT false,
    sealed bytea NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_client text,
    acknowledgement bytea,
    revoked_at timestamptz,
    revoked_client text,
    revocation bytea,
    CONSTRAINT notice_once UNIQUE (kind, dedupe_key),
    CONSTRAINT notice_acknowledged CHECK ((status = 'acknowledged') <= (acknowledged_at IS NOT NULL)),
    CONSTRAINT notice_revoked CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE INDEX notice_recipient ON notifier.notice (recipient_type, recipient_code, notice_id);
CREATE INDEX notice_subject ON notifier.notice (subject_code, notice_id);
CREATE INDEX notice_kind ON notifier.notice (kind, notice_id);
CREATE INDEX notice_source ON notifier.notice (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX notice_repeat ON notifier.notice (repeat_at) WHERE repeat_at IS NOT NULL;
CREATE INDEX notice_placeholder ON notifier.notice (recipient_type) WHERE placeholder;

CREATE TABLE notifier.delivery (
    delivery_id uuid CONSTRAINT delivery_pkey PRIMARY KEY,
    notice_id uuid NOT NULL CONSTRAINT delivery_notice REFERENCES notifier.notice,
    sequence integer NOT NULL,
    channel text NOT NULL,
    urgent boolean NOT NULL,
    reason text NOT NULL CONSTRAINT delivery_reason CHECK (reason IN
        ('issue', 'repeat', 'update', 'revocation')),
    state text NOT NULL DEFAULT 'queued' CONSTRAINT delivery_state CHECK (state IN
        ('queued', 'sending', 'sent', 'unknown', 'failed', 'delivered', 'dropped')),
    not_before timestamptz,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempt integer NOT NULL DEFAULT 0,
    token uuid,
    provider_ref text,
    error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    handed_at timestamptz,
    CONSTRAINT delivery_once UNIQUE (notice_id, sequence, channel)
);
CREATE INDEX delivery_due ON notifier.delivery (urgent, due_at)
    WHERE state IN ('queued', 'sending', 'unknown');

CREATE TABLE notifier.delivery_attempt (
    delivery_id uuid NOT NULL CONSTRAINT attempt_delivery REFERENCES notifier.delivery,
    attempt integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text NOT NULL,
    error text,
    CONSTRAINT delivery_attempt_pkey PRIMARY KEY (delivery_id, attempt)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(CONTACTS)
    op.execute(CAUSES)
    op.execute(NOTICES)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
