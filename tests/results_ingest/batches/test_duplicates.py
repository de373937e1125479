"""Rows that say the same again, or something else of the same sample (contract §5)."""

import asyncio
import zlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from results_ingest.batches import queries
from results_ingest.batches.parts import CONTEXT
from tests.results_ingest.batches.support import NOW, Desk, Lab, Row, row

ID_NO = "11010519491231002X"


def counts(receipt: dict[str, Any]) -> tuple[int, int, int]:
    return receipt["accepted"], receipt["rejected"], receipt["duplicates"]


async def parts(desk: Desk, receipt: dict[str, Any]) -> list[Row]:
    """Return the accepted rows of a batch as matching will read them."""
    stored = await desk.run(
        "SELECT sealed FROM ingest.batch_part WHERE batch_id = :id ORDER BY part", id=receipt["batch_id"]
    )
    rows: list[Row] = []
    for part in stored:
        rows += msgspec.json.decode(
            zlib.decompress(desk.context.sealer.open(part["sealed"], context=CONTEXT))
        )
    return rows


SAMPLES = [
    row("T1"),
    row(..., health_code_id="HC-1"),
    row(..., id_type="resident_id", id_no=ID_NO),
]


async def test_an_equal_row_counts_as_a_duplicate_within_a_batch_and_against_an_earlier_one(lab: Lab) -> None:
    for sample in SAMPLES:
        first = await lab.accepted([sample, dict(sample)])
        assert counts(first) == (1, 0, 1)
        assert counts(await lab.accepted([sample])) == (0, 0, 1)


async def test_what_else_a_row_says_does_not_make_it_new(lab: Lab) -> None:
    again = row("T1", row_ref="X", mode="single", ct_n=30, kit="x", released_at="2030-01-14T12:00:00+08:00")
    same_moment = row("T1", tested_at="2030-01-14T03:05:00.000Z", test_kind="pcr", collected_at=...)
    assert counts(await lab.accepted([row("T1"), again, same_moment])) == (1, 0, 2)
    lower_case = row(..., id_type="resident_id", id_no=ID_NO.lower())
    assert counts(await lab.accepted([row(..., id_type="resident_id", id_no=ID_NO), lower_case])) == (1, 0, 1)


async def test_another_tube_person_kind_or_time_is_another_row(lab: Lab, other_lab: Lab) -> None:
    rows = [
        row("T1"),
        row("T2"),
        row("t1"),
        row("T1", test_kind="antigen", outcome="positive"),
        row("T1", tested_at="2030-01-14T11:05:01+08:00", outcome="positive"),
        row(..., health_code_id="T1-x"),
        row(..., id_type="passport", id_no="E1234567"),
        row(..., id_type="other", id_no="E1234567"),
    ]
    assert counts(await lab.accepted(rows)) == (8, 0, 0)
    assert counts(await other_lab.accepted(rows)) == (8, 0, 0)


async def test_keys_are_compared_as_sent(lab: Lab) -> None:
    """The same sample by tube and by code: only matching can know."""
    assert counts(await lab.accepted([row("T1"), row(..., health_code_id="HC-1")])) == (2, 0, 0)
    assert counts(await lab.accepted([row("T1", health_code_id="HC-1")])) == (0, 0, 1)


async def test_a_rejected_row_makes_no_other_a_duplicate(lab: Lab) -> None:
    assert counts(await lab.accepted([row("T1", kit=""), row("T1", outcome="x")])) == (0, 2, 0)
    assert counts(await lab.accepted([row("T1")])) == (1, 0, 0)


async def test_the_same_sample_with_two_outcomes_in_one_batch_is_rejected_in_every_row(lab: Lab) -> None:
    rows = [row("T1"), row("T2"), row("T1", outcome="positive"), row("T1")]
    receipt = await lab.accepted(rows)
    assert counts(receipt) == (1, 3, 0)
    assert [(error["row"], error["code"]) for error in receipt["errors"]] == [
        (1, "conflicting_outcome"),
        (3, "conflicting_outcome"),
        (4, "conflicting_outcome"),
    ]
    assert counts(await lab.accepted([row("T1")])) == (1, 0, 0)


async def test_another_outcome_than_an_earlier_batch_said_is_accepted_and_held(desk: Desk, lab: Lab) -> None:
    for number, sample in enumerate(SAMPLES):
        await lab.accepted([sample])
        receipt = await lab.accepted([{**sample, "outcome": "positive"}, row(f"X{number}")])
        assert counts(receipt) == (2, 0, 0)
        assert [one["hold"] for one in await parts(desk, receipt)] == ["conflicting_outcome", None]


async def test_a_held_row_said_again_is_a_duplicate_of_itself(lab: Lab) -> None:
    await lab.accepted([row("T1")])
    assert counts(await lab.accepted([row("T1", outcome="positive")])) == (1, 0, 0)
    assert counts(await lab.accepted([row("T1", outcome="positive")])) == (0, 0, 1)
    assert counts(await lab.accepted([row("T1")])) == (0, 0, 1)
    assert counts(await lab.accepted([row("T1", outcome="invalid")])) == (1, 0, 0)


async def test_after_ninety_days_from_receipt_a_row_is_new_again(desk: Desk, lab: Lab) -> None:
    await lab.accepted([row("T1"), row("T2")])
    await desk.set_clock(NOW + timedelta(days=89, hours=23))
    assert counts(await lab.accepted([row("T1"), row("T2", outcome="positive")])) == (1, 0, 1)
    await desk.set_clock(NOW + timedelta(days=90, minutes=5))
    receipt = await lab.accepted([row("T1"), row("T2")])
    assert counts(receipt) == (2, 0, 0)
    # T2 was said to be positive one hour ago; that it was negative before is forgotten.
    assert [one["hold"] for one in await parts(desk, receipt)] == [None, "conflicting_outcome"]
    assert counts(await lab.accepted([row("T1")])) == (0, 0, 1)


async def test_two_batches_at_once_with_the_same_rows_take_each_row_once(desk: Desk, lab: Lab) -> None:
    rows = [row(f"T{n}") for n in range(300)]
    receipts = await asyncio.gather(*(lab.accepted(rows[::step]) for step in (1, -1, 1, -1, 1, -1)))
    assert sum(receipt["accepted"] for receipt in receipts) == 300
    assert sum(receipt["duplicates"] for receipt in receipts) == 1500
    stored = await desk.run("SELECT count(*) AS n FROM ingest.fingerprint")
    assert stored[0]["n"] == 300


async def test_two_batches_at_once_with_different_outcomes_hold_all_but_the_first(
    desk: Desk, lab: Lab
) -> None:
    receipts = await asyncio.gather(
        *(
            lab.accepted([row(f"T{n}", outcome=outcome) for n in range(50)])
            for outcome in ("negative", "positive")
        )
    )
    held = [one["hold"] for receipt in receipts for one in await parts(desk, receipt)]
    assert held.count("conflicting_outcome") == 50
    assert held.count(None) == 50


async def test_the_plan_of_the_look_up_goes_by_index(desk: Desk, lab: Lab) -> None:
    await lab.accepted([row(f"T{n}") for n in range(2000)])
    statement = str(queries.REMEMBERED).replace("SELECT s.n", "EXPLAIN SELECT s.n", 1)
    plan = await desk.run(statement, tested=[NOW] * 3, keys=[b"x" * 16] * 3)
    assert any("fingerprint_pk" in line["QUERY PLAN"] for line in plan)


@pytest.fixture
def corrects() -> Row:
    return {"batch_no": "B1", "row": 1, "reason": "录入错误"}


async def test_a_correction_names_an_accepted_row_by_number_or_id(
    desk: Desk, lab: Lab, corrects: Row
) -> None:
    first = await lab.accepted([row("T1"), row("T2")], batch_no="B1")
    result_id = first["batch_id"][:-4] + "0001"
    rows = [
        row("T1", outcome="positive", corrects=corrects),
        row("T1", outcome="positive", corrects={"result_id": result_id, "reason": "x"}),
    ]
    receipt = await lab.accepted(rows)
    assert counts(receipt) == (2, 0, 0)
    named = [one["corrects"] for one in await parts(desk, receipt)]
    assert named == [{"result_id": result_id, "reason": "录入错误"}, {"result_id": result_id, "reason": "x"}]


async def test_a_correction_is_never_a_duplicate_and_never_conflicts(
    desk: Desk, lab: Lab, corrects: Row
) -> None:
    await lab.accepted([row("T1"), row("T2")], batch_no="B1")
    rows = [
        row("T1", corrects=corrects),
        row("T1", corrects=corrects),
        row("T1", outcome="invalid", corrects=corrects),
        row("T3"),
        row("T3", outcome="positive", corrects={**corrects, "row": 2}),
    ]
    receipt = await lab.accepted(rows)
    assert counts(receipt) == (5, 0, 0)
    assert {one["hold"] for one in await parts(desk, receipt)} == {None}
    urgent = await desk.run(
        "SELECT rows FROM ingest.batch_part WHERE urgent AND batch_id = :id", id=receipt["batch_id"]
    )
    assert urgent == [{"rows": 4}]


async def test_a_row_equal_to_an_accepted_correction_is_a_duplicate(lab: Lab, corrects: Row) -> None:
    await lab.accepted([row("T1")], batch_no="B1")
    corrected = row("T1", outcome="positive", corrects=corrects)
    assert counts(await lab.accepted([corrected, row("T1", outcome="positive")])) == (1, 0, 1)
    assert counts(await lab.accepted([row("T1", outcome="positive"), row("T1")][:1])) == (0, 0, 1)
    assert counts(await lab.accepted([row("T1")])) == (0, 0, 1)


async def test_a_correction_that_names_no_accepted_result_of_the_laboratory_is_rejected(
    lab: Lab, other_lab: Lab, corrects: Row
) -> None:
    first = await lab.accepted([row("T1"), row("T1"), row("T2", outcome="x")], batch_no="B1")
    foreign = await other_lab.accepted([row("T1")], batch_no="B7")
    stem, strange = first["batch_id"][:-4], "01999999-0000-7000-8000-000000000001"
    named: list[Row] = [
        {"batch_no": "B1", "row": 2},  # a duplicate
        {"batch_no": "B1", "row": 3},  # rejected
        {"batch_no": "B1", "row": 4},
        {"batch_no": "B2", "row": 1},  # the correcting batch itself
        {"batch_no": "B7", "row": 1},  # another laboratory's
        {"result_id": foreign["batch_id"][:-4] + "0001"},
        {"result_id": stem + "0002"},
        {"result_id": stem + "0000"},
        {"result_id": strange},
    ]
    receipt = await lab.accepted(
        [row(f"X{n}", corrects={**one, "reason": "x"}) for n, one in enumerate(named)], batch_no="B2"
    )
    assert counts(receipt) == (0, len(named), 0)
    assert {(error["field"], error["code"]) for error in receipt["errors"]} == {
        ("corrects", "corrects_not_found")
    }
    strict = await lab.post([row("X", corrects={**corrects, "row": 9})], query="?mode=all_or_nothing")
    assert (strict.status_code, strict.json()["code"]) == (422, "batch_refused")
