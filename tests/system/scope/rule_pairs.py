"""The pairs of registry's events, shares, draws and plans."""

from typing import Any, Final

from tests.system.scope.pairs import (
    A_TOWN,
    Pair,
    Pairs,
    Request,
    ask,
    hides,
    listed,
    of,
    refuses,
    shows,
    status,
    whole_district,
)
from tests.system.scope.world import NOW, World, area_of

HIDDEN: Final = status(404)
AT: Final = "2030-03-04T09:00:00+08:00"
PERSON: Final = of(person_id="person 0")
UNIT: Final = of(unit_code="UNIT-A1")
DRAW: Final = {"unit_code": "UNIT-A1", "category_code": "8A1", "on": NOW.date().isoformat()}
SHARE: Final = {
    "effective_from": "2030-01-01",
    "shape": "rolling_share",
    "params": {"percent": 50, "period": "week"},
}
PLAN: Final = {"category_code": "LOCAL-COLD", "effective_from": "2030-01-01"}
WEEK: Final = {"from": NOW.date().isoformat()}
VISIT: Final = {"kind": "fever_visit", "at": AT}


async def made(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Post as the district's administrator."""
    answer = await (await world.admin()).post(path, json=body)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def fresh_event(world: World) -> Request:
    """Ask for an event of A's person, made for this."""
    number = len(world.ids)
    at = AT.replace("09:00:00", f"{number % 10:02}:{number // 10 % 60:02}:00")
    body = {"kind": "fever_visit", "at": at}
    event = await made(world, f"/v1/people/{world.ids['person 0']}/events", body)
    world.ids[f"event {event['event_id']}"] = event["event_id"]
    return Request({"event_id": event["event_id"]})


async def moved_event(world: World) -> Request:
    """Ask to say when it happened."""
    at = f"2030-03-03T08:{len(world.ids) % 60:02}:30+08:00"
    return Request((await fresh_event(world)).path, json={"at": at})


async def cancelled_event(world: World) -> Request:
    """Ask to take it back."""
    return Request((await fresh_event(world)).path, json={"reason": "登记有误"})


async def released_event(world: World) -> Request:
    """Ask to release somebody who was not isolated."""
    body = {"responsible": {"name": "李明", "phone": "13800138000"}}
    return Request((await fresh_event(world)).path, json=body)


async def events_of_two(world: World) -> Request:
    """Ask for the events, of which two people of A have some."""
    for number in (0, 1):
        await made(world, f"/v1/people/{world.ids[f'person {number}']}/events", VISIT)
    return Request(query={"limit": "1000"})


async def after_the_first(world: World) -> Request:
    """Go on from where A's list stopped."""
    asked = await events_of_two(world)
    first = await (await world.client("registry", A_TOWN)).get("/v1/events", params={"limit": "1"})
    return Request(query=asked.query | {"cursor": first.json()["next_cursor"]})


async def shares(world: World) -> Request:
    """Ask for the shares, of which the units of A have some."""
    await made(world, "/v1/categories/8A1/rules", SHARE)
    return Request()


async def people_behind(world: World) -> Request:
    """Ask who is behind one of them."""
    await shares(world)
    return Request({"unit_code": "UNIT-A1", "category_code": "8A1"})


async def new_draw(world: World) -> Request:
    """Ask to draw in a unit of A."""
    await shares(world)
    return Request(json=DRAW)


async def drawn(world: World) -> Request:
    """Ask for a draw in a unit of A."""
    await shares(world)
    return Request({"draw_id": (await made(world, "/v1/draws", DRAW))["draw_id"]})


async def plans(world: World) -> Request:
    """Ask for the plans, of which a unit of A has one."""
    await made(world, "/v1/units/UNIT-A1/plans", PLAN)
    return Request()


async def figures_after_the_first(world: World) -> Request:
    """Go on from where A's figures stopped."""
    return await _after_the_first(world, "/v1/figures", {"by": "unit", **WEEK})


async def people_after_the_first(world: World) -> Request:
    """Go on from where A's people stopped."""
    return await _after_the_first(world, "/v1/figures/people", WEEK)


async def _after_the_first(world: World, path: str, query: dict[str, str]) -> Request:
    asked = {**query, "limit": "1"}
    first = await (await world.client("registry", A_TOWN)).get(path, params=asked)
    return Request(query={**query, "cursor": first.json()["next_cursor"]})


RULES: Final[Pairs] = {
    ("POST", "/v1/people/{person_id}/events"): (
        Pair(ask(PERSON, body=VISIT), HIDDEN),
        Pair(
            ask(of(person_id="person 3"), body=VISIT | {"unit_code": "UNIT-A1"}),
            refuses("unknown_unit_code"),
            None,
            against=("area",),
        ),
    ),
    ("GET", "/v1/people/{person_id}/events"): (Pair(ask(PERSON), HIDDEN),),
    ("GET", "/v1/events"): (
        Pair(events_of_two, hides("person 0", "person 1"), A_TOWN, shows("person 0", "person 1")),
        Pair(after_the_first, hides("person 0", "person 1"), A_TOWN, status(200)),
    ),
    ("PATCH", "/v1/events/{event_id}"): (Pair(moved_event, HIDDEN),),
    ("POST", "/v1/events/{event_id}/release"): (
        Pair(released_event, HIDDEN, A_TOWN, refuses("not_isolated")),
    ),
    ("POST", "/v1/events/{event_id}/cancellation"): (Pair(cancelled_event, HIDDEN),),
    ("GET", "/v1/shares"): (Pair(shares, hides("UNIT-A1", "UNIT-A2"), A_TOWN, shows("UNIT-A1", "UNIT-A2")),),
    ("GET", "/v1/units/{unit_code}/shares/{category_code}/people"): (
        Pair(people_behind, HIDDEN, A_TOWN, shows("sampled_on")),
    ),
    ("GET", "/v1/figures"): (
        *listed("UNIT-A1", "UNIT-A2", filters=({"by": "unit", **WEEK},)),
        *listed("TOWN-A", filters=({"by": "township", **WEEK},)),
        *listed("DEPT-A", filters=({"by": "department", **WEEK},), owner=area_of("A", "DEPT")),
        Pair(figures_after_the_first, hides("UNIT-A1", "UNIT-A2"), A_TOWN, shows("UNIT-A2")),
    ),
    ("GET", "/v1/figures/sheet"): (
        *listed("UNIT-A1", "UNIT-A2", filters=({"by": "unit", "format": "csv", **WEEK},)),
    ),
    ("GET", "/v1/figures/people"): (
        *listed(
            "person 1",
            "UNIT-A2",
            filters=(WEEK, {**WEEK, "unit_code": "UNIT-A2"}, {**WEEK, "by": "township", "key": "TOWN-A"}),
        ),
        Pair(people_after_the_first, hides("person 0", "person 1", "person 2"), A_TOWN, shows("UNIT-A2")),
    ),
    ("POST", "/v1/figures/weeks/{week}/count"): whole_district(of(week="2030-02-06")),
    ("POST", "/v1/draws"): (Pair(new_draw, HIDDEN),),
    ("GET", "/v1/draws/{draw_id}"): (Pair(drawn, HIDDEN),),
    ("POST", "/v1/units/{unit_code}/plans"): (Pair(ask(UNIT, body=PLAN), HIDDEN),),
    ("POST", "/v1/units/{unit_code}/samplings"): (
        Pair(ask(UNIT, body={"subject": "item", "at": AT}), HIDDEN),
    ),
    ("GET", "/v1/unit-plans"): (Pair(plans, hides("UNIT-A1"), A_TOWN, shows("UNIT-A1")),),
}
