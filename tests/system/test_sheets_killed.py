"""Workers killed with SIGKILL while a sheet of many parts is taken in: no row is lost, none comes in twice."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from shared.sheets.reading import CSV
from tests.sheets.making import in_csv
from tests.support.forked import Forked
from tests.support.servers import Address
from tests.system.people import UNIT, ok, resident_id
from tests.system.test_killed import run

ROWS = 12_000
HEADER = ("name", "id_no", "health_code_id", "unit_code", "category_code", "enrolled_on")
BAD = range(0, ROWS, 997)


@pytest.mark.timeout(600)
async def test_an_import_goes_on_after_its_worker_was_killed_and_takes_every_row_once(
    servers: Address, database: str, own_redis: str, tmp_path: Path, forked: Forked
) -> None:
    dice = random.Random(3)
    lines = [
        ("" if n in BAD else "张伟", resident_id(n), f"HC-{n:06}", UNIT, "8A1", "2030-03-01")
        for n in range(ROWS)
    ]
    async with run(servers, database, own_redis, tmp_path / "home", forked) as (district, workers):
        registry, owner = district.admin, district.system.owner
        sent = await registry.post(
            "/v1/imports?kind=people", content=in_csv(HEADER, *lines), headers={"Content-Type": CSV}
        )
        path = (await ok_path(sent)).removesuffix("/")
        caught: set[int] = set()
        shown: dict[str, Any] = {}
        async with asyncio.timeout(240):
            while shown.get("status") != "done":
                shown = await ok(registry.get(path))
                people = await owner.fetchval("SELECT count(*) FROM registry.person")
                assert people >= shown["accepted"], "progress is never ahead of what stands"
                if shown["processed"] < ROWS and shown["processed"] not in caught and len(caught) < 6:
                    caught.add(shown["processed"])
                    await asyncio.sleep(dice.uniform(0.05, 0.4))
                    workers.kill("registry")
        assert len(caught) >= 3, "the worker must have been killed in the middle"
        assert shown["processed"] == shown["rows"] == ROWS
        assert (shown["accepted"], shown["updated"]) == (ROWS - len(BAD), 0)
        assert (shown["rejected"], shown["errors_total"]) == (len(BAD), len(BAD))
        assert await owner.fetchval("SELECT count(*) FROM registry.person") == ROWS - len(BAD)
        assert await owner.fetchval("SELECT count(*) FROM registry.enrolment") == ROWS - len(BAD)
        assert await owner.fetchval("SELECT max(version) FROM registry.person") == 1


async def ok_path(answer: Any) -> str:
    """Return where an import is found."""
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"])
