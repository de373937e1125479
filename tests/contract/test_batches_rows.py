"""Contract §5: duplicates, contradictions, labs, and how the rows of a batch add up."""

from datetime import timedelta

import pytest

from tests.contract.intake import (
    COUNTS,
    RECEIPT,
    ago,
    alerts,
    batch,
    bodies,
    bound,
    display,
    fresh,
    matched,
    moment,
    result,
    rows_of,
    send,
    taken,
)
from tests.contract.office import Answer, Office, pages, problem
from tests.system.people import CDC, DEPARTMENT, TOWN, UNIT, ok, resident_id, text

pytestmark = pytest.mark.asyncio(loop_scope="module")


def counted(receipt: Answer) -> tuple[int, int, int]:
    """Return what became of the rows."""
    return receipt["accepted"], receipt["rejected"], receipt["duplicates"]


async def test_a_repeated_row_is_counted_and_has_no_effect(office: Office) -> None:
    code = await office.somebody()
    row = result(office, health_code_id=code)
    answer = await send(office, row, row, row | {"row_ref": "third", "ct_n": 33})
    assert counted(answer.json()) == (1, 0, 2)
    again = await send(office, row, row | {"test_kind": "pcr"})
    assert counted(again.json()) == (0, 0, 2)
    await office.system.settle()
    verdicts = [one["verdict"] for one in await rows_of(office, answer.json()["batch_id"])]
    assert verdicts == ["matched", "duplicate", "duplicate"]
    assert (await batch(office, again.json()["batch_id"]))["status"] == "matched"


async def test_the_same_moment_in_another_offset_is_the_same_row(office: Office) -> None:
    row = result(office, health_code_id=await office.somebody())
    zulu = moment(row["tested_at"]) - timedelta(hours=8)
    other = row | {"tested_at": zulu.strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert counted((await send(office, row, other)).json()) == (1, 0, 1)


async def test_what_differs_in_the_key_is_no_duplicate(office: Office) -> None:
    row = result(office, health_code_id=await office.somebody())
    other = [
        row,
        row | {"tested_at": ago(office, 2)},
        row | {"test_kind": "antigen"},
        row | {"health_code_id": await office.somebody()},
    ]
    assert counted((await send(office, *other)).json()) == (4, 0, 0)
    assert counted((await send(office, row, lab="LAB02")).json()) == (1, 0, 0)


async def test_one_sample_named_in_two_ways_is_matched_twice_and_takes_effect_once(office: Office) -> None:
    person = office.row()
    await office.register(person)
    row = result(office, health_code_id=person["health_code_id"])
    twin = result(office, id_type="resident_id", id_no=person["id_no"])
    state = await matched(office, row, twin)
    assert state["matched"] == 2
    assert await display(office, person["health_code_id"]) == "negative"


@pytest.mark.requirement(79)
async def test_two_outcomes_of_one_sample_in_a_batch_are_both_rejected(office: Office) -> None:
    code = await office.somebody()
    row = result(office, health_code_id=code)
    tube = await bound(office, await office.somebody())
    swab = result(office, tube_code=tube)
    answer = await send(office, row, row | {"outcome": "positive"}, swab, swab | {"outcome": "indeterminate"})
    receipt = answer.json()
    assert counted(receipt) == (0, 4, 0)
    assert {one["code"] for one in receipt["errors"]} == {"conflicting_outcome"}
    assert {one["row"] for one in receipt["errors"]} == {1, 2, 3, 4}
    await office.system.settle()
    assert await display(office, code) == "none"


async def test_another_outcome_than_an_earlier_batch_is_held_and_a_positive_is_alerted(
    office: Office,
) -> None:
    code = await office.somebody(unit_code=UNIT)
    row = result(office, health_code_id=code)
    await matched(office, row)
    state = await matched(office, row | {"outcome": "positive"})
    assert (state["held"], state["matched"]) == (1, 0)
    [held] = await rows_of(office, state["batch_id"])
    assert (held["verdict"], held["code"]) == ("held", "conflicting_outcome")
    found = await alerts(office, "alert.positive", code)
    assert bodies(found) == [("cdc", CDC), ("department", DEPARTMENT), ("township", TOWN)]


async def test_a_held_negative_alerts_nobody_and_changes_nothing(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    row = result(office, "invalid", health_code_id=code)
    await matched(office, row)
    state = await matched(office, row | {"outcome": "negative"})
    assert state["held"] == 1
    assert await display(office, code) == "none"
    assert await alerts(office, "alert.positive", code) == []


async def test_a_row_that_corrects_is_no_duplicate_and_no_conflict(office: Office) -> None:
    code = await office.somebody()
    row = result(office, health_code_id=code)
    first = await matched(office, row)
    named = {"batch_no": first["batch_no"], "row": 1, "reason": "复核"}
    answer = await send(office, row | {"corrects": named})
    assert counted(answer.json()) == (1, 0, 0)
    await office.system.settle()
    assert (await batch(office, answer.json()["batch_id"]))["matched"] == 1


async def test_a_time_of_sampling_that_is_assumed_is_warned_of(office: Office) -> None:
    code, other = await office.somebody(), await office.somebody()
    tube = await bound(office, other, hours=4)
    given = result(office, health_code_id=await office.somebody(), collected_at=ago(office, 2))
    rows = [result(office, health_code_id=code, row_ref="first"), given, result(office, tube_code=tube)]
    answer = await send(office, *rows)
    receipt = answer.json()
    await office.system.settle()
    warned = {one["row"] for one in receipt["warnings"] if one["code"] == "collected_at_assumed"}
    assert 1 in warned
    assert 2 not in warned
    state = await ok(office.labs["LAB01"].get(answer.headers["location"]))
    assert {one["row"] for one in state["warnings"]} >= {1}
    mine = (await office.status(code))["last_result"]
    assert moment(mine["collected_at"]) == moment(rows[0]["tested_at"])
    theirs = (await office.status(other))["last_result"]
    assert moment(theirs["collected_at"]) == office.now - timedelta(hours=4)


async def held_for(office: Office, row: Answer) -> str:
    """Return why a row is held."""
    state = await matched(office, row)
    assert state["held"] == 1, await rows_of(office, state["batch_id"])
    [one] = await rows_of(office, state["batch_id"])
    return str(one["code"])


@pytest.mark.requirement(79)
async def test_what_contradicts_itself_is_held(office: Office) -> None:
    one, other = office.row(), office.row()
    await office.register(one, other)
    code, document = one["health_code_id"], {"id_type": "resident_id", "id_no": other["id_no"]}
    tube = await bound(office, code)
    await held_for(office, result(office, health_code_id=code, **document))
    await held_for(office, result(office, hours=1.1, name="别人", **document))
    await held_for(office, result(office, hours=1.2, tube_code=tube, health_code_id=other["health_code_id"]))
    await held_for(office, result(office, hours=1.3, tube_code=tube, mode="mixed"))
    assert await display(office, code) == "pending"
    assert await display(office, other["health_code_id"]) == "none"
    agree = result(office, hours=1.4, tube_code=tube, health_code_id=code, mode="single", name=one["name"])
    assert (await matched(office, agree | {"id_type": "resident_id", "id_no": one["id_no"]}))["matched"] == 1


async def test_a_positive_that_is_held_is_alerted_to_nobody_but_shown_at_the_desk(office: Office) -> None:
    person = office.row(unit_code=UNIT)
    await office.register(person)
    document = {"id_type": "resident_id", "id_no": person["id_no"], "name": "别人"}
    await held_for(office, result(office, "positive", **document))
    assert await display(office, person["health_code_id"]) == "none"


@pytest.mark.requirement(60)
async def test_a_tube_of_another_lab_is_taken_with_a_fault(office: Office) -> None:
    code = await office.somebody()
    tube = await bound(office, code, lab_code="LAB02")
    state = await matched(office, result(office, tube_code=tube))
    assert state["matched"] == 1
    [row] = await rows_of(office, state["batch_id"])
    assert (row["verdict"], row.get("code")) == ("matched", "unexpected_lab")
    assert await display(office, code) == "negative"
    right = await bound(office, await office.somebody(), lab_code="LAB01")
    state = await matched(office, result(office, tube_code=right))
    assert (await rows_of(office, state["batch_id"]))[0].get("code") is None


async def test_a_second_labs_result_for_a_tube_is_held(office: Office) -> None:
    code = await office.somebody()
    tube = await bound(office, code)
    await matched(office, result(office, tube_code=tube))
    state = await matched(office, result(office, "positive", tube_code=tube), lab="LAB02")
    assert state["held"] == 1
    assert await display(office, code) == "negative"


async def test_a_batch_tells_where_its_rows_stand(office: Office) -> None:
    known = [await office.somebody() for _ in range(3)]
    strangers = [office.row(code=False) for _ in range(2)]
    members = [{"health_code_id": code} for code in known]
    members += [{key: row[key] for key in ("id_type", "id_no", "name")} for row in strangers]
    pool = await bound(office, *known, members=members)
    answer = await send(
        office,
        result(office, tube_code=pool),
        result(office, tube_code=fresh("NEVER")),
        result(office, id_type="resident_id", id_no=resident_id(909_090)),
        result(office, health_code_id=known[0], mode="single"),
        result(office, health_code_id=known[0], mode="single", row_ref="twice"),
        {"outcome": "maybe", "row_ref": "bad"},
    )
    await office.system.settle()
    state = await batch(office, answer.json()["batch_id"])
    assert set(state) >= RECEIPT | COUNTS
    assert counted(state) == (4, 1, 1)
    assert (state["waiting"], state["matched"], state["unmatched"], state["held"]) == (0, 2, 2, 0)
    assert (state["pooled_people"], state["pooled_unmatched"]) == (3, 2)
    assert state["status"] == "matched"
    receipt = {key: value for key, value in answer.json().items() if key not in ("status", "links")}
    assert {key: state[key] for key in receipt} == receipt
    rows = await rows_of(office, state["batch_id"])
    assert [row["verdict"] for row in rows] == [
        "matched", "unmatched", "unmatched", "matched", "duplicate", "rejected"
    ]  # fmt: skip
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.get("row_ref") for row in rows[4:]] == ["twice", "bad"]
    assert all(row["result_id"] for row in rows if row["verdict"] == "matched")
    assert all(isinstance(row["code"], str) for row in rows if row["verdict"] == "rejected")


async def test_rows_are_listed_by_verdict_and_by_page(office: Office) -> None:
    codes = [await office.somebody() for _ in range(5)]
    rows = [result(office, health_code_id=code) for code in codes]
    state = (await send(office, *rows, *rows[:2], {}, {})).json()
    await office.system.settle()
    for verdict, wanted in (("matched", 5), ("duplicate", 2), ("rejected", 2), ("held", 0), ("unmatched", 0)):
        found = await rows_of(office, state["batch_id"], verdict=verdict)
        assert [row["verdict"] for row in found] == [verdict] * wanted
    paged = await rows_of(office, state["batch_id"], limit=2)
    assert [row["row"] for row in paged] == list(range(1, 10))
    path = f"/v1/batches/{state['batch_id']}/rows"
    for query in ({"verdict": "lost"}, {"limit": 0}, {"limit": 1001}, {"cursor": "nonsense"}):
        problem(await office.labs["LAB01"].get(path, params=query), 422)
    problem(await office.labs["LAB01"].get("/v1/batches/00000000-0000-0000-0000-000000000000"), 404)
    problem(await office.labs["LAB01"].get("/v1/batches/no-such-batch"), 404)


@pytest.mark.requirement(61)
async def test_batches_are_listed_by_number_and_time_of_receipt(office: Office) -> None:
    sent = []
    for _ in range(3):
        answer = await send(office, result(office, health_code_id=await office.somebody()))
        sent.append(answer.json())
    lab = office.labs["LAB01"]
    [one] = (await ok(lab.get("/v1/batches", params={"batch_no": sent[0]["batch_no"]})))["batches"]
    assert one["batch_id"] == sent[0]["batch_id"]
    for key in ("batch_no", "accepted", "rejected", "duplicates", "status"):
        assert key in one
    since, until = text(office.now - timedelta(minutes=1)), text(office.now + timedelta(hours=1))
    ids = {item["batch_id"] for item in sent}
    query = {"received_from": since, "received_to": until}
    assert ids <= {item["batch_id"] for item in await pages(lab, "/v1/batches", "batches", **query)}
    assert ids <= {item["batch_id"] for item in await pages(lab, "/v1/batches", "batches", limit=2)}
    assert await pages(lab, "/v1/batches", "batches", received_to=since) == []
    assert await pages(lab, "/v1/batches", "batches", received_from=until) == []
    assert await pages(office.labs["LAB02"], "/v1/batches", "batches", batch_no=sent[0]["batch_no"]) == []
    problem(await lab.get("/v1/batches", params={"received_from": "yesterday"}), 422)
    problem(await lab.get("/v1/batches", params={"received_from": "2026-11-21T10:00:00"}), 422)


async def test_correcting_what_is_not_the_labs_own_has_no_effect(office: Office) -> None:
    code = await office.somebody()
    [result_id] = await taken(office, result(office, "positive", health_code_id=code))
    for named in ({"result_id": result_id}, {"result_id": "nonsense"}, {"batch_no": fresh("NO"), "row": 1}):
        row = result(office, health_code_id=code, corrects={**named, "reason": "改"})
        receipt = (await send(office, row, lab="LAB02")).json()
        await office.system.settle()
        if receipt["accepted"]:
            assert (await batch(office, receipt["batch_id"], lab="LAB02"))["matched"] == 0
    assert await display(office, code) == "under_recheck"
