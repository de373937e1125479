"""What counts as shown: never a result that registry has not applied, however far the platform says it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.feed import showing
from tests.support.system import System
from tests.support.waiting import until
from tests.system.people import District, ok, person, row, text

NOON = datetime.fromisoformat("2030-03-05T12:00:00+08:00")
UNHEARD = """
    SELECT count(*) FROM bus.delivery WHERE consumer = 'results-ingest' AND state IN ('pending', 'claimed')
"""
COLLECTED = NOON - timedelta(hours=4)


async def look(system: System) -> None:
    """Have registry look as its worker does, often enough for a moment to be told."""
    context = system.context("registry")
    for _ in range(4):
        async with context.db.transaction() as session:
            await showing.tell(session, context)
        await system.settle()


async def until_shown(district: District, expected: dict[str, str]) -> None:
    """Have registry look until this is what is shown: its own worker may be at it, and then it is skipped."""

    async def shown() -> bool:
        await look(district.system)
        return await causes(district) == expected

    await until(shown)


async def acknowledge(district: District, cursor: str | None = None) -> str:
    """Read the feed to its end and acknowledge it."""
    more = True
    while more:
        query = {"cursor": cursor} if cursor else {}
        page = await ok(district.platform.get("/v1/status-changes", params=query))
        cursor, more = page["next_cursor"], page["more"]
    assert cursor is not None
    await ok(district.platform.post("/v1/status-acknowledgements", json={"cursor": cursor}))
    return cursor


async def heard(system: System) -> None:
    """Wait until results-ingest has handled everything; registry may be away."""

    async def nothing_left() -> bool:
        return not await system.owner.fetchval(UNHEARD)

    await until(nothing_left)


async def causes(district: District) -> dict[str, str]:
    found: dict[str, Any] = await ok(
        district.cdc.get("/v1/reconciliation/samples", params={"day": "2030-03-05"})
    )
    return {each["tube_code"]: each["cause"] for each in found["samples"]}


@pytest.mark.requirement(80)
@pytest.mark.settings(display_margin_seconds=0)
async def test_a_result_that_registry_has_not_applied_is_never_taken_for_shown(system: System) -> None:
    await system.set_clock(NOON)
    district = await District(system).build()
    await district.register(person(1), person(2))
    await system.settle()
    for number in (1, 2):
        tube = {"tube_code": f"T-{number}", "mode": "single", "capacity": 1, "subject": "person",
                "members": [{"health_code_id": f"HC-{number:06}"}], "collected_at": text(COLLECTED)}  # fmt: skip
        await ok(district.sampling.post("/v1/tubes", json=tube))
    await district.post(row(NOON - timedelta(hours=1), tube_code="T-1"))
    await system.settle()
    cursor = await acknowledge(district)
    await system.set_clock(NOON + timedelta(minutes=1))
    await until_shown(district, {"T-1": "shown", "T-2": "not_received"})
    # Registry's worker is away: the result is sent, and waits there while the platform goes on.
    await system.stop_workers("registry")
    await district.post(row(NOON - timedelta(hours=1), tube_code="T-2"))
    await heard(system)
    context = system.context("registry")
    await system.set_clock(NOON + timedelta(hours=1))
    await acknowledge(district, cursor)
    for _ in range(5):
        async with context.db.transaction() as session:
            await showing.tell(session, context)
    await heard(system)
    assert await causes(district) == {"T-1": "shown", "T-2": "display_delay"}
    await system.start_workers("registry")
    await system.settle()
    await look(system)
    assert (await causes(district))["T-2"] == "display_delay", "it stands in the feed, and nobody has read it"
    await acknowledge(district, cursor)
    await until_shown(district, {"T-1": "shown", "T-2": "shown"})
