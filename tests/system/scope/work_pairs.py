"""The pairs of work lists and of answers."""

from typing import Final

from tests.system.people import ok
from tests.system.scope.pairs import (
    A_TOWN,
    Pair,
    Pairs,
    Request,
    ask,
    continued,
    hides,
    listed,
    of,
    refuses,
    shared,
    shows,
    status,
    whole_district,
)
from tests.system.scope.works import REPORT, new_list, work_list
from tests.system.scope.world import DISTRICT, World, area_of

HIDDEN: Final = status(404)
A_LISTS: Final = ("list A1", "list A2")
A_ITEMS: Final = ("item A1", "item A2")
A_ASKED: Final = ("asked A0",)
CHECKED: Final = {"by": "督查员"}
DONE: Final = {**REPORT, "done": True}
LATER: Final = {"by": "值班员", "due_on": "2030-04-01", "reason": "设备未到货"}


async def reported(world: World, body: dict[str, str]) -> Request:
    """Ask about an item of A that its town has reported done."""
    item = await new_list(world)
    path = f"/v1/work-items/{item['item_id']}"
    await ok((await world.client("notifier", A_TOWN)).post(f"{path}/progress", json=DONE))
    return Request({"item_id": item["item_id"]}, json=body)


async def accepted(world: World) -> Request:
    """Ask to accept an item."""
    return await reported(world, CHECKED)


async def sent_back(world: World) -> Request:
    """Ask to send an item back."""
    return await reported(world, {**CHECKED, "reason": "无照片"})


async def more_time(world: World) -> Request:
    """Ask for a later day."""
    return Request({"item_id": (await new_list(world))["item_id"]}, json=LATER)


async def decided(world: World) -> Request:
    """Ask to decide on a later day."""
    asked = await more_time(world)
    path = f"/v1/work-items/{asked.path['item_id']}/extension"
    await ok((await world.client("notifier", A_TOWN)).post(path, json=LATER))
    return Request(asked.path, json={**CHECKED, "decision": "refuse"})


async def answered(world: World) -> Request:
    """Ask to close what A's town has answered."""
    notice_id = world.ids["asked A0"]
    path = f"/v1/notices/{notice_id}/answers"
    await ok((await world.client("notifier", A_TOWN)).post(path, json=REPORT))
    return Request({"notice_id": notice_id}, json=CHECKED)


async def returned(world: World) -> Request:
    """Ask to send an answer back."""
    return Request(of(notice_id="asked A0")(world), json={**CHECKED, "reason": "未附清单"})


ITEM: Final = of(item_id="item A1")
ASKED: Final = of(notice_id="asked A0")
NAMES: Final = {"names": [{"name": "甲办", "codes": ["TOWN-A"]}]}
NOT_OF_THE_DISTRICT: Final = status(403)

WORK: Final[Pairs] = {
    ("POST", "/v1/work-lists"): whole_district(
        body=work_list("全区清单", "A"), refused=refuses("forbidden", "body_unknown")
    ),
    ("GET", "/v1/work-lists"): (
        *listed(*A_LISTS),
        Pair(ask(), hides(*A_LISTS), area_of("A", "DEPT"), shows(*A_LISTS)),
        continued("notifier /v1/work-lists", *A_LISTS),
    ),
    ("GET", "/v1/work-items"): (
        *listed(*A_ITEMS, filters=({}, {"state": "open"})),
        Pair(ask(), hides(*A_ITEMS), area_of("A", "DEPT"), shows(*A_ITEMS)),
        continued("notifier /v1/work-items", *A_ITEMS),
    ),
    ("GET", "/v1/work-items/{item_id}"): (Pair(ask(ITEM), HIDDEN),),
    ("POST", "/v1/work-items/{item_id}/progress"): (Pair(ask(ITEM, body=REPORT), HIDDEN),),
    ("POST", "/v1/work-items/{item_id}/acceptance"): (Pair(accepted, NOT_OF_THE_DISTRICT, DISTRICT),),
    ("POST", "/v1/work-items/{item_id}/reopening"): (Pair(sent_back, NOT_OF_THE_DISTRICT, DISTRICT),),
    ("POST", "/v1/work-items/{item_id}/extension"): (Pair(more_time, HIDDEN),),
    ("POST", "/v1/work-items/{item_id}/extension-decision"): (Pair(decided, NOT_OF_THE_DISTRICT, DISTRICT),),
    ("GET", "/v1/body-names"): shared(),
    ("POST", "/v1/body-names"): whole_district(body=NAMES),
    ("GET", "/v1/feedback"): (
        *listed(*A_ASKED, filters=({}, {"state": "open"}, {"department_code": "TOWN-A"})),
    ),
    ("GET", "/v1/notices/{notice_id}/answers"): (Pair(ask(ASKED), HIDDEN),),
    ("POST", "/v1/notices/{notice_id}/answers"): (Pair(ask(ASKED, body=REPORT), HIDDEN),),
    ("POST", "/v1/notices/{notice_id}/closing"): (Pair(answered, NOT_OF_THE_DISTRICT, DISTRICT),),
    ("POST", "/v1/notices/{notice_id}/reopening"): (Pair(returned, NOT_OF_THE_DISTRICT, DISTRICT),),
}
