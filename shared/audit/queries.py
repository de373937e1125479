"""Statements over a service's audit log. Every schema has the same tables."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import TextClause

from shared.db import sql

_COLUMNS = "audit_id, at, client_id, action, person_id, subject, purpose, requests, rows"


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one schema."""

    insert: TextClause
    take: TextClause
    add_links: TextClause
    last_link: TextClause
    link_at: TextClause
    add_head: TextClause
    links: TextClause
    strays: TextClause
    newest: TextClause
    page: TextClause
    waiting: TextClause


@cache
def of(schema: str) -> Statements:
    """Return the statements over `schema`'s log."""
    return Statements(
        # The row and its place in the queue of the sealer, in one statement.
        insert=sql(f"""
            WITH added AS (
                INSERT INTO {schema}.audit
                    (at, client_id, action, person_id, subject, purpose, requests, rows)
                SELECT * FROM unnest(CAST(:ats AS timestamptz[]), CAST(:client_ids AS text[]),
                    CAST(:actions AS text[]), CAST(:person_ids AS uuid[]), CAST(:subjects AS text[]),
                    CAST(:purposes AS text[]), CAST(:requests AS int[]), CAST(:rows AS int[]))
                RETURNING audit_id
            )
            INSERT INTO {schema}.audit_pending (audit_id) SELECT audit_id FROM added
        """),
        # A row that is gone already is chained as gone.
        take=sql(f"""
            WITH taken AS (
                DELETE FROM {schema}.audit_pending WHERE audit_id IN (
                    SELECT audit_id FROM {schema}.audit_pending ORDER BY audit_id LIMIT :limit
                ) RETURNING audit_id
            )
            SELECT {_COLUMNS} FROM taken LEFT JOIN {schema}.audit USING (audit_id) ORDER BY audit_id
        """),
        add_links=sql(f"""
            INSERT INTO {schema}.audit_link (n, audit_id, hash)
            SELECT * FROM unnest(CAST(:numbers AS bigint[]), CAST(:audit_ids AS bigint[]),
                CAST(:hashes AS bytea[]))
        """),
        last_link=sql(f"SELECT n, hash FROM {schema}.audit_link ORDER BY n DESC LIMIT 1"),
        link_at=sql(f"SELECT hash FROM {schema}.audit_link WHERE n = :n"),
        add_head=sql(f"""
            INSERT INTO {schema}.audit_head (n, hash, signed_at, public_key, signature)
            VALUES (:n, :hash, :signed_at, :public_key, :signature) ON CONFLICT DO NOTHING
        """),
        links=sql(f"""
            SELECT n, hash, {_COLUMNS} FROM {schema}.audit_link LEFT JOIN {schema}.audit USING (audit_id)
            WHERE n > :after AND n <= :last ORDER BY n LIMIT :limit
        """),
        # Rows that neither hang on the chain nor wait for it: nobody but an intruder makes them.
        strays=sql(f"""
            SELECT CAST(NULL AS bigint) AS n, CAST(NULL AS bytea) AS hash, {_COLUMNS}
            FROM {schema}.audit AS a
            WHERE audit_id > :after AND audit_id <= :until
              AND NOT EXISTS (SELECT FROM {schema}.audit_link AS l WHERE l.audit_id = a.audit_id)
              AND NOT EXISTS (SELECT FROM {schema}.audit_pending AS p WHERE p.audit_id = a.audit_id)
            ORDER BY audit_id
        """),
        newest=sql(f"SELECT coalesce(max(audit_id), 0) FROM {schema}.audit"),
        page=sql(f"""
            SELECT {_COLUMNS} FROM {schema}.audit
            WHERE audit_id < :before
              AND (CAST(:client_id AS text) IS NULL OR client_id = :client_id)
              AND (CAST(:action AS text) IS NULL OR action = :action)
              AND (CAST(:person_id AS uuid) IS NULL OR person_id = :person_id)
              AND (CAST(:subject AS text) IS NULL OR subject = :subject)
              AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
              AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
            ORDER BY audit_id DESC LIMIT :limit
        """),
        waiting=sql(f"SELECT count(*) FROM {schema}.audit_pending"),
    )
