"""Plays a planned day against the running system, over HTTP alone, and compares what is said of every sample."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from registry.feed import showing
from tests.district_day.plan import LABS, SITES, Key, Named, Plan, Tube, lab_of
from tests.support.system import System
from tests.system.people import TOWN, District, ok, person, row, text

MORNING: Final = datetime.fromisoformat("2030-03-05T08:00:00+08:00")
NOON: Final = MORNING + timedelta(hours=4)
NEXT: Final = MORNING + timedelta(hours=25)
AFTERNOON: Final = NEXT + timedelta(hours=5)
TESTED: Final = MORNING + timedelta(hours=3)
DAY: Final = f"{MORNING:%Y-%m-%d}"
PEOPLE_AT_ONCE: Final = 5_000
TUBES_AT_ONCE: Final = 1_000
PACKETS_AT_ONCE: Final = 500
ROWS_AT_ONCE: Final = 5_000
SETTLED: Final = 600.0
TOLD: Final = "SELECT told_at FROM registry.display_progress"
# Of these faults nothing is sent on the day.
SILENT: Final = ("missing", "untested", "unsent", "void", "retained", "late", "young")
SENT: Final = ("unbound", "unregistered", "stranger", "held", "invalid", "failed", "unlisted", None)
T = TypeVar("T")


@dataclass(slots=True)
class Found:
    """What the reconciliation says: every sample that is not shown, and the counts of all."""

    named: dict[Key, Named] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    standings: dict[str, int] = field(default_factory=dict)
    differences: Counter[str] = field(default_factory=Counter)


class Player:
    """The sites, laboratories and the platform of the day."""

    def __init__(self, system: System, plan: Plan, say: Callable[[str], None] = lambda _: None) -> None:
        self.system = system
        self.plan = plan
        self.district = District(system)
        self.batches: dict[str, str] = {}
        self._say = say
        self._numbers: Counter[str] = Counter()

    async def play(self) -> Found:
        """Play the whole day and the next; return what the reconciliation says in the end."""
        await self.system.set_clock(NOON)
        await self.district.build()
        await self._people()
        await self._sites()
        await self._tubes()
        await self._packets()
        await self._results([tube for tube in self._carried() if tube.fault in SENT])
        await self._rows()
        await self._manifests()
        self._say("results are in")
        await self.system.settle(seconds=SETTLED)
        await self.system.set_clock(NEXT)
        await self._results([tube for tube in self._carried() if tube.fault == "late"], at=NEXT)
        await self.system.settle(seconds=SETTLED)
        await self._platform()
        await self.system.set_clock(AFTERNOON)
        await self._look()
        await self._results([tube for tube in self._carried() if tube.fault == "young"], at=AFTERNOON)
        await self._posted_list()
        await self.system.settle(seconds=SETTLED)
        self._say("everything is told")
        return await self._found()

    def _carried(self) -> Iterator[Tube]:
        for number, packet in enumerate(self.plan.packets):
            if number not in self.plan.kept_back:
                yield from packet

    async def _people(self) -> None:
        strangers = {tube.people[0] for tube in self.plan.tubes if tube.fault == "stranger"}
        strangers |= {number for _, number, fault in self.plan.rows if fault}
        known = (person(number) for number in range(self.plan.people) if number not in strangers)
        for some in _chunks(known, PEOPLE_AT_ONCE):
            answer = await self.district.register(*some)
            assert answer["rejected"] == 0, answer["errors"][:3]
        await self.system.settle(seconds=SETTLED)
        self._say(f"{self.plan.people} people")

    async def _sites(self) -> None:
        for code in SITES:
            site = {"site_code": code, "name": code, "kind": "community", "township_code": TOWN}
            await ok(self.district.sampling.post("/v1/sites", json=site))

    async def _tubes(self) -> None:
        registered = (tube for tube in self.plan.tubes if tube.fault != "unregistered")
        pool = next(tube for tube in self._carried() if tube.mode == "mixed" and tube.fault is None)
        for some in _chunks(registered, TUBES_AT_ONCE):
            body = {"tubes": [_tube(tube, pool) for tube in some]}
            answer = await ok(self.district.sampling.post("/v1/tubes/bulk", json=body))
            assert answer["rejected"] == 0, answer["errors"][:3]
        for tube in self.plan.tubes:
            if tube.fault == "void":
                void = {"reason": "leaked", "voided_at": text(TESTED)}
                await ok(self.district.sampling.post(f"/v1/tubes/{tube.code}/voiding", json=void))
        self._say("tubes are registered")

    async def _packets(self) -> None:
        for some in _chunks(enumerate(self.plan.packets), PACKETS_AT_ONCE):
            body = {"packets": [_packet(number, tubes) for number, tubes in some]}
            answer = await ok(self.district.sampling.post("/v1/packet-lists", json=body))
            assert answer["rejected"] == 0, answer["errors"][:3]
        for number, tubes in enumerate(self.plan.packets):
            if number in self.plan.kept_back:
                continue
            missing = [tube.code for tube in tubes if tube.fault == "missing"]
            there = len(tubes) - len(missing)
            told = {"received_at": text(MORNING + timedelta(hours=2)), "receiver_code": "R-1",
                    "samples": there, "paper_forms": len(tubes), "missing": missing}  # fmt: skip
            lab = self.district.labs[tubes[0].lab]
            await ok(lab.post(f"/v1/packets/P-{number:06}/receipt", json=told))
        self._say(f"{len(self.plan.packets)} packets")

    async def _results(self, tubes: Sequence[Tube], *, at: datetime = TESTED) -> None:
        for lab in LABS:
            rows = [_result(tube, at) for tube in tubes if tube.lab == lab]
            for some in _chunks(rows, ROWS_AT_ONCE):
                await self.district.post(*some, lab=lab)

    async def _rows(self) -> None:
        for lab in LABS:
            mine = [number for each, number, _ in self.plan.rows if each == lab]
            for some in _chunks(mine, ROWS_AT_ONCE):
                rows = [
                    row(TESTED, health_code_id=f"HC-{number:06}", collected_at=text(MORNING))
                    for number in some
                ]
                receipt = await self.district.post(*rows, lab=lab)
                self.batches[receipt["batch_id"]] = lab

    async def _manifests(self) -> None:
        for lab in LABS:
            tested = [
                tube.code for tube in self._carried()
                if tube.lab == lab and (tube.fault in SENT or tube.fault == "unsent")
            ]  # fmt: skip
            for number, some in enumerate(_chunks(tested, ROWS_AT_ONCE)):
                said = {"manifest_no": f"M-{number}", "day": DAY, "tube_codes": list(some)}
                await ok(self.district.labs[lab].post("/v1/manifests", json=said))

    async def _platform(self) -> None:
        """Read the whole feed and acknowledge it, but for the planted people."""
        cursor, more = None, True
        while more:
            query = {"limit": "10000"} | ({"cursor": cursor} if cursor else {})
            page = await ok(self.district.platform.get("/v1/status-changes", params=query))
            cursor, more = page["next_cursor"], page["more"]
        failed = [
            {"health_code_id": f"HC-{tube.people[0]:06}", "code": "no_account"}
            for tube in self._carried() if tube.fault == "failed"
        ]  # fmt: skip
        shown = {"cursor": cursor, "failed": failed}
        await ok(self.district.platform.post("/v1/status-acknowledgements", json=shown))
        self._say("the platform has acknowledged")

    async def _look(self) -> None:
        """Have registry look until it has told of the afternoon.

        Its own worker may be at it, and then a look is skipped; and whatever is being written in the whole
        of the server holds a moment up.
        """
        context = self.system.context("registry")
        told = AFTERNOON - timedelta(seconds=context.settings.display_margin_seconds)
        async with asyncio.timeout(SETTLED):
            while (await self.system.owner.fetchval(TOLD) or MORNING) < told:
                async with context.db.transaction() as session:
                    await showing.tell(session, context)
                await asyncio.sleep(0.02)
        await self.system.settle(seconds=SETTLED)

    async def _posted_list(self) -> None:
        unlisted = [
            {"health_code_id": f"HC-{tube.people[0]:06}", "display": "none"}
            for tube in self._carried() if tube.fault == "unlisted"
        ]  # fmt: skip
        platform = await self.system.client("results-ingest", scopes=["status:read"])
        answer = await ok(
            platform.post("/v1/shown-lists", json={"as_of": text(AFTERNOON), "people": unlisted})
        )
        assert answer["accepted"] == len(unlisted)

    async def _found(self) -> Found:
        found = Found()
        counted = await ok(self.district.cdc.get("/v1/reconciliation", params={"day": DAY}))
        found.counts, found.standings = counted["causes"], counted["standings"]
        for cause in found.counts:
            if cause != "shown":
                found.named |= dict([_named(each, self.batches) async for each in self._samples(cause)])
        for each in await self._differences():
            found.differences[each["kind"]] += 1
        return found

    async def _samples(self, cause: str) -> Any:
        query: dict[str, str] = {"day": DAY, "cause": cause, "limit": "1000"}
        while True:
            page = await ok(self.district.cdc.get("/v1/reconciliation/samples", params=query))
            for each in page["samples"]:
                yield each
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    async def _differences(self) -> list[dict[str, Any]]:
        query = {"from": DAY, "to": DAY, "limit": "1000"}
        answer = await ok(self.district.cdc.get("/v1/manifests/differences", params=query))
        return list(answer["differences"])


def _named(sample: dict[str, Any], batches: dict[str, str]) -> tuple[Key, Named]:
    told, body = sample["row"], sample["body"]
    if sample["tube_code"] is None:
        key = batches[told["batch_id"]], told["row"]
    else:
        key = sample["tube_code"], sample["position"]
    if body is None:
        return key, (sample["cause"], None)
    return key, (sample["cause"], ":".join(filter(None, (body["type"], body["code"]))))


def _tube(tube: Tube, pool: Tube) -> dict[str, Any]:
    members = [{"health_code_id": f"HC-{number:06}"} for number in tube.people]
    body = {
        "tube_code": tube.code, "mode": tube.mode, "capacity": len(tube.people), "subject": "person",
        "members": [] if tube.fault == "unbound" else members, "collected_at": text(MORNING),
        "site_code": tube.site, "lab_code": tube.lab,
    }  # fmt: skip
    return body | ({"paired_with": pool.code} if tube.fault == "retained" else {})


def _packet(number: int, tubes: Sequence[Tube]) -> dict[str, Any]:
    return {
        "packet_code": f"P-{number:06}", "site_code": tubes[0].site, "lab_code": lab_of(tubes[0].site),
        "sealed_at": text(MORNING + timedelta(hours=1)), "sealer_code": "S-1", "samples": len(tubes),
        "paper_forms": len(tubes), "tube_codes": [tube.code for tube in tubes],
    }  # fmt: skip


def _result(tube: Tube, at: datetime) -> dict[str, Any]:
    more = {"mode": "mixed"} if tube.fault == "held" else {}
    return row(at, tube_code=tube.code, outcome="invalid" if tube.fault == "invalid" else "negative", **more)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
