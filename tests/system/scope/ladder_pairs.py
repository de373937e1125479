"""The pairs of the ladder: units of A and of B whose week ended in breach."""

from typing import Any, Final
from uuid import uuid4

from shared.bus import publish
from shared.messages import WeekBreached
from tests.system.people import ok
from tests.system.scope.pairs import Pair, Pairs, ask, continued, listed, of, status
from tests.system.scope.world import DISTRICT, NOW, Who, World, area_of, at

HIDDEN: Final = status(404)
CASE: Final = of(case_id="case UNIT-A1")
SECOND: Final = of(case_id="case UNIT-A2")
CASES: Final = ("case UNIT-A1", "case UNIT-A2", "UNIT-A1")
DEPARTMENT: Final = area_of("A", "DEPT", "cases:respond")
WISH: Final = {"by": "部门", "due_on": "2030-03-13", "reason": "复查中"}


def step(kind: str) -> dict[str, Any]:
    """Return the body of a step, as of now."""
    return {"kind": kind, "by": "经办人", "at": at(), "note": "已办理"}


LADDER: Final[Pairs] = {
    ("GET", "/v1/cases"): (
        *listed(*CASES, filters=({}, {"unit_code": "UNIT-A1"}, {"department_code": "DEPT-A"})),
        continued("notifier /v1/cases", *CASES),
    ),
    ("GET", "/v1/cases/{case_id}"): (Pair(ask(CASE), HIDDEN),),
    ("POST", "/v1/cases/{case_id}/steps"): (
        Pair(ask(SECOND, body=step("written_report")), HIDDEN, DEPARTMENT),
        Pair(ask(CASE, body=step("rectified")), HIDDEN),
    ),
    ("POST", "/v1/cases/{case_id}/handover"): (
        Pair(ask(CASE, body={"by": "指挥部", "at": at(), "to": "纪委", "note": "移交"}), HIDDEN, DISTRICT),
    ),
    ("POST", "/v1/cases/{case_id}/extensions"): (
        Pair(ask(of(case_id="case UNIT-A3"), body=WISH), HIDDEN, DEPARTMENT),
    ),
    ("POST", "/v1/cases/{case_id}/extensions/{extension_id}/decision"): (
        Pair(
            ask(
                of(case_id="case UNIT-A1", extension_id="extension A"),
                body={"verdict": "granted", "by": "指挥部"},
            ),
            HIDDEN,
            DISTRICT,
        ),
    ),
}


async def build(world: World) -> None:
    """Give both sides cases, and each an extension that waits."""
    for side, numbers in (("A", (1, 2, 3)), ("B", (1, 3))):
        for number in numbers:
            await _breach(world, f"UNIT-{side}{number}", side)
    await world.system.settle()
    notifier = await world.admin("notifier")
    for case in (await ok(notifier.get("/v1/cases")))["cases"]:
        world.ids[f"case {case['unit_code']}"] = case["case_id"]
    for side in "AB":
        department = await world.client("notifier", Who(frozenset({"cases:respond"}), area=f"DEPT-{side}"))
        case_id = world.ids[f"case UNIT-{side}1"]
        asked = await ok(department.post(f"/v1/cases/{case_id}/extensions", json=WISH))
        world.ids[f"extension {side}"] = asked["extensions"][0]["extension_id"]


async def _breach(world: World, unit_code: str, side: str) -> None:
    message = WeekBreached(
        uuid4(),
        "2030-02-25",
        unit_code,
        f"TOWN-{side}",
        f"DEPT-{side}",
        ("frequency",),
        (),
        (),
        2,
        NOW.isoformat(),
    )
    async with world.system.db("registry").transaction() as session:
        await publish(session, message, now=NOW)
