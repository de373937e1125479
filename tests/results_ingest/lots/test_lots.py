"""Lots of goods: from the arrival to the release, which needs a negative of every sample."""

from typing import Any

import httpx
import pytest

from tests.results_ingest.support import Ingest


def lot(ingest: Ingest, code: str = "LOT-1", **fields: Any) -> dict[str, Any]:
    """Return the body of a lot that came ten hours ago."""
    return {
        "lot_code": code,
        "unit_code": "UNIT-1",
        "goods": "container",
        "arrived_at": ingest.at(hours=-10),
    } | fields


async def take(client: httpx.AsyncClient, kind: str, at: str) -> tuple[int, list[str]]:
    """Take a step of the lot; return the status and what is wrong with it."""
    answer = await client.post("/v1/lots/LOT-1/steps", json={"kind": kind, "at": at})
    return answer.status_code, [each["code"] for each in answer.json().get("errors", ())]


async def tubes(ingest: Ingest, *codes: str, code: str = "LOT-1") -> httpx.Response:
    """Say that these tubes were taken of a lot."""
    return await ingest.sampling.post(f"/v1/lots/{code}/tubes", json={"tube_codes": list(codes)})


async def thing(ingest: Ingest, code: str, hours: float = -7) -> None:
    """Take a sample of a container of the unit."""
    body = ingest.tube(code, unit_code="UNIT-1", subject="item", sample_kind="container",
                       mode="single", capacity=1, collected_at=ingest.at(hours=hours))  # fmt: skip
    assert (await ingest.sampling.post("/v1/tubes", json=body)).is_success


@pytest.mark.requirement(22)
async def test_goods_are_released_once_reported_disinfected_and_negative_in_every_sample(
    ingest: Ingest,
) -> None:
    await ingest.unit("UNIT-1", "TOWN-01", "DEPT-01")
    sampling, cdc = ingest.sampling, ingest.cdc
    made = [
        await sampling.post("/v1/lots", json=each)
        for each in (
            lot(ingest),
            lot(ingest),
            lot(ingest, goods="other"),
            lot(ingest, "LOT-2", unit_code="UNIT-9"),
        )
    ]
    assert [answer.status_code for answer in made] == [201, 200, 409, 422]
    release = ("released", ingest.at(hours=-1))
    assert await take(cdc, *release) == (409, ["lot_not_reported", "lot_not_disinfected", "lot_not_sampled"])
    assert (await take(sampling, *release))[0] == 403
    assert (await take(sampling, "reported", ingest.at(hours=-30)))[0] == 201
    assert (await take(sampling, "reported", ingest.at(hours=-30)))[0] == 200
    assert await take(sampling, "disinfected", ingest.at(hours=-11)) == (422, ["lot_before_arrival"])
    assert await take(sampling, "disinfected", ingest.at(hours=1)) == (422, ["time_in_future"])
    assert (await take(sampling, "disinfected", ingest.at(hours=-8)))[0] == 201

    await thing(ingest, "E-before", hours=-11)
    await thing(ingest, "E-1")
    await thing(ingest, "E-2")
    await ingest.bind("P-1", {"health_code_id": "hc-0001"}, unit_code="UNIT-1")
    refused = await tubes(ingest, "E-1", "E-before", "P-1", "E-none")
    assert [each["field"] for each in refused.json()["errors"]] == [f"tube_codes.{n}" for n in (1, 2, 3)]
    kept = [(await tubes(ingest, "E-1", "E-2")).json() for _ in range(2)]
    assert [each["samples"] for each in kept] == [2, 2]
    assert "not_negative" not in kept[0], "who samples learns no result"
    await sampling.post("/v1/lots", json=lot(ingest, "LOT-2"))
    assert (await tubes(ingest, "E-1", code="LOT-2")).status_code == 422
    assert await take(cdc, *release) == (409, ["lot_result_missing"])

    batch = await ingest.post(ingest.row(tube_code="E-1"), ingest.row(tube_code="E-2", outcome="positive"))
    assert await take(cdc, *release) == (409, ["lot_not_negative"])
    listed = (await cdc.get("/v1/lots", params={"state": "not_negative"})).json()["lots"]
    assert [(each["lot_code"], each["resulted"], each["not_negative"]) for each in listed] == [
        ("LOT-1", 2, 1)
    ]
    [review] = (await cdc.get("/v1/reviews")).json()["reviews"]
    verdict = {"verdict": "refuted", "reviewer": "王医生", "note": "复检阴性"}
    assert (await cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict)).is_success
    assert (await take(cdc, *release))[0] == 201
    assert (await take(cdc, *release))[0] == 200
    assert (await take(sampling, "disinfected", ingest.at(hours=-2)))[0] == 409
    await thing(ingest, "E-3")
    assert (await tubes(ingest, "E-3")).json()["code"] == "lot_released"
    shown = (await cdc.get("/v1/lots/LOT-1")).json()
    assert [each["kind"] for each in shown["steps"]] == ["reported", "disinfected", "released"]
    assert [(each["tube_code"], each["negative"]) for each in shown["tubes"]] == [
        ("E-1", True),
        ("E-2", True),
    ]
    assert (shown["state"], shown["lacking"]) == ("released", [])

    wrong = {"corrects": {"batch_no": batch["batch_no"], "row": 1, "reason": "登记错误"}}
    await ingest.post(ingest.row(tube_code="E-1", outcome="positive", **wrong))
    assert (await cdc.get("/v1/lots/LOT-1")).json()["state"] == "not_negative"


async def test_a_lot_is_seen_in_the_area_of_its_unit_only(ingest: Ingest) -> None:
    await ingest.unit("UNIT-1", "TOWN-01", "DEPT-01")
    assert (await ingest.sampling.post("/v1/lots", json=lot(ingest))).status_code == 201
    for level, code, seen in (
        ("township", "TOWN-01", 1), ("township", "TOWN-02", 0), ("department", "DEPT-01", 1), ("department", "DEPT-02", 0),
    ):  # fmt: skip
        client = ingest.client(f"c-{code}", "records:read", "samples:write", area_level=level, area_code=code)
        assert len((await client.get("/v1/lots")).json()["lots"]) == seen, code
        assert (await client.get("/v1/lots/LOT-1")).status_code == (200 if seen else 404)
        step = {"kind": "disinfected", "at": ingest.at(hours=-8)}
        assert (await client.post("/v1/lots/LOT-1/steps", json=step)).is_success == bool(seen)
        again = await client.post("/v1/lots", json=lot(ingest))
        assert again.status_code == (200 if seen else 422)
