"""Work lists of both sides, and what their bodies have reported and answered."""

from typing import TYPE_CHECKING, Any, Final

from tests.system.people import ok

if TYPE_CHECKING:
    from tests.system.scope.world import World

REPORT: Final = {"by": "值班员", "text": "进展正常"}
# A unit's task is taken back when its cause goes, which a schedule may find between any two requests.
LASTING: Final = ("event", "site", "survey_round")


def work_list(title: str, side: str) -> dict[str, Any]:
    """Return a list of one item that a side's town leads."""
    item = {"text": "社区防控", "bodies": [f"TOWN-{side}", f"DEPT-{side}"], "deadline": "2030-03-20"}
    return {
        "title": title,
        "issued_on": "2030-03-05",
        "sections": [{"title": "常态", "items": [item]}],
    }


async def new_list(world: "World", side: str = "A") -> dict[str, Any]:
    """Have a list taken in and return its only item."""
    admin = await world.admin("notifier")
    world.ids[f"work list {len(world.ids)}"] = ""
    made = await ok(admin.post("/v1/work-lists", json=work_list(f"清单{len(world.ids)}", side)))
    [item] = (await ok(admin.get("/v1/work-items", params={"list_id": made["list_id"]})))["items"]
    found: dict[str, Any] = item
    return found


async def build(world: "World") -> None:
    """Give each side two lists with a report, and answer what was asked of its town."""
    from tests.system.scope.world import area_of

    for side in "AB":
        town = await world.client("notifier", area_of(side, "TOWN"))
        for number in (1, 2):
            item = await new_list(world, side)
            await ok(town.post(f"/v1/work-items/{item['item_id']}/progress", json=REPORT))
            world.ids[f"item {side}{number}"] = item["item_id"]
            world.ids[f"list {side}{number}"] = item["list_id"]
        items = (await ok(town.get("/v1/feedback")))["items"]
        for number, asked in enumerate(each for each in items if each["subject"]["type"] in LASTING):
            await ok(town.post(f"/v1/notices/{asked['notice_id']}/answers", json={**REPORT, "state": "open"}))
            world.ids[f"asked {side}{number}"] = asked["notice_id"]
