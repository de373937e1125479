"""A simulated day: the reconciliation names every planted fault at its cause and body, and nothing else."""

from collections import Counter

import pytest

from tests.district_day.plan import made
from tests.district_day.play import Player
from tests.support.system import System

SAMPLES = 1_000


@pytest.mark.requirement(80)
async def test_every_planted_fault_of_a_day_is_named_at_its_cause_and_body_and_nothing_else(
    system: System,
) -> None:
    plan = made(1, SAMPLES)
    found = await Player(system, plan).play()
    expected = plan.expected()
    assert found.named == {key: named for key, named in expected.items() if named[0] != "shown"}
    assert found.counts["shown"] == Counter(cause for cause, _ in expected.values())["shown"]
    assert sum(found.counts.values()) == len(expected)
    by_fault = Counter(tube.fault for tube in plan.tubes)
    assert found.differences == Counter(
        not_uploaded=by_fault["unsent"], not_registered=by_fault["unregistered"]
    )
    late = sum(len(tube.people) for tube in plan.tubes if tube.fault in ("late", "young"))
    assert found.standings["late"] == late
