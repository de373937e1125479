"""Whatever faults a batch has: rows = accepted + rejected + duplicates, and each row has one fate."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.results_ingest.batches.support import Desk, Lab, Row, row

ID_NO = "11010519491231002X"
FAULTS: list[Row] = [
    {},
    {},
    {},
    {"outcome": "positive"},
    {"outcome": "x"},
    {"tested_at": "2030-01-14T11:05:00"},
    {"collected_at": None},
    {"kit": "\u0000"},
    {"tube_code": None},
    {"tube_code": None, "health_code_id": "HC-1"},
    {"tube_code": None, "health_code_id": "13800138000"},
    {"tube_code": None, "id_type": "resident_id", "id_no": ID_NO},
    {"corrects": {"batch_no": "B0001", "row": 1, "reason": "x"}},
    {"corrects": {"batch_no": "none", "row": 1, "reason": "x"}},
    {"ct_n": 10**29},
    {"张三": 1},
]


def rows() -> st.SearchStrategy[list[object]]:
    good = st.builds(
        lambda tube, fault: {**row(f"T{tube}"), **fault}, st.integers(1, 6), st.sampled_from(FAULTS)
    )
    return st.lists(good | st.sampled_from([5, None, "x", {}, []]), min_size=1, max_size=25)


async def check(desk: Desk, receipt: dict[str, Any], sent: int) -> None:
    assert receipt["accepted"] + receipt["rejected"] + receipt["duplicates"] == sent
    batch_id = receipt["batch_id"]
    refused = await desk.run(
        'SELECT "row", verdict FROM ingest.refused_row WHERE batch_id = :id', id=batch_id
    )
    verdicts = [one["verdict"] for one in refused]
    assert (verdicts.count("rejected"), verdicts.count("duplicate")) == (
        receipt["rejected"],
        receipt["duplicates"],
    )
    parts = await desk.run(
        "SELECT coalesce(sum(rows), 0) AS n FROM ingest.batch_part WHERE batch_id = :id", id=batch_id
    )
    assert parts[0]["n"] == receipt["accepted"]
    assert len({one["row"] for one in refused}) == len(refused)
    assert {error["row"] for error in receipt["errors"]} == {
        one["row"] for one in refused if one["verdict"] == "rejected"
    }


@pytest.mark.requirement(61)
async def test_every_row_of_every_batch_is_accepted_rejected_or_a_duplicate(desk: Desk, lab: Lab) -> None:
    runs: list[list[list[object]]] = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(rows(), min_size=1, max_size=3))
    def gather(batches: list[list[object]]) -> None:
        runs.append(batches)

    gather()
    for batches in runs:
        for sent in batches:
            rehearsed = (await lab.post(sent, query="?dry_run=true")).json()
            receipt = await lab.accepted(sent)
            await check(desk, receipt, len(sent))
            for name in ("rows", "accepted", "rejected", "duplicates", "errors", "warnings_total"):
                assert rehearsed[name] == receipt[name]
