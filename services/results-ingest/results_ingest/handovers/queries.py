"""The statements of a packet's steps."""

from shared.db import sql

LAST_STEP = sql("SELECT max(n) FROM ingest.packet_step WHERE packet_id = :packet_id")
REPEATED = sql("""
SELECT EXISTS (SELECT FROM ingest.packet_step
    WHERE packet_id = :packet_id AND kind = :kind AND digest = CAST(:digest AS bytea))
""")
LAST_HANDED = sql("""
SELECT max(at) FROM ingest.packet_step WHERE packet_id = :packet_id AND kind = 'handed'
""")

HAND = sql("""
UPDATE ingest.packet SET handed_at = least(handed_at, CAST(:at AS timestamptz)),
    state = CASE WHEN state = 'sealed' THEN 'handed' ELSE state END
WHERE packet_id = :packet_id
""")
RECEIVE = sql("""
UPDATE ingest.packet SET state = 'received', received_at = :at, samples = :samples, paper_forms = :paper_forms
WHERE packet_id = :packet_id
""")
REFUSE = sql("UPDATE ingest.packet SET state = 'refused', refused_at = :at WHERE packet_id = :packet_id")
RECOUNT = sql("""
UPDATE ingest.packet SET samples = coalesce(CAST(:samples AS integer), samples),
    paper_forms = coalesce(CAST(:paper_forms AS integer), paper_forms), explained = explained OR :explained
WHERE packet_id = :packet_id
""")
CLOSE = sql("UPDATE ingest.packet SET state = 'closed', closed_at = :at WHERE packet_id = :packet_id")

LISTED = sql("""
SELECT tube_code FROM ingest.packet_tube
WHERE packet_id = :packet_id AND tube_code = ANY(CAST(:codes AS text[]))
""")
# A tube that was not in the parcel may turn up in another one.
MISS = sql("""
UPDATE ingest.packet_tube SET standing = 'missing'
WHERE packet_id = :packet_id AND tube_code = ANY(CAST(:codes AS text[]))
""")
UNMISS = sql("""
DELETE FROM ingest.packet_tube
WHERE packet_id = :packet_id AND standing = 'missing' AND tube_code = ANY(CAST(:codes AS text[]))
RETURNING tube_code
""")
RETURN = sql("""
UPDATE ingest.packet_tube SET standing = 'returned'
WHERE packet_id = :packet_id AND standing IN ('listed', 'extra', 'missing')
""")
