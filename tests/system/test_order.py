"""Order does not matter: the same facts, in any order and with repeats, end in the same statuses."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from tests.support.system import System
from tests.system.people import UNIT, District, ok, person, resident_id, row, text

PEOPLE: Final = 4


@dataclass
class Step:
    """One request; it may run once the steps that it needs have run."""

    name: str
    run: Callable[[], Awaitable[None]]
    needs: frozenset[str] = frozenset()


@dataclass
class Story:
    """The same facts about one set of people; `base` keeps the sets of two orders apart."""

    district: District
    now: datetime
    base: int
    facts: random.Random
    steps: list[Step] = field(default_factory=list)

    def code(self, who: int) -> str:
        return f"HC-{self.base + who:06}"

    def tube(self, name: str) -> str:
        return f"T-{self.base}-{name}"

    def add(self, name: str, run: Callable[[], Awaitable[None]], *needs: str) -> None:
        self.steps.append(Step(name, run, frozenset(needs)))

    def build(self) -> "Story":
        for who in range(PEOPLE):
            self._identity(who)
        for number in range(self.facts.randint(2, 5)):
            self._sample(f"s{number}")
        if self.facts.random() < 0.7:
            self._pool()
        return self

    def _identity(self, who: int) -> None:
        registered = person(self.base + who, code=False, unit_code=UNIT, category_code="8A1")
        code = {
            "id_type": "resident_id",
            "id_no": resident_id(self.base + who),
            "health_code_id": self.code(who),
        }

        async def register() -> None:
            await self.district.register(registered)

        async def give_code() -> None:
            await ok(self.district.admin.post("/v1/health-code-ids/bulk", json={"codes": [code]}))

        self.add(f"register-{who}", register)
        self.add(f"code-{who}", give_code, f"register-{who}")

    def _sample(self, name: str) -> None:
        who = self.facts.randrange(PEOPLE)
        collected = self.now - timedelta(hours=self.facts.randint(3, 60), minutes=self.facts.randint(0, 59))
        outcome = self.facts.choice(["negative"] * 4 + ["positive", "indeterminate", "invalid"])
        key: dict[str, Any] = {"collected_at": text(collected)}
        needs = [f"register-{who}", f"code-{who}"]
        how = self.facts.choice(["tube", "code", "number"])
        if how == "tube":
            self._bind(f"tube-{name}", self._single(name, who, collected))
            key = {"tube_code": self.tube(name)}
            needs.append(f"tube-{name}")
        elif how == "code":
            key |= {"health_code_id": self.code(who)}
        else:
            key |= {"id_type": "resident_id", "id_no": resident_id(self.base + who)}
        self._result(name, row(collected + timedelta(hours=2), outcome=outcome, **key), needs)

    def _single(self, name: str, who: int, collected: datetime) -> dict[str, Any]:
        return {
            "tube_code": self.tube(name),
            "mode": "single",
            "capacity": 1,
            "subject": "person",
            "members": [{"health_code_id": self.code(who)}],
            "collected_at": text(collected),
        }

    def _pool(self) -> None:
        collected = self.now - timedelta(hours=self.facts.randint(5, 30))
        tube = self._single("pool", 0, collected) | {"mode": "mixed", "capacity": 5}
        members = self.facts.sample(range(PEOPLE), 3)
        tube["members"] = [{"health_code_id": self.code(who)} for who in members]
        self._bind("tube-pool", tube)
        outcome = self.facts.choice(["negative", "positive", "indeterminate"])
        result = row(collected + timedelta(hours=1), outcome=outcome, tube_code=self.tube("pool"))
        self._result("pool", result, [], review=False)
        for who in members[:2]:
            name = f"retained{who}"
            single = self._single(name, who, collected) | {"paired_with": self.tube("pool")}
            self._bind(f"tube-{name}", single)
            again = self.facts.choice(["negative", "negative", "positive"])
            result = row(collected + timedelta(hours=3), outcome=again, tube_code=self.tube(name))
            self._result(name, result, [f"register-{who}", f"code-{who}", f"tube-{name}"])

    def _bind(self, name: str, tube: dict[str, Any]) -> None:
        async def bind() -> None:
            await ok(self.district.sampling.post("/v1/tubes", json=tube))

        self.add(name, bind)

    def _result(self, name: str, result: dict[str, Any], needs: list[str], *, review: bool = True) -> None:
        batch_no = f"B-{self.base}-{name}"
        settled = f"batch-{name}"

        async def post() -> None:
            await self.district.post(result, batch_no=batch_no)

        self.add(settled, post)
        outcome = result["outcome"]
        if review and self.facts.random() < 0.3:
            outcome = self.facts.choice(["negative", "positive", "invalid"])
            settled = self._correction(name, batch_no, result | {"outcome": outcome})
            needs = [*needs, settled]
        if review and outcome in {"positive", "indeterminate"} and self.facts.random() < 0.7:
            reviewed = batch_no if settled.startswith("batch") else f"{batch_no}-c"
            self._review(name, reviewed, [*needs, f"batch-{name}", settled])

    def _correction(self, name: str, batch_no: str, result: dict[str, Any]) -> str:
        corrects = {"batch_no": batch_no, "row": 1, "reason": "录入错误"}

        async def correct() -> None:
            await self.district.post(result | {"corrects": corrects}, batch_no=f"{batch_no}-c")

        self.add(f"correct-{name}", correct, f"batch-{name}")
        return f"correct-{name}"

    def _review(self, name: str, batch_no: str, needs: list[str]) -> None:
        verdicts = self.facts.choice([["confirmed"], ["refuted"], ["confirmed", "released"]])
        for verdict in verdicts:

            async def review(verdict: str = verdict) -> None:
                await self.district.system.settle()
                path = f"/v1/reviews/{await self._result_id(batch_no)}"
                body = {"verdict": verdict, "reviewer": "疾控", "note": "复核"}
                answer = await self.district.cdc.post(path, json=body)
                again = verdict == "confirmed" and answer.status_code == httpx.codes.CONFLICT
                assert answer.is_success or again, answer.text

            self.add(f"{verdict}-{name}", review, *needs)
            needs = [*needs, f"{verdict}-{name}"]

    async def _result_id(self, batch_no: str) -> str:
        lab = self.district.labs["LAB01"]
        batches = await ok(lab.get("/v1/batches", params={"batch_no": batch_no}))
        rows = await ok(lab.get(f"/v1/batches/{batches['batches'][0]['batch_id']}/rows"))
        return str(rows["rows"][0]["result_id"])

    async def tell(self, order: random.Random) -> list[dict[str, Any]]:
        """Run the steps in an order that their needs allow, some of them again; return the statuses."""
        waiting, done = list(self.steps), list[Step]()
        while waiting:
            told = {step.name for step in done}
            step = order.choice([each for each in waiting if each.needs <= told])
            waiting.remove(step)
            done.append(step)
            await step.run()
            if order.random() < 0.2:
                await order.choice(done).run()
            if order.random() < 0.2:
                await self.district.system.settle()
        await self.district.system.settle()
        return [await self.outcome(who) for who in range(PEOPLE)]

    async def outcome(self, who: int) -> dict[str, Any]:
        status = await self.district.status(self.code(who))
        for name in ("health_code_id", "as_of", "version", "changed_at"):
            del status[name]
        if status["last_result"]:
            del status["last_result"]["reported_at"]
        return status


@pytest.mark.timeout(600)
async def test_any_order_with_any_repeats_ends_the_same(system: System) -> None:
    district = await District(system).build()
    registry = system.context("registry")
    base = 0
    seen: set[str] = set()

    async def compare(seed: int) -> None:
        nonlocal base
        async with registry.db.transaction() as session:
            now = await registry.clock.now(session)
        told = []
        for order in (random.Random(1), random.Random(seed + 1), random.Random(seed + 2)):
            base += 100
            story = Story(district, now, base, random.Random(seed)).build()
            told.append(await story.tell(order))
        assert told[1] == told[0]
        assert told[2] == told[0]
        seen.update(status["display"] for status in told[0])

    for seed in range(4):
        await compare(seed)
    assert seen >= {"positive", "under_recheck", "negative"}, "the stories must have something to tell"
