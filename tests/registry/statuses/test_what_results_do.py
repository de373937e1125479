"""The list "What results do" of contract §5, from messages to the status that is read."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.world import NOON, World, applied, as_negatives, bound, result, reviewed

HOUR = timedelta(hours=1)


async def test_a_negative_shows_with_its_dates(world: World) -> None:
    await world.category(days=7)
    person = await world.person(category="8A1")
    before = await world.status(person)
    assert (before["display"], before["due_state"], before["clearance"]["reasons"]) == (
        "none", "never_tested", ["never_tested"],
    )  # fmt: skip
    await world.tell(applied([result(person, collected_at=NOON - HOUR)]))
    after = await world.status(person)
    assert after["display"] == "negative"
    assert after["due_on"].isoformat() == "2026-11-28"
    assert after["clearance"] == {"allowed": True, "reasons": [], "until": after["due_on"]}
    assert after["version"] == before["version"] + 1
    assert await world.sequence() == 0


async def test_a_bound_tube_is_pending_until_its_result_and_never_longer_than_72_hours(world: World) -> None:
    person = await world.person()
    tube = uuid4()
    await world.tell(bound(person, tube_id=tube, collected_at=NOON - HOUR))
    assert (await world.status(person))["display"] == "pending"
    await world.tell(applied([result(person, tube_id=tube, collected_at=NOON - HOUR, outcome="invalid")]))
    shown = await world.status(person)
    assert (shown["display"], shown["pending_since"]) == ("pending", NOON - HOUR)
    world.clock.moment += timedelta(hours=71)
    await world.tick()
    lapsed = await world.status(person)
    assert (lapsed["display"], lapsed["pending_since"]) == ("none", None)
    assert lapsed["version"] == shown["version"] + 1


async def test_a_plain_negative_takes_the_short_way_beside_a_tube_that_waits_and_leaves_it_waiting(
    world: World,
) -> None:
    await world.category(days=7)
    person = await world.person(category="8A1")
    await world.tell(bound(person, collected_at=NOON - HOUR))
    row = result(person, collected_at=NOON - 2 * HOUR, result_id=UUID(int=uuid4().int >> 16 << 16 | 1))
    message = as_negatives(applied([row]))
    assert message is not None
    await world.tell(message)
    shown = await world.status(person)
    assert (shown["display"], shown["pending_since"]) == ("negative", NOON - HOUR)
    assert await world.value("SELECT count(*) FROM bus.message WHERE name = 'results.applied'") == 0


@pytest.mark.requirement(78)
async def test_a_positive_is_under_recheck_until_it_is_reviewed_and_only_a_review_lifts_it(
    world: World,
) -> None:
    person = await world.person()
    found = uuid4()
    await world.tell(
        applied([result(person, outcome="positive", result_id=found, collected_at=NOON - 5 * HOUR)])
    )
    assert (await world.status(person))["display"] == "under_recheck"
    await world.tell(applied([result(person, collected_at=NOON - HOUR)]))
    assert (await world.status(person))["display"] == "under_recheck"
    await world.tell(reviewed(found, person, "confirmed"))
    shown = await world.status(person)
    assert shown["display"] == "positive"
    assert (shown["last_result"]["outcome"], shown["last_result"]["reviewed"]) == ("positive", True)
    await world.tell(reviewed(found, person, "released", revision=2))
    assert (await world.status(person))["display"] == "negative"
