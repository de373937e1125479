"""A small quarter: the ladder climbs for planted offenders, exactly as far as planted, and for nobody else."""

from pathlib import Path

import pytest

from tests.quarter.__main__ import SETTINGS, is_gapless
from tests.quarter.plan import made
from tests.quarter.play import Player
from tests.support.servers import Address
from tests.support.system import running_system

UNITS, PEOPLE, DAYS = 12, 48, 38


@pytest.mark.timeout(400)  # some seconds on a machine that has nothing else to do
@pytest.mark.requirement(97, 98, 99, 100, 101)
async def test_notices_reports_interviews_and_reports_upward_are_exactly_those_planted(
    servers: Address, database: str, tmp_path: Path
) -> None:
    plan = made(1, units=UNITS, people=PEOPLE, weeks=DAYS // 7 + 1, weekdays=(2,))
    async with running_system(servers, database, data_dir=tmp_path, **SETTINGS) as system:
        found = await Player(system, plan, days=DAYS, nightly=False, say=lambda _: None).play()
    assert found.breaches == plan.breaches()
    assert (found.stand, found.revoked) == plan.notices()
    assert found.twice == []
    assert found.again == 0  # every day evaluated once more
    assert all(is_gapless(numbers) for numbers in found.numbers.values())
    repaired = {unit.code for unit in plan.of("repaired")}
    assert repaired
    assert not repaired & {unit for _, unit, *_ in found.stand}
