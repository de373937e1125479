"""Two rows that only matching shows to be one positive sample: both are matched, one takes effect.

Of negatives both may be told to registry: the second changes nothing there. A positive's second
row would alarm and be reviewed twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from results_ingest.matching.rules import alarms
from results_ingest.matching.tubes import Tube
from shared.db import Session, execute, fetch_all, sql
from shared.result_ids import result_id

CLAIM = sql("""
INSERT INTO ingest.positive_sample (subject, tested_at, lab_code, test_kind, outcome, mode, result_id)
SELECT * FROM unnest(CAST(:subjects AS uuid[]), CAST(:tested AS timestamptz[]), CAST(:labs AS text[]),
    CAST(:kinds AS text[]), CAST(:outcomes AS text[]), CAST(:modes AS text[]), CAST(:ids AS uuid[]))
    AS u (subject, tested_at, lab_code, test_kind, outcome, mode, result_id)
ORDER BY subject, tested_at, lab_code, test_kind, outcome, mode, result_id
ON CONFLICT DO NOTHING
""")
HOLDERS = sql("""
SELECT u.result_id, p.result_id AS holder
FROM unnest(CAST(:subjects AS uuid[]), CAST(:tested AS timestamptz[]), CAST(:labs AS text[]),
    CAST(:kinds AS text[]), CAST(:outcomes AS text[]), CAST(:modes AS text[]), CAST(:ids AS uuid[]))
    AS u (subject, tested_at, lab_code, test_kind, outcome, mode, result_id)
CROSS JOIN LATERAL (
    SELECT x.result_id FROM ingest.positive_sample x
    WHERE x.subject = u.subject AND x.tested_at = u.tested_at AND x.lab_code = u.lab_code
        AND x.test_kind = u.test_kind AND x.outcome = u.outcome AND x.mode = u.mode OFFSET 0
) p
WHERE p.result_id <> u.result_id
""")
MARK = sql("""
UPDATE ingest.result r SET same_as = u.holder
FROM unnest(CAST(:batches AS uuid[]), CAST(:rows AS smallint[]), CAST(:holders AS uuid[]))
    AS u (batch_id, "row", holder)
WHERE r.batch_id = u.batch_id AND r."row" = u."row"
""")


def subject_of(row: Any, tube: Tube | None) -> UUID | None:  # noqa: ANN401 - a result's row
    """Return whom or what a result is about: the person, or the tube of a pool or a thing."""
    if tube is None:
        person: UUID | None = row.person_id
        return person
    if tube.mode == "mixed" or tube.subject != "person":
        return tube.tube_id
    return tube.known[0] if tube.known else None


async def without(session: Session, rows: Sequence[Any], tubes: Mapping[UUID, Tube]) -> list[Any]:
    """Return the rows but for those that repeat a positive that another row has told of."""
    asking = [
        (subject, row)
        for row in rows
        if alarms(row.outcome, row.test_kind)
        and (subject := subject_of(row, tubes.get(row.tube_id))) is not None
    ]
    if not asking:
        return list(rows)
    columns = {
        "subjects": [subject for subject, _ in asking],
        "tested": [row.tested_at for _, row in asking],
        "labs": [row.lab_code for _, row in asking],
        "kinds": [row.test_kind for _, row in asking],
        "outcomes": [row.outcome for _, row in asking],
        "modes": [row.mode for _, row in asking],
        "ids": [result_id(row.batch_id, row.row) for _, row in asking],
    }
    if await execute(session, CLAIM, **columns) == len(asking):
        return list(rows)
    # A correction speaks of its sample anew, whoever spoke of it before.
    corrections = {result_id(row.batch_id, row.row) for _, row in asking if row.corrects_batch}
    found = await fetch_all(session, HOLDERS, **columns)
    holders = {row["result_id"]: row["holder"] for row in found if row["result_id"] not in corrections}
    double = [row for row in rows if result_id(row.batch_id, row.row) in holders]
    await execute(
        session,
        MARK,
        batches=[row.batch_id for row in double],
        rows=[row.row for row in double],
        holders=[holders[result_id(row.batch_id, row.row)] for row in double],
    )
    return [row for row in rows if result_id(row.batch_id, row.row) not in holders]
