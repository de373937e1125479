"""A repair that was proved is checked again, and closed, in time, or whoever has to see to it is chased."""

from datetime import date, timedelta
from typing import Any

import pytest

from notifier.problems.jobs import chase_rechecks
from tests.notifier.desk import MORNING, Desk
from tests.notifier.inspecting import CDC, DEPT, FOUND, PROOF, inspection, ok, staffed, step

TERMS = {date(2020, 1, 1): 3, date(2037, 12, 1): 1}


@pytest.mark.requirement(104)
@pytest.mark.settings(rectification_recheck_workdays=TERMS)
async def test_evidence_that_nobody_checks_again_is_chased_once_a_period_until_it_is_closed(
    desk: Desk,
) -> None:
    told = Chasers(desk)
    async with (
        desk.client("admin") as admin,
        desk.client("cases:respond", area=DEPT) as owner,
        desk.client("cases:respond", area=DEPT) as second,
        desk.client("cases:respond", area=CDC) as office,
        desk.client("cases:respond", area=CDC) as colleague,
        desk.client("cases:respond", area=("department", "DEPT-02")) as elsewhere,
    ):
        await staffed(desk, admin)
        await desk.system.stop_workers()  # the test comes round itself
        both = inspection("V-1", FOUND, FOUND | {"kind_code": "LEDGER"})
        found = (await ok(admin.post("/v1/inspections", json=both)))["found"]
        first, other_one = (one["problem_id"] for one in found)
        visit = inspection("L-1", FOUND | {"kind_code": "LAB-UPLOAD"}, target_type="lab", target_code="LAB01")
        [of_lab] = (await ok(admin.post("/v1/inspections", json=visit)))["found"]
        assert (await ok(owner.get(f"/v1/problems/{first}")))["recheck_due_on"] is None
        assert (await step(owner, first, "evidence", evidence=PROOF))["recheck_due_on"] == "2037-11-26"
        await step(office, of_lab["problem_id"], "evidence", evidence=PROOF)
        await told.on(day=2)
        # More evidence does not put it off; a re-check that fails ends the waiting.
        assert (await step(owner, first, "evidence", evidence=PROOF))["recheck_due_on"] == "2037-11-26"
        assert (await step(owner, other_one, "evidence", evidence=PROOF))["recheck_due_on"] == "2037-11-30"
        failed = await step(second, other_one, "recheck_failed", due_on="2037-12-10")
        assert failed["recheck_due_on"] is None
        assert await told.on(day=3) == []  # the last day
        assert await told.on(day=4) == [("cdc", "CDC-01"), ("department", "DEPT-01")]
        assert await late(owner) == ([first], 1)
        assert await late(admin) == ([of_lab["problem_id"], first], 2)
        assert await late(elsewhere) == ([], 0)
        assert await told.on(day=6) == []
        assert await told.on(day=7) == [("cdc", "CDC-01"), ("department", "DEPT-01")]
        passed = await step(second, first, "recheck_passed")
        assert (passed["recheck_due_on"], passed["recheck_late"]) == ("2037-12-03", False)
        await step(colleague, of_lab["problem_id"], "recheck_failed", due_on="2037-12-10")
        assert await late(owner) == ([], 0)
        # From 1 December on there is one workday; closing is chased as the re-check was.
        await told.on(day=8)
        assert (await step(owner, other_one, "evidence", evidence=PROOF))["recheck_due_on"] == "2037-12-02"
        await step(second, other_one, "recheck_passed")
        assert await told.on(day=11) == [("department", "DEPT-01")]
        newest = (await desk.notices(kind="task.answer"))[-1]
        assert "待销号" in newest["text"]
        assert [one["due_on"] for one in newest["evidence"]["problems"]] == ["2037-12-03", "2037-12-02"]
        for problem in (first, other_one):
            assert (await step(second, problem, "closed"))["recheck_due_on"] is None
        assert await told.on(day=20) == []


class Chasers:
    """Comes round on a day, and says whom that has told of late re-checks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: set[str] = set()

    async def on(self, *, day: int) -> list[tuple[str, str]]:
        """Move the clock so many days past the first, come round twice; return who was told anew."""
        await self._desk.system.set_clock(MORNING + timedelta(days=day))
        context = self._desk.system.context("notifier")
        for _ in range(2):
            async with context.db.transaction() as session:
                await chase_rechecks(session, context)
        tasks = await self._desk.notices(kind="task.answer")
        late = [one for one in tasks if "复查逾期" in one["text"] and one["notice_id"] not in self._known]
        self._known |= {one["notice_id"] for one in late}
        return sorted((one["recipient"]["type"], one["recipient"]["code"]) for one in late)


async def late(client: Any) -> tuple[list[str], int]:
    """Return what a client is shown as late, and how many it is told of."""
    listed = (await ok(client.get("/v1/problems", params={"recheck_late": "true"})))["problems"]
    assert all(one["recheck_late"] for one in listed)
    days = {"from": "2037-11-23", "to": "2037-11-23"}
    report = await ok(client.get("/v1/rectification-report", params=days))
    return [one["problem_id"] for one in listed], report["figures"]["recheck_late"]
