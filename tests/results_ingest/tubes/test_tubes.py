"""Tubes: what may be registered, what is refused, and where one stands."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from results_ingest.tubes.rules import Stamps, stamp_faults, stands
from shared.bus import publish
from shared.messages import RoundChanged, SamplesBound
from tests.results_ingest.support import NOW, NUMBERS, Ingest

HC = {"health_code_id": "HC-0001"}


async def refused(ingest: Ingest, tube: dict[str, Any]) -> tuple[int, str]:
    """Return the status and code of a refusal, and see that nobody was bound."""
    answer = await ingest.sampling.post("/v1/tubes", json=tube)
    assert (await ingest.run("SELECT count(*) AS n FROM ingest.tube_member"))[0]["n"] == 0
    return answer.status_code, answer.json()["code"]


async def test_the_same_content_again_is_the_same_tube(ingest: Ingest) -> None:
    tube = ingest.tube("T-1", HC, {"health_code_id": "HC-0002"})
    codes = [(await ingest.sampling.post("/v1/tubes", json=tube)).status_code for _ in range(2)]
    other_order = {**tube, "members": tube["members"][::-1]}
    codes.append((await ingest.sampling.post("/v1/tubes", json=other_order)).status_code)
    assert codes == [201, 200, 200]


@pytest.mark.parametrize(
    "change",
    [
        {"members": [{"health_code_id": "HC-0009"}]},
        {"collected_at": "2030-01-15T06:00:00+08:00"},
        {"lab_code": "LAB02"},
        {"site_code": "SITE-9"},
    ],
)
async def test_other_content_is_refused_for_180_days(ingest: Ingest, change: dict[str, Any]) -> None:
    tube = ingest.tube("T-1", HC)
    assert (await ingest.sampling.post("/v1/tubes", json=tube)).status_code == 201
    answer = await ingest.sampling.post("/v1/tubes", json=tube | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "tube_code_in_use")

    await ingest.run("UPDATE ingest.tube SET registered_at = registered_at - interval '180 days'")
    assert (await ingest.sampling.post("/v1/tubes", json=tube | change)).status_code == 201


@pytest.mark.requirement(73)
@pytest.mark.parametrize("member", [{"code_color": "yellow"}, {"travel_star": True}, {"code_color": "red"}])
async def test_yellow_or_starred_people_are_never_pooled(ingest: Ingest, member: dict[str, Any]) -> None:
    mixed = ingest.tube("T-1", HC, {"health_code_id": "HC-0002", **member})
    assert await refused(ingest, mixed) == (422, "single_only")
    single = ingest.tube("T-1", {"health_code_id": "HC-0002", **member})
    assert (await ingest.sampling.post("/v1/tubes", json=single)).status_code == 201


@pytest.mark.requirement(72)
async def test_a_red_code_at_a_checkpoint_goes_to_the_isolation_point(ingest: Ingest) -> None:
    site = {"site_code": "GATE-1", "name": "高速东口", "kind": "checkpoint"}
    assert (await ingest.sampling.post("/v1/sites", json=site)).status_code == 201
    assert (await ingest.sampling.post("/v1/sites", json=site)).status_code == 200
    other = await ingest.sampling.post("/v1/sites", json=site | {"kind": "other"})
    assert other.status_code == 409
    red = ingest.tube("T-1", HC | {"code_color": "red"}, site_code="GATE-1")
    assert await refused(ingest, red) == (422, "to_isolation_point")
    assert (await ingest.sampling.get("/v1/sites")).json()["sites"][0]["kind"] == "checkpoint"


async def test_a_pool_of_pools_is_refused(ingest: Ingest) -> None:
    by_code = ingest.tube("T-1", HC, {"tube_code": "T-0"})
    assert await refused(ingest, by_code) == (422, "pool_of_pools")
    await ingest.sampling.post("/v1/tubes", json=ingest.tube("T-0000", mode="mixed", capacity=10))
    by_health_code = ingest.tube("T-1", HC, {"health_code_id": "T-0000"})
    assert await refused(ingest, by_health_code) == (422, "pool_of_pools")


@pytest.mark.parametrize(("mode", "capacity"), [("mixed", 5), ("mixed", 10), ("mixed", 20), ("single", 1)])
async def test_one_more_than_the_capacity_is_refused(ingest: Ingest, mode: str, capacity: int) -> None:
    members = [{"health_code_id": f"HC-{n:04}"} for n in range(capacity + 1)]
    tube = ingest.tube("T-1", *members, mode=mode, capacity=capacity)
    assert await refused(ingest, tube) == (422, "pool_full")
    tube["members"].pop()
    assert (await ingest.sampling.post("/v1/tubes", json=tube)).status_code == 201


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"capacity": 10}, "capacity", "capacity_mode"),
        ({"subject": "item", "members": []}, "unit_code", "thing_needs_unit_and_kind"),
        ({"subject": "item", "unit_code": "U-1", "sample_kind": "food"}, "members", "thing_has_no_members"),
        ({"collected_at": (NOW + timedelta(hours=1)).isoformat()}, "collected_at", "time_in_future"),
        (
            {"dispatched_at": (NOW - timedelta(days=1)).isoformat()},
            "dispatched_at",
            "dispatched_before_collected",
        ),
        ({"members": [{}]}, "members.0", "member_identifier"),
        ({"members": [{"id_type": "passport", "id_no": "E12345678"}]}, "members.0", "member_identifier"),
        (
            {"members": [HC | {"id_type": "passport", "id_no": "E12345678", "name": "A"}]},
            "members.0",
            "member_identifier",
        ),
        (
            {"members": [{"id_type": "resident_id", "id_no": "110105194912310021", "name": "张三"}]},
            "members.0.id_no",
            "id_no_checksum",
        ),
        (
            {"members": [{"health_code_id": NUMBERS[0]}]},
            "members.0.health_code_id",
            "health_code_id_is_personal",
        ),
        ({"collected_at": "2030-01-15T06:00:00"}, "collected_at", "time_naive"),
        ({"surplus": 1}, "surplus", "unknown_field"),
        ({"capacity": 7}, "capacity", "not_allowed"),
    ],
)
async def test_what_is_wrong_is_coded_and_never_echoed(
    ingest: Ingest, change: dict[str, Any], field: str, code: str
) -> None:
    answer = await ingest.sampling.post("/v1/tubes", json=ingest.tube("T-1", HC) | change)
    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert NUMBERS[0] not in answer.text


async def test_the_same_person_twice_is_refused(ingest: Ingest) -> None:
    assert await refused(ingest, ingest.tube("T-1", HC, HC)) == (422, "member_repeated")


async def test_bulk_judges_each_tube_on_its_own(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    good = ingest.tube("T-1", HC)
    full = ingest.tube("T-2", *({"health_code_id": f"HC-{n:04}"} for n in range(11)))
    tubes = [good, full, good, good | {"lab_code": "LAB02"}, {"tube_code": "T-3"}]
    answer = await ingest.sampling.post("/v1/tubes/bulk", json={"tubes": tubes})
    body = answer.json()
    assert (answer.status_code, body["accepted"], body["updated"], body["rejected"]) == (200, 1, 1, 3)
    assert [(e["row"], e["code"]) for e in body["errors"]][:2] == [(2, "pool_full"), (4, "tube_code_in_use")]
    assert {e["row"] for e in body["errors"]} == {2, 4, 5}
    [bound] = await ingest.told(SamplesBound)
    assert len(bound.samples) == 1


async def test_bulk_has_limits(ingest: Ingest) -> None:
    tubes = [ingest.tube(f"T-{n}", HC) for n in range(2001)]
    answer = await ingest.sampling.post("/v1/tubes/bulk", json={"tubes": tubes})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
    crowded = [ingest.tube(f"T-{n}", *[HC] * 20) for n in range(1001)]
    answer = await ingest.sampling.post("/v1/tubes/bulk", json={"tubes": crowded})
    assert answer.status_code == 413


async def test_names_and_numbers_of_members_are_sealed(ingest: Ingest) -> None:
    await ingest.bind("T-1", {"id_type": "resident_id", "id_no": NUMBERS[0], "name": "张三丰"})
    [stored] = await ingest.run("SELECT m::text AS all, sealed FROM ingest.tube_member m")
    assert NUMBERS[0] not in stored["all"]
    assert "张三丰" not in stored["all"]
    opened = ingest.context.sealer.open_json(bytes(stored["sealed"]), context="ingest.tube_member")
    assert opened == {"id_no": NUMBERS[0], "name": "张三丰"}


async def test_members_of_an_unknown_tube_are_404(ingest: Ingest) -> None:
    answer = await ingest.sampling.post("/v1/tubes/T-NONE/members", json={"members": [HC]})
    assert answer.status_code == 404


@pytest.mark.parametrize(("kind", "hours"), [("fever_clinic", 6), ("inpatient", 12), ("community", 24)])
async def test_the_kind_of_site_decides_when_the_result_is_due(ingest: Ingest, kind: str, hours: int) -> None:
    await ingest.person("HC-0001")
    await ingest.sampling.post("/v1/sites", json={"site_code": "S-1", "name": "采样点", "kind": kind})
    await ingest.bind("T-1", HC, site_code="S-1")
    [bound] = await ingest.told(SamplesBound)
    due = datetime.fromisoformat(bound.samples[0].result_due_at or "")
    assert due == NOW - timedelta(hours=5) + timedelta(hours=hours)


@pytest.mark.requirement(62)
async def test_a_tube_shows_its_four_stamps_and_where_it_stands(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind("T-1", HC)
    tube = (await ingest.sampling.get("/v1/tubes/T-1")).json()
    assert (tube["stands"], tube["stamps"]["delivered_at"]) == ("sampled", None)

    await ingest.bind("T-2", HC, dispatched_at=ingest.at(hours=-4))
    assert (await ingest.sampling.get("/v1/tubes/T-2")).json()["stands"] == "delivered"

    await ingest.post(ingest.row(tube_code="T-1", received_at=ingest.at(hours=-3)))
    tube = (await ingest.cdc.get("/v1/tubes/T-1")).json()
    assert (tube["stands"], tube["faults"]) == ("reported", [])
    assert all(tube["stamps"].values())
    assert tube["results"][0]["outcome"] == "negative"
    assert "outcome" not in (await ingest.sampling.get("/v1/tubes/T-1")).json()["results"][0]

    await ingest.post(ingest.row(tube_code="T-2", mode="mixed"))
    assert (await ingest.sampling.get("/v1/tubes/T-2")).json()["stands"] == "held"
    assert (await ingest.sampling.get("/v1/tubes/T-NONE")).status_code == 404


@pytest.mark.requirement(74)
async def test_a_landing_test_keeps_the_single_until_its_pool_is_not_negative(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    traveller = HC | {"origin": "武汉", "destination": "曹县"}
    await ingest.bind("POOL", traveller, mode="mixed", capacity=10)
    await ingest.bind("KEPT", traveller, paired_with="POOL")
    [member, _] = await ingest.run("SELECT origin, destination FROM ingest.tube_member")
    assert member == {"origin": "武汉", "destination": "曹县"}
    kept = (await ingest.sampling.get("/v1/tubes/KEPT")).json()
    assert (kept["stands"], kept["paired_with"]) == ("retained", "POOL")

    first = await ingest.post(ingest.row(tube_code="POOL"))
    assert (await ingest.sampling.get("/v1/tubes/KEPT")).json()["stands"] == "retained"
    corrects = {"batch_no": first["batch_no"], "row": 1, "reason": "录入错误"}
    await ingest.post(ingest.row(tube_code="POOL", outcome="indeterminate", corrects=corrects))
    assert (await ingest.sampling.get("/v1/tubes/KEPT")).json()["stands"] == "sampled"


async def test_an_area_sees_only_its_own_tubes(ingest: Ingest) -> None:
    await ingest.unit("U-1", "TOWN-1")
    await ingest.bind("T-1", HC, unit_code="U-1")
    here = ingest.client("t1", "admin", area_code="TOWN-1", area_level="township")
    there = ingest.client("t2", "admin", area_code="TOWN-2", area_level="township")
    assert (await here.get("/v1/tubes/T-1")).status_code == 200
    assert (await there.get("/v1/tubes/T-1")).status_code == 404


@pytest.mark.requirement(62)
def test_a_missing_or_reversed_stamp_is_a_fault() -> None:
    at = [NOW + timedelta(hours=n) for n in range(4)]
    assert stamp_faults(Stamps(*at)) == []
    assert stamp_faults(Stamps(at[0], None, None, None)) == []
    assert stamp_faults(Stamps(at[0], None, at[2], None)) == [{"stage": "delivered", "code": "stamp_missing"}]
    assert stamp_faults(Stamps(at[0], at[2], at[1], at[3])) == [{"stage": "tested", "code": "stamp_reversed"}]
    assert stands(Stamps(at[0], None, at[2], None), bound=True, held=False) == "tested"


@pytest.mark.requirement(137)
async def test_a_drill_takes_no_real_tube_and_other_rounds_do(ingest: Ingest) -> None:
    async with ingest.context.db.transaction() as session:
        # The newer revision holds, whichever comes first.
        for drill, revision in ((True, 2), (False, 1)):
            await publish(session, RoundChanged("DRILL-1", drill, "active", revision), now=ingest.now)
    await ingest.settle()
    answer = await ingest.sampling.post("/v1/tubes", json=ingest.tube("T-1", HC) | {"round_code": "DRILL-1"})
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [
        ("round_code", "drill_round")
    ]
    assert (await ingest.run("SELECT count(*) AS n FROM ingest.tube"))[0]["n"] == 0
    answer = await ingest.sampling.post("/v1/tubes", json=ingest.tube("T-1", HC) | {"round_code": "R-1"})
    assert answer.status_code == 201
