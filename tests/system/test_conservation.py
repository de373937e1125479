"""Rows add up at every stage, whatever faults the batches have."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.system.people import District, ok, person, row, text

KNOWN: Final = 6
NOW: Final = datetime.fromisoformat("2030-03-05T12:00:00+08:00")

# What is wrong (or right) with a row; applied to a plain one.
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "positive": {"outcome": "positive"},
    "invalid": {"outcome": "invalid"},
    "antigen": {"test_kind": "antigen"},
    "unknown person": {"health_code_id": "HC-NOBODY"},
    "unknown tube": {"tube_code": "T-NOWHERE"},
    "other name": {"name": "别人"},
    "unknown field": {"surplus": 1},
    "wrong type": {"outcome": 1},
    "wrong outcome": {"outcome": "maybe"},
    "naive time": {"tested_at": "2030-03-05T10:00:00"},
    "digits as time": {"tested_at": "1700000000"},
    "time to come": {"tested_at": "2099-01-01T00:00:00+08:00"},
    "tested before collected": {
        "collected_at": "2030-03-05T11:00:00+08:00",
        "tested_at": "2030-03-05T10:00:00+08:00",
    },
    "personal code": {"health_code_id": "11010519491231002X"},
    "bad number": {"id_type": "resident_id", "id_no": "110105194912310021"},
}
ROWS = st.lists(
    st.tuples(st.integers(0, KNOWN - 1), st.integers(0, 30), st.sampled_from(sorted(FAULTS))),
    min_size=1,
    max_size=30,
)


def made(who: int, minute: int, fault: str) -> dict[str, Any]:
    plain = row(NOW - timedelta(hours=2, minutes=minute), health_code_id=f"HC-{who:06}")
    return plain | {"collected_at": text(NOW - timedelta(hours=6))} | FAULTS[fault]


def check(batch: dict[str, Any], rows: int) -> None:
    assert batch["accepted"] + batch["rejected"] + batch["duplicates"] == rows
    assert batch["waiting"] + batch["matched"] + batch["unmatched"] + batch["held"] == batch["accepted"]


@pytest.fixture
async def peopled(district: District) -> District:
    await district.system.set_clock(NOW)
    await district.register(*(person(number) for number in range(KNOWN)))
    await district.system.settle()
    return district


@pytest.mark.timeout(600)
@pytest.mark.requirement(61)
@given(batches=st.lists(ROWS, min_size=1, max_size=3))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
async def test_every_row_of_every_batch_is_accounted_for(peopled: District, batches: list[Any]) -> None:
    lab = peopled.labs["LAB01"]
    receipts = [await peopled.post(*(made(*each) for each in rows)) for rows in batches]
    for receipt, rows in zip(receipts, batches, strict=True):
        check(await ok(lab.get(f"/v1/batches/{receipt['batch_id']}")), len(rows))

    await peopled.system.settle()
    for receipt, rows in zip(receipts, batches, strict=True):
        batch = await ok(lab.get(f"/v1/batches/{receipt['batch_id']}"))
        check(batch, len(rows))
        assert (batch["status"], batch["waiting"]) == ("matched", 0)
        assert await verdicts(peopled, receipt["batch_id"]) == len(rows)


async def verdicts(district: District, batch_id: str) -> int:
    """Return how many rows are listed with a verdict, each once."""
    numbers: list[int] = []
    cursor: str | None = None
    while True:
        params = {"limit": "7"} | ({"cursor": cursor} if cursor else {})
        page = await ok(district.labs["LAB01"].get(f"/v1/batches/{batch_id}/rows", params=params))
        numbers += [each["row"] for each in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            assert len(set(numbers)) == len(numbers)
            return len(numbers)
