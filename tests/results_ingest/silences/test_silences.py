"""A laboratory that is open, owes results and posts nothing is told of once, and so is its end."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from results_ingest.silences.looking import look
from results_ingest.silences.rules import open_since
from shared.messages import LabSilence
from tests.results_ingest.support import NOW, Ingest

MOVE = "UPDATE bus.business_clock SET ahead = ahead + CAST(:by AS interval)"
TODAY = NOW.date().isoformat()


async def looked(ingest: Ingest, **later: float) -> list[tuple[str, int, int, bool]]:
    """Let some time pass and the worker look; return what it told."""
    await ingest.run(MOVE, by=timedelta(**later))
    async with ingest.context.db.transaction() as session:
        assert not await look(session, ingest.context)
    return [
        (one.lab_code, one.minutes, one.waiting, one.ended_at is not None)
        for one in await ingest.told(LabSilence)
    ]


async def terms(ingest: Ingest, lab_code: str, **more: Any) -> None:
    answer = await ingest.client("admin", "admin").put(
        f"/v1/labs/{lab_code}/terms", json={"effective_from": TODAY, **more}
    )
    assert answer.status_code == 200, answer.text


async def test_a_laboratory_that_owes_tubes_beyond_its_own_limit_is_told_of_once_and_so_is_its_end(
    ingest: Ingest,
) -> None:
    for lab in ("LAB01", "LAB02", "LAB03"):
        await ingest.lab(lab)
    await terms(ingest, "LAB01", silent_minutes=60)
    await terms(ingest, "LAB02", silent_minutes=60)
    for number, lab in enumerate(("LAB01", "LAB01", "LAB03")):
        made = await ingest.bind(f"T-{number}", {"health_code_id": f"hc-{number:04}"}, lab_code=lab)
        assert made.status_code == 201, made.text
    assert await looked(ingest, minutes=50) == []
    assert await looked(ingest, minutes=11) == [("LAB01", 60, 2, False)]
    assert await looked(ingest, minutes=1) == []
    assert await looked(ingest, hours=3) == [("LAB03", 240, 1, False)], "the setting is LAB03's limit"
    [third, first] = (await ingest.cdc.get("/v1/lab-silences")).json()["silences"]
    assert (first["lab_code"], first["waiting"], first["ended_at"]) == ("LAB01", 2, None)
    own = (await (await ingest.lab("LAB03")).get("/v1/lab-silences")).json()["silences"]
    assert [one["silence_id"] for one in own] == [third["silence_id"]]
    await ingest.post(ingest.row(tube_code="T-0"))
    assert await looked(ingest) == [("LAB01", 60, 2, True)]
    ended = (await ingest.cdc.get("/v1/lab-silences", params={"state": "ended"})).json()["silences"]
    assert [one["silence_id"] for one in ended] == [first["silence_id"]]
    assert await looked(ingest, minutes=61) == [("LAB01", 60, 1, False)], "a tube still waits"
    await ingest.post(ingest.row(tube_code="T-1"))
    assert await looked(ingest) == [("LAB01", 60, 1, True)]
    assert await looked(ingest, hours=9) == [], "nothing waits any more"


async def test_silence_counts_in_opening_hours_only_and_without_tubes_where_results_are_always_expected(
    ingest: Ingest,
) -> None:
    await ingest.lab("LAB01")
    hours = {"from": "08:00", "to": "13:30"}
    await terms(ingest, "LAB01", silent_minutes=120, always_expected=True, opening_hours=hours)
    assert await looked(ingest, hours=2.5) == [], "closed at 14:30"
    assert await looked(ingest, hours=18.5) == [], "open since an hour: it is 09:00"
    assert await looked(ingest, minutes=61) == [("LAB01", 120, 0, False)]
    withdrawn = await ingest.client("admin", "admin").patch("/v1/labs/LAB01", json={"active": False})
    assert withdrawn.is_success
    assert await looked(ingest) == [("LAB01", 120, 0, True)]


@pytest.mark.parametrize(
    ("opens", "closes", "at", "since"),
    [
        ("22:00", "06:00", "2030-01-15T05:59:00+08:00", "2030-01-14T22:00:00+08:00"),
        ("22:00", "06:00", "2030-01-15T06:00:00+08:00", None),
        ("08:00", "24:00", "2030-01-15T23:59:00+08:00", "2030-01-15T08:00:00+08:00"),
        ("08:00", "08:00", "2030-01-15T07:00:00+08:00", "2030-01-14T08:00:00+08:00"),
    ],
)
def test_opening_hours_may_cross_midnight(opens: str, closes: str, at: str, since: str | None) -> None:
    found = open_since(opens, closes, datetime.fromisoformat(at))
    assert found == (since and datetime.fromisoformat(since))


async def test_the_load_of_a_day_stands_beside_the_capacity_in_force_that_day(ingest: Ingest) -> None:
    await ingest.lab("LAB01")
    await terms(ingest, "LAB01", capacity=1)
    await terms(ingest, "LAB01", effective_from="2030-02-01", capacity=9)
    for number in range(3):
        await ingest.bind(f"T-{number}", {"health_code_id": f"hc-{number:04}"}, lab_code="LAB01")
    await ingest.post(ingest.row(tube_code="T-0"))
    [load] = (await ingest.cdc.get("/v1/lab-loads")).json()["loads"]
    named = ("capacity", "tubes", "resulted", "over_capacity", "open")
    assert tuple(load[name] for name in named) == (1, 3, 1, 2, True)
    later = (await ingest.cdc.get("/v1/lab-loads", params={"day": "2030-02-03"})).json()["loads"]
    assert [(one["capacity"], one["tubes"]) for one in later] == [(9, 0)]
    listed = (await ingest.cdc.get("/v1/labs/LAB01/terms")).json()["terms"]
    assert [one["effective_from"] for one in listed] == ["2030-02-01", TODAY]
    town = ingest.client("town", "records:read", area_code="TOWN-01", area_level="township")
    assert (await town.get("/v1/lab-loads")).status_code == 403


@pytest.mark.requirement(156)
async def test_a_laboratory_of_another_district_is_taken_in_its_period_and_no_longer(ingest: Ingest) -> None:
    admin = ingest.client("admin", "admin")
    outside = {"region": "邻县", "from": "2030-01-15", "to": "2030-01-16"}
    made = await admin.post(
        "/v1/labs", json={"lab_code": "OUT-1", "name": "邻县人民医院", "outside": outside}
    )
    assert (made.status_code, made.json()["outside"]) == (201, outside)
    await ingest.person("hc-0001")
    lab = ingest.client("OUT-1", "results:write", lab_code="OUT-1")
    body = {"batch_no": "OUT-B-1", "results": [ingest.row(health_code_id="hc-0001")]}
    taken = await lab.post("/v1/batches", json=body)
    assert (taken.status_code, taken.json()["accepted"]) == (202, 1)
    await ingest.settle()
    assert (await lab.get(taken.headers["location"])).json()["matched"] == 1
    await ingest.run(MOVE, by=timedelta(days=2))
    late = await lab.post("/v1/batches", json=body | {"batch_no": "OUT-B-2"})
    assert (late.status_code, late.json()["code"]) == (403, "lab_outside_period")
    longer = {"outside": outside | {"to": "2030-01-31"}}
    assert (await admin.patch("/v1/labs/OUT-1", json=longer)).json()["outside"]["to"] == "2030-01-31"
    assert (await lab.post("/v1/batches", json=body | {"batch_no": "OUT-B-2"})).status_code == 202
    wrong = await admin.patch("/v1/labs/OUT-1", json={"outside": outside | {"to": "2030-01-14"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "period_reversed")
