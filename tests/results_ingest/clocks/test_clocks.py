"""Clocks of tubes: limits by kind and day, what the worker finds, and that each breach is told once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from results_ingest.clocks import service as service_of_clocks
from results_ingest.lateness import digests, service
from results_ingest.lateness.rules import Clock, judge
from shared.bus import publish
from shared.messages import ClocksTold, OrderChanged, StagesDigested
from tests.results_ingest.support import NOW, Ingest

SITES = (("GATE", "checkpoint"), ("FEVER", "fever_clinic"), ("TOWN", "community"))


async def begun(ingest: Ingest) -> httpx.AsyncClient:
    """Register sites of three kinds and a laboratory."""
    await ingest.lab("LAB01")
    for code, kind in SITES:
        site = {"site_code": code, "name": "采样点", "kind": kind, "township_code": f"T-{code}"}
        assert (await ingest.sampling.post("/v1/sites", json=site)).is_success
    return ingest.sampling


async def taken(ingest: Ingest, code: str, site: str, **more: Any) -> None:
    """Register a tube that was taken right now, unless said otherwise."""
    wanted = {"collected_at": ingest.at(), "site_code": site, "lab_code": "LAB01"} | more
    answer = await ingest.bind(code, {"health_code_id": f"hc-{code}"}, **wanted)
    assert answer.status_code == 201, answer.text


async def later(ingest: Ingest, **delta: float) -> None:
    """Move the business clock to so long after NOW and let the worker look."""
    await ingest.run(
        "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
        moment=NOW + timedelta(**delta),
    )
    await look(ingest)


async def look(ingest: Ingest) -> None:
    more = True
    while more:
        async with ingest.context.db.transaction() as session:
            more = await service.look(session, ingest.context)


async def clocks(ingest: Ingest, **query: str) -> dict[tuple[str, str], str]:
    """Return the state of each clock by tube and stage."""
    answer = await ingest.cdc.get("/v1/clocks", params=query)
    assert answer.status_code == 200, answer.text
    return {(each["subject"]["code"], each["stage"]): each["state"] for each in answer.json()["clocks"]}


async def told(ingest: Ingest) -> list[tuple[str, str, str, int]]:
    """Return what was told since: level, stage, who answers and how many."""
    return sorted(
        (each.level, each.stage, each.answer_code, each.total) for each in await ingest.told(ClocksTold)
    )


async def packed(ingest: Ingest, code: str, site: str, *tubes: str, **sealed: float) -> None:
    body = {
        "packet_code": code,
        "site_code": site,
        "lab_code": "LAB01",
        "sealed_at": ingest.at(**sealed),
        "sealer_code": "S-1",
        "samples": len(tubes),
        "paper_forms": len(tubes),
        "tube_codes": list(tubes),
    }
    answer = await ingest.sampling.post("/v1/packets", json=body)
    assert answer.status_code == 201, answer.text


async def handed(ingest: Ingest, code: str, at: str) -> None:
    body = {"courier_code": "C-1", "handed_at": at}
    answer = await ingest.sampling.post(f"/v1/packets/{code}/handovers", json=body)
    assert answer.is_success, answer.text


@pytest.mark.requirement(66)
async def test_a_tube_at_a_checkpoint_that_no_courier_has_after_two_hours_is_told_once(
    ingest: Ingest,
) -> None:
    await begun(ingest)
    for code, site in (("T-1", "GATE"), ("T-2", "GATE"), ("T-3", "GATE"), ("T-4", "TOWN")):
        await taken(ingest, code, site)
    await packed(ingest, "P-1", "GATE", "T-1")
    await later(ingest, hours=1.5)
    assert await told(ingest) == []
    await handed(ingest, "P-1", ingest.at(hours=1.5))
    await later(ingest, hours=2, minutes=1)
    assert await told(ingest) == [("breach", "handover", "GATE", 2)]
    stands = await clocks(ingest, stage="handover")
    assert stands == {
        ("T-2", "handover"): "broken",
        ("T-3", "handover"): "broken",
        ("T-4", "handover"): "running",
    }
    assert await clocks(ingest, state="met", stage="handover") == {("T-1", "handover"): "met"}
    # The other site has the limit of its own kind; nothing of the gate's is told again.
    await look(ingest)
    await later(ingest, hours=3, minutes=1)
    assert await told(ingest) == [("breach", "handover", "TOWN", 1)]


@pytest.mark.requirement(66)
async def test_a_handover_told_late_with_its_time_explains_the_breach_and_stays_listed(
    ingest: Ingest,
) -> None:
    await begun(ingest)
    for code in ("T-1", "T-2"):
        await taken(ingest, code, "GATE")
    await later(ingest, hours=2.5)
    [first] = await ingest.told(ClocksTold)
    assert (first.revision, first.total, first.open, first.worst_minutes) == (1, 2, 2, 30)
    assert {each.code for each in first.clocks} == {"T-1", "T-2"}
    await packed(ingest, "P-1", "GATE", "T-1", minutes=10)
    await handed(ingest, "P-1", ingest.at(hours=1))
    await later(ingest, hours=2.6)
    [again] = await ingest.told(ClocksTold)
    assert (again.notice_id, again.revision, again.open, again.explained) == (first.notice_id, 2, 1, 1)
    assert await clocks(ingest, state="explained") == {("T-1", "handover"): "explained"}
    await packed(ingest, "P-2", "GATE", "T-2", hours=2.5)
    await handed(ingest, "P-2", ingest.at(hours=2.55))
    await later(ingest, hours=2.7)
    [done] = await ingest.told(ClocksTold)
    assert (done.revision, done.open, done.explained) == (3, 0, 1)
    listed = (await ingest.cdc.get("/v1/clocks", params={"state": "late"})).json()["clocks"]
    assert [(each["subject"]["code"], each["minutes_late"]) for each in listed] == [("T-2", 33)]


@pytest.mark.requirement(69)
async def test_a_fever_clinics_sample_warns_after_four_hours_and_is_a_breach_after_six(
    ingest: Ingest,
) -> None:
    await begun(ingest)
    for code in ("F-1", "F-2"):
        await taken(ingest, code, "FEVER", dispatched_at=ingest.at(minutes=5))
    await taken(ingest, "T-1", "TOWN", dispatched_at=ingest.at(minutes=5))
    await later(ingest, hours=4, minutes=1)
    assert ("warning", "result", "LAB01", 2) in await told(ingest)
    await ingest.post(ingest.row(tube_code="F-1", tested_at=ingest.at(hours=3)))
    await later(ingest, hours=6, minutes=1)
    assert [each for each in await told(ingest) if each[1] == "result"] == [("breach", "result", "LAB01", 1)]
    assert await clocks(ingest, stage="result") == {
        ("F-2", "result"): "broken",
        ("T-1", "result"): "running",
    }
    assert await clocks(ingest, stage="result", state="met") == {("F-1", "result"): "met"}
    await ingest.post(ingest.row(tube_code="F-2", tested_at=ingest.at(hours=5)))
    await later(ingest, hours=7)
    assert await clocks(ingest, stage="result", state="late") == {("F-2", "result"): "late"}
    [row] = (await ingest.cdc.get("/v1/clock-counts", params={"by": "lab", "stage": "result"})).json()[
        "counts"
    ]
    assert (row["lab_code"], row["late"], row["met"], row["worst_minutes"]) == ("LAB01", 1, 1, 1)


async def test_after_hours_of_outage_each_body_gets_one_message_for_a_stage(ingest: Ingest) -> None:
    await begun(ingest)
    for n in range(12):
        await taken(ingest, f"T-{n}", "GATE", collected_at=ingest.at(minutes=-n))
    await later(ingest, hours=30)
    assert await told(ingest) == [
        ("breach", "delivery", "GATE", 12),
        ("breach", "handover", "GATE", 12),
        ("breach", "result", "LAB01", 12),
    ]
    await later(ingest, hours=40)
    assert await told(ingest) == []


async def test_what_goes_late_within_the_pause_is_gathered_into_one_notice(ingest: Ingest) -> None:
    await begun(ingest)
    for n in range(4):
        await taken(ingest, f"T-{n}", "GATE", collected_at=ingest.at(minutes=n - 4))
    await later(ingest, hours=2, minutes=-3.5)
    assert await told(ingest) == [("breach", "handover", "GATE", 1)]
    await later(ingest, hours=2, minutes=1)
    assert await told(ingest) == []
    await later(ingest, hours=2, minutes=15)
    assert await told(ingest) == [("breach", "handover", "GATE", 3)]


async def test_a_result_released_in_time_and_uploaded_after_an_outage_is_explained(ingest: Ingest) -> None:
    await begun(ingest)
    await taken(ingest, "F-1", "FEVER")
    await later(ingest, hours=7)
    assert ("breach", "result", "LAB01", 1) in await told(ingest)
    row = ingest.row(
        tube_code="F-1",
        tested_at=ingest.at(hours=3),
        released_at=ingest.at(hours=4),
        received_at=ingest.at(hours=2),
    )
    await ingest.post(row)
    await look(ingest)
    assert await clocks(ingest, state="explained", stage="result") == {("F-1", "result"): "explained"}
    # A correction much later does not make it late.
    fixed = row | {"outcome": "invalid", "corrects": {"batch_no": "B-0001", "row": 1, "reason": "录入有误"}}
    await later(ingest, hours=20)
    await ingest.post(fixed)
    await look(ingest)
    assert await clocks(ingest, state="explained", stage="result") == {("F-1", "result"): "explained"}


async def test_a_refused_packet_was_handed_over_and_is_still_to_be_delivered(ingest: Ingest) -> None:
    await begun(ingest)
    await taken(ingest, "T-1", "GATE")
    await packed(ingest, "P-1", "GATE", "T-1", minutes=5)
    await handed(ingest, "P-1", ingest.at(minutes=6))
    lab = await ingest.lab("LAB01")
    await later(ingest, hours=1)
    refusal = {"refused_at": ingest.at(minutes=30), "receiver_code": "R-1", "reason": "leaking"}
    answer = await lab.post("/v1/packets/P-1/refusal", json=refusal)
    assert answer.is_success, answer.text
    await later(ingest, hours=5)
    assert await told(ingest) == [("breach", "delivery", "GATE", 1)]
    assert await clocks(ingest, state="met") == {("T-1", "handover"): "met"}


async def test_a_tube_registered_after_its_packet_went_its_way_is_no_breach(ingest: Ingest) -> None:
    await begun(ingest)
    await packed(ingest, "P-1", "GATE", "T-1", hours=-1)
    await handed(ingest, "P-1", ingest.at(minutes=-50))
    await taken(ingest, "T-1", "GATE", collected_at=ingest.at(hours=-3))
    await look(ingest)
    assert await clocks(ingest, state="late", stage="handover") == {("T-1", "handover"): "late"}
    await packed(ingest, "P-2", "GATE", "T-2", hours=-1)
    await handed(ingest, "P-2", ingest.at(minutes=-50))
    await taken(ingest, "T-2", "GATE", collected_at=ingest.at(hours=-2.5))
    await look(ingest)
    assert await clocks(ingest, state="met", stage="handover") == {("T-2", "handover"): "met"}
    # History starts no clock.
    await taken(ingest, "T-3", "GATE", collected_at=ingest.at(days=-8))
    await look(ingest)
    assert not [code for code, _ in await clocks(ingest) if code == "T-3"]


async def test_a_retained_single_and_a_void_tube_owe_no_result(ingest: Ingest) -> None:
    await begun(ingest)
    who = {"health_code_id": "hc-1"}
    common = {"collected_at": ingest.at(), "site_code": "FEVER", "lab_code": "LAB01"}
    await ingest.bind("S-1", who, paired_with="M-1", **common)
    await ingest.bind("M-1", who, {"health_code_id": "hc-2"}, **common)
    await taken(ingest, "V-1", "FEVER")
    await ingest.run(
        "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
        moment=NOW + timedelta(hours=1),
    )
    void = {"reason": "leaked", "voided_at": ingest.at(minutes=30)}
    answer = await ingest.sampling.post("/v1/tubes/V-1/voiding", json=void)
    assert answer.is_success, answer.text
    await later(ingest, hours=7)
    assert ("breach", "result", "LAB01", 1) in await told(ingest)
    assert await clocks(ingest, stage="result") == {("M-1", "result"): "broken"}


async def test_limits_are_versions_with_a_day_and_the_closest_one_decides(ingest: Ingest) -> None:
    await begun(ingest)
    admin = ingest.client("admin", "admin")
    today, tomorrow = NOW.date().isoformat(), (NOW + timedelta(days=1)).date().isoformat()
    new = {
        "stage": "handover", "applies_to": "site", "code": "TOWN", "effective_from": tomorrow,
        "limit_minutes": 60, "warn_minutes": 30, "basis": "区指挥部通知",
    }  # fmt: skip
    assert (await admin.post("/v1/clock-limits", json=new)).status_code == 201
    assert (await admin.post("/v1/clock-limits", json=new)).status_code == 200
    other = await admin.post("/v1/clock-limits", json=new | {"limit_minutes": 90})
    assert (other.status_code, other.json()["code"]) == (409, "clock_limit_in_use")
    for field, wrong in (
        ("effective_from", {"effective_from": (NOW - timedelta(days=1)).date().isoformat()}),
        ("warn_minutes", {"warn_minutes": 60}),
        ("code", {"applies_to": "everything"}),
    ):
        refused = await admin.post("/v1/clock-limits", json=new | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    limited = ingest.client("a-town", "admin", area_code="T-GATE", area_level="township")
    assert (await limited.post("/v1/clock-limits", json=new)).status_code == 403
    off = {"stage": "delivery", "applies_to": "site_kind", "code": "community", "effective_from": today,
           "limit_minutes": None, "basis": "就地检测"}  # fmt: skip
    assert (await admin.post("/v1/clock-limits", json=off)).status_code == 201
    await taken(ingest, "T-1", "TOWN")
    await later(ingest, days=1)
    await taken(ingest, "T-2", "TOWN", collected_at=ingest.at(days=1))
    await later(ingest, days=1, minutes=31)
    listed = (await ingest.cdc.get("/v1/clocks", params={"stage": "handover"})).json()["clocks"]
    assert [(each["subject"]["code"], each["limit_minutes"], each["state"]) for each in listed] == [
        ("T-1", 180, "broken"),
        ("T-2", 60, "warned"),
    ]
    assert await clocks(ingest, stage="delivery") == {}
    shown = (await ingest.cdc.get("/v1/clock-limits", params={"stage": "handover"})).json()["limits"]
    assert [(each["code"], each["in_force"]) for each in shown] == [
        ("", True), ("TOWN", True), ("checkpoint", True),
    ]  # fmt: skip
    with pytest.raises(Exception, match="append"):
        await ingest.run("UPDATE ingest.clock_limit SET limit_minutes = 1")


async def test_an_area_and_a_laboratory_see_their_own_clocks_page_by_page(ingest: Ingest) -> None:
    await begun(ingest)
    for code, site in (("T-1", "GATE"), ("T-2", "GATE"), ("T-3", "TOWN")):
        await taken(ingest, code, site)
    town = ingest.client("gate", "records:read", area_code="T-GATE", area_level="township")
    found, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = (await town.get("/v1/clocks", params=query)).json()
        found += [(each["subject"]["code"], each["stage"]) for each in answer["clocks"]]
        if (cursor := answer["next_cursor"]) is None:
            break
    assert len(found) == len(set(found)) == 6
    assert {code for code, _ in found} == {"T-1", "T-2"}
    other = await ingest.lab("LAB02")
    assert (await other.get("/v1/clocks")).json()["clocks"] == []
    assert len((await (await ingest.lab("LAB01")).get("/v1/clocks")).json()["clocks"]) == 9
    counted = (await town.get("/v1/clock-counts", params={"stage": "handover"})).json()["counts"]
    assert [(each["site_code"], each["running"]) for each in counted] == [("GATE", 2)]
    assert (await town.get("/v1/clocks", params={"cursor": "x"})).status_code == 422


def test_a_breach_is_owed_once_and_a_warning_only_while_it_helps() -> None:
    at = datetime.fromisoformat("2030-01-15T08:00:00+08:00")

    def standing(hours: float, **more: Any) -> tuple[str, str | None]:
        clock = {"warned_at": None, "broken_at": None, "untold": None, "ended_at": None} | more
        judged = judge(
            Clock(limit_minutes=360, warn_minutes=240, opened_at=at, starts_at=at, void=False, **clock),
            now=at + timedelta(hours=hours),
            horizon=timedelta(days=7),
        )
        return judged.state, judged.untold

    assert standing(3) == ("running", None)
    assert standing(4) == ("warned", "warning")
    assert standing(6) == ("broken", "breach")
    assert standing(7, warned_at=at, untold="warning") == ("broken", "breach")
    assert standing(7, broken_at=at) == ("broken", None)
    assert standing(7, ended_at=at + timedelta(hours=6, minutes=1)) == ("late", "breach")
    assert standing(5, ended_at=at + timedelta(hours=5), warned_at=at, untold="warning") == ("met", None)
    assert standing(7, ended_at=at + timedelta(hours=5), broken_at=at) == ("explained", None)


@pytest.mark.requirement(26)
async def test_an_orders_newest_revision_counts_in_any_order_and_one_taken_back_owes_nothing(
    ingest: Ingest,
) -> None:
    await ingest.unit("U-1", "T-GATE", "D-1")

    def order(**more: Any) -> OrderChanged:
        wanted: dict[str, Any] = {"order_id": UUID(int=26), "revision": 1, "kind": "arrival", "person_id": UUID(int=1),
                  "unit_code": "U-1", "township_code": "T-GATE", "opened_at": ingest.at(),
                  "registered_at": ingest.at(), "state": "open", "sampled_at": None, "resulted_at": None}  # fmt: skip
        return OrderChanged(**(wanted | more))

    async def tell(*messages: OrderChanged) -> None:
        for message in messages:
            async with ingest.context.db.transaction() as session:
                await publish(session, message, now=NOW)
            await ingest.settle()

    code = str(UUID(int=26))
    await tell(order(revision=3, state="sampled", sampled_at=ingest.at(hours=1)), order(revision=2))
    await tell(order(order_id=UUID(int=27)))
    await later(ingest, hours=2)
    assert await clocks(ingest, state="met") == {(code, "sampling"): "met"}
    assert await clocks(ingest, category="arrival") == {
        (code, "result"): "running", (str(UUID(int=27)), "sampling"): "running",
    }  # fmt: skip
    await tell(order(order_id=UUID(int=27), revision=2, state="ended"))
    await later(ingest, hours=30)
    assert await told(ingest) == [("breach", "result", "U-1", 1)]
    listed = (await ingest.cdc.get("/v1/test-orders", params={"state": "ended"})).json()["orders"]
    assert [each["order_id"] for each in listed] == [str(UUID(int=27))]
    for level, area, seen in (("township", "T-GATE", 2), ("township", "T-1", 0), ("department", "D-1", 2)):
        body = ingest.client(f"{area}-orders", "records:read", area_code=area, area_level=level)
        assert len((await body.get("/v1/test-orders")).json()["orders"]) == seen


async def test_any_other_subject_may_have_a_clock_whose_owner_states_its_moments(ingest: Ingest) -> None:
    subject = service_of_clocks.Subject(
        kind="recheck", subject_id=UUID(int=1), code="T-POOL", category="recheck", stages=("result",),
        named={}, moments={"sampled": NOW}, opened_at=NOW, site_code="GATE",
    )  # fmt: skip
    async with ingest.context.db.transaction() as session:
        limits = await service_of_clocks.limits_of(session)
        await service_of_clocks.start(session, [subject, subject], limits)
    await later(ingest, hours=23)
    assert await clocks(ingest, category="recheck") == {("T-POOL", "result"): "running"}
    async with ingest.context.db.transaction() as session:
        done = {(UUID(int=1), "result"): (NOW, NOW + timedelta(hours=22))}
        await service_of_clocks.state(session, done)
    await later(ingest, hours=25)
    assert await clocks(ingest, state="met") == {("T-POOL", "result"): "met"}
    assert await told(ingest) == []


@pytest.mark.requirement(63)
async def test_the_slowest_of_the_day_before_are_told_in_the_morning_and_once(ingest: Ingest) -> None:
    await begun(ingest)
    for n, site in ((1, "GATE"), (2, "TOWN"), (3, "TOWN")):
        await taken(ingest, f"T-{n}", site, collected_at=ingest.at(hours=-4))
    await packed(ingest, "P-1", "GATE", "T-1", hours=-1)
    await packed(ingest, "P-2", "TOWN", "T-2", "T-3", hours=-3)
    lab = await ingest.lab("LAB01")
    received = {"received_at": ingest.at(minutes=-30), "receiver_code": "R-1", "samples": 1, "paper_forms": 1}
    assert (await lab.post("/v1/packets/P-1/receipt", json=received)).is_success

    async def digested() -> list[StagesDigested]:
        async with ingest.context.db.transaction() as session:
            assert await digests.digest(session, ingest.context) is False
        return [each for each in await ingest.told(StagesDigested) if each.day == "2030-01-15"]

    assert await digested() == []
    await later(ingest, hours=19, minutes=50)
    assert await digested() == []
    await later(ingest, hours=20, minutes=1)
    [found] = await digested()
    slow = {(each.stage, each.body_type): each for each in reversed(found.bodies)}
    assert (slow["sampling", "site"].body_code, slow["sampling", "site"].p90) == ("GATE", 180.0)
    assert (slow["delivery", "lab"].body_code, slow["delivery", "lab"].longest) == ("LAB01", 30.0)
    assert slow["sampling", "site"].township_code == "T-GATE"
    await later(ingest, hours=30)
    assert await digested() == []
