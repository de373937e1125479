"""`python -m deploy.demo.seed`: the small district of the first start, through the public APIs.

May be repeated: what stands is left alone.
"""

import asyncio
import sys
import time
from datetime import datetime
from random import Random
from typing import Final

from deploy.demo import loading
from deploy.demo.client import read_credentials
from deploy.demo.day import Day, DaySizes, plan
from deploy.demo.district import Sizes, generate
from deploy.demo.loading import System
from deploy.demo.records import District
from deploy.demo.run import FIRST_DAY, SHANGHAI

SIZES: Final = Sizes(units=24, people=160, voluntary=40)
DAY_SIZES: Final = DaySizes(tested=130, batch_rows=60)
SEED: Final = "first start"
TAG: Final = "seed"


def main() -> None:
    """Load the district into the system of `.run/credentials.json`."""
    started = time.monotonic()
    district = generate(Random(SEED), today=FIRST_DAY.date(), sizes=SIZES)
    loaded = asyncio.run(_work(district))
    took = time.monotonic() - started
    said = "loaded" if loaded else "was there already"
    sys.stdout.write(f"demonstration district: {len(district.everybody)} people {said} ({took:.1f} s)\n")


async def _work(district: District) -> bool:
    async with loading.open_system(read_credentials(), district.labs) as system:
        return await load(system, district, now=datetime.now(SHANGHAI))


async def load(system: System, district: District, *, now: datetime) -> bool:
    """Send the district and a day; return False if its batches were there already."""
    if await _posted(system, district):
        return False
    await loading.send_departments(system, district.departments + district.townships, _quietly)
    await loading.send_industry_map(system)
    await loading.send_units(system, district.units, _quietly)
    await loading.send_people(system, district.everybody, _quietly)
    await _send_day(system, plan(Random(SEED), district, tag=TAG, now=now, sizes=DAY_SIZES))
    return True


async def _posted(system: System, district: District) -> bool:
    """Tell whether the last batch of the day stands: it is sent last."""
    lab = system.labs[district.labs[-1].lab_code]
    return bool((await lab.get("/v1/batches", batch_no=f"{TAG}-001"))["batches"])


async def _send_day(system: System, day: Day) -> None:
    await loading.send_tubes(system, day.tubes + day.refused_tubes, _quietly)
    await loading.send_people(system, day.late_people, _quietly)
    for batch in day.batches:
        # 409: a first start that was cut off posted this number with the times of that day.
        lab = system.labs[batch.lab_code]
        await lab.call("POST", "/v1/batches", body=batch.wire(), expect=loading.KNOWN)
    await loading.send_tubes(system, day.late_tubes, _quietly)


def _quietly(_: int) -> None:
    """Tell nobody."""


if __name__ == "__main__":
    main()
