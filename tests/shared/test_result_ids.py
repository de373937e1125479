"""The id of a result, as the functions say it and as statements do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.db import fetch_all, sql
from shared.result_ids import RESULT_ID, new_batch_id, oldest_id, prefix_of, result_id, split
from tests.support.system import System

ALL = sql(f"""
    SELECT "row", {RESULT_ID} AS id FROM (SELECT generate_series(1, 65535)) AS u ("row")
""")


async def test_statements_and_functions_give_every_row_one_id(system: System) -> None:
    batch_id = new_batch_id(datetime(2026, 11, 22, tzinfo=UTC))
    async with system.context("results-ingest").db.transaction() as session:
        rows = await fetch_all(session, ALL, prefix=prefix_of(batch_id))
    assert len(rows) == 65_535
    wrong = [row["row"] for row in rows if UUID(str(row["id"])) != result_id(batch_id, row["row"])]
    assert wrong == []
    assert split(UUID(str(rows[9_999]["id"]))) == (batch_id, 10_000)


def test_before_the_first_id_there_is_none() -> None:
    made = datetime(2026, 11, 22, tzinfo=UTC)
    assert oldest_id(made) <= new_batch_id(made) < oldest_id(made + timedelta(milliseconds=1))
    assert (
        oldest_id(datetime(1901, 11, 19, tzinfo=UTC))
        == oldest_id(datetime(1970, 1, 1, tzinfo=UTC))
        == UUID(int=0)
    )
