"""The whole harness in a small dose: real processes, a few deaths, no finding, every planted defect found."""

import pytest

from tests.chaos.run import Dose, run


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_few_deaths_lose_nothing_and_the_checker_finds_what_is_planted() -> None:
    said: list[str] = []
    dose = Dose(points=4, rounds=0, only=["redis killed and empty"], pace=4.0, learn=5.0)
    result = await run(7, dose, said.append)
    told = result.told

    assert (told["lost"], told["doubled"], told["misplaced"], told["other_findings"]) == (0, 0, 0, 0), (
        result.findings
    )
    assert (told["planted"], told["caught"], told["false_alarms"]) == (12, 12, 0), result.problems
    assert told["kills"] >= 1
    assert told["rows"] > 0
