"""Laboratories of different temper beside each other, against a running system; every verdict is compared."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from deploy.demo import identifiers, posting
from deploy.demo.loading import PEOPLE_AT_ONCE, System, chunks, send_tubes
from deploy.demo.posting import PATIENCE, POLL, Posted
from deploy.demo.samples import Batch, Times, Tube
from deploy.simulator import laboratory
from deploy.simulator.tempers import TEMPERS, Bench, Day

Progress = Callable[[int], None]
OTHER_RECEIPT: Final = "a repeated batch was answered with another receipt"
TOLD: Final = "a tube that its laboratory never told of has a result"


@dataclass(slots=True)
class Played:
    """A laboratory's day as it went: what was posted, what was repeated, and what went wrong."""

    temper: str
    tubes: tuple[Tube, ...]
    day: Day
    posted: list[Posted] = field(default_factory=list)
    repeated: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def as_planned(self) -> bool:
        """Whether every row ended as it was meant to, and is accounted for."""
        ended = all(posting.adds_up(one) and posting.as_planned(one) for one in self.posted)
        return ended and len(self.posted) == len(self.day.batches) and not self.faults


def plan(
    tempers: Mapping[str, str], *, tubes_each: int, tag: str, rng: Random, now: datetime
) -> tuple[list[dict[str, str]], dict[str, Played]]:
    """Return made-up people, and what each laboratory (`tempers`: temper by code) does with its tubes."""
    people: list[dict[str, str]] = []
    played: dict[str, Played] = {}
    times = Times(*(now - timedelta(hours=hours) for hours in (3, 2, 1, 0)))
    for lab_code, temper in tempers.items():
        tubes = []
        for number in range(tubes_each):
            born = identifiers.birth_date(rng, today=now.date())
            code = identifiers.health_code_id(rng)
            people.append(
                {
                    "id_type": "resident_id", "id_no": identifiers.resident_id(rng, born=born),
                    "name": "模拟人员", "health_code_id": code,
                }
            )  # fmt: skip
            named = ({"health_code_id": code},)
            tube_code = f"{tag}-{lab_code}-{number:05}"
            tubes.append(Tube(tube_code, "single", 1, named, lab_code, times, f"{tag}-SITE"))
        bench = Bench(lab_code, tuple(tubes), f"{tag}-{lab_code}", now)
        played[lab_code] = Played(temper, bench.tubes, TEMPERS[temper](bench))
    return people, played


async def run(
    system: System,
    people: Sequence[dict[str, str]],
    played: Mapping[str, Played],
    bar: Callable[[str, int], Progress],
) -> None:
    """Register the people, bind the tubes, let every laboratory have its day, and wait for its end."""
    done = bar("人员 people", len(people))
    for part in chunks(people, PEOPLE_AT_ONCE):
        await system.registry.post("/v1/people/bulk", {"people": part})
        done(len(part))
    early = [tube for one in played.values() if not one.day.late_tubes for tube in one.tubes]
    await _bind(system, early, bar("采样管 tubes", len(early)))
    rows = bar("结果 results", sum(len(batch.rows) for one in played.values() for batch in one.day.batches))
    await asyncio.gather(*(_post(system, lab_code, one, rows) for lab_code, one in played.items()))
    late = [tube for one in played.values() for tube in one.day.late_tubes]
    await _bind(system, late, bar("后补绑定 late tubes", len(late)))
    await _await_end(system, [one for each in played.values() for one in each.posted])
    for one in played.values():
        await _look_for_unsaid(system, one)


async def _bind(system: System, tubes: Sequence[Tube], done: Progress) -> None:
    if tubes:
        site = {"site_code": tubes[0].site_code, "name": "模拟采样点", "kind": "community"}
        await system.results.post("/v1/sites", site)
        counts = await send_tubes(system, tubes, done)
        if counts["accepted"] != len(tubes):
            message = f"of {len(tubes)} tubes {counts['accepted']} were taken"
            raise RuntimeError(message)


async def _post(system: System, lab_code: str, one: Played, done: Progress) -> None:
    """Post a laboratory's batches in its order; what is repeated must get the first receipt."""
    for batch in one.day.batches:
        what = laboratory.posting(batch.batch_no, [dict(row.body) for row in batch.rows])
        answer = await laboratory.send(system.labs[lab_code], what)
        if answer.status_code not in (200, 202):
            one.faults.append(f"{batch.batch_no}: {answer.status_code}")
            continue
        receipt = answer.json()
        one.posted.append(Posted(batch, time.monotonic(), receipt))
        if one.day.again:
            await _repeat(system, lab_code, one, batch)
        done(len(batch.rows))


async def _repeat(system: System, lab_code: str, one: Played, batch: Batch) -> None:
    what = laboratory.posting(batch.batch_no, [dict(row.body) for row in batch.rows], "reordered")
    answer = await laboratory.send(system.labs[lab_code], what)
    one.repeated += 1
    if answer.status_code != 200 or answer.json()["batch_id"] != one.posted[-1].receipt["batch_id"]:  # noqa: PLR2004 - the contract's
        one.faults.append(OTHER_RECEIPT)


async def _await_end(system: System, posted: Sequence[Posted]) -> None:
    """Ask until every row has the verdict that was planned, for two minutes at most."""
    until = time.monotonic() + PATIENCE
    waiting = list(posted)
    while waiting and time.monotonic() < until:
        await posting.await_matched(system, waiting)
        waiting = [one for one in waiting if not posting.as_planned(one)]
        if waiting:
            await asyncio.sleep(POLL)


async def _look_for_unsaid(system: System, one: Played) -> None:
    """Ask of the first and the last tube that a silent laboratory never told of."""
    for tube in (*one.day.unsaid[:1], *one.day.unsaid[1:][-1:]):
        shown = await system.results.get(f"/v1/tubes/{tube.tube_code}")
        if shown["stamps"]["reported_at"] is not None:
            one.faults.append(TOLD)
