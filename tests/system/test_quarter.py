"""A small quarter: the ladder climbs as far as is planted, bodies that are silent or late are chased, and nobody else."""

from pathlib import Path

import pytest

from tests.quarter.__main__ import SETTINGS, compared
from tests.quarter.found import is_gapless
from tests.quarter.plan import TELLING, made
from tests.quarter.play import Player
from tests.support.servers import Address
from tests.support.system import running_system

UNITS, PEOPLE, DAYS = 10, 20, 41


@pytest.mark.timeout(600)  # some seconds on a machine that has nothing else to do
@pytest.mark.requirement(97, 98, 99, 100, 101)
async def test_notices_chasers_and_steps_are_exactly_those_planted(
    servers: Address, database: str, tmp_path: Path
) -> None:
    plan = made(1, units=UNITS, people=PEOPLE, weeks=DAYS // 7 + 1, weekdays=(1,), courses=TELLING)
    assert {unit.course for unit in plan.units if unit.offends} == set(TELLING)
    async with running_system(servers, database, data_dir=tmp_path, **SETTINGS) as system:
        must, found = await Player(system, plan, days=DAYS, nightly=False, say=lambda _: None).play()
    for name, planted, there in compared(plan, must, found):
        assert there == planted, name
    happened = {step[2].partition(" ")[0] for step in found.steps}
    assert happened >= {"chased", "extension_granted", "moved", "revoked", "continues", "reported_upward"}
    assert {what.partition(",")[0] for _, _, what in found.late} == {"written_report", "interview"}
    assert found.twice == []
    assert found.anew == []  # every day evaluated once more
    assert all(is_gapless(numbers) for numbers in found.numbers.values())
    repaired = {unit.code for unit in plan.of("repaired")}
    assert repaired
    assert not repaired & {unit for _, unit, *_ in found.stand}
