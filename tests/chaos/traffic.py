"""What the laboratories send: batches of every kind, made from a seed, each row with its known fate."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.chaos.ledger import Batch, Ledger, Row
from tests.system.people import UNIT, resident_id

PLAIN, RESERVED, POOLED = 240, 900, 300
CATEGORY: Final = "8A1"
Call = tuple[str, str, dict[str, Any]]
"""A client's name, a path and a body: posted until it is acknowledged."""


def person(number: int, code: str) -> dict[str, Any]:
    """Return a row of people/bulk."""
    return {
        "id_type": "resident_id",
        "id_no": resident_id(number),
        "name": f"混沌{number:06}",
        "phone": f"139{number:08}",
        "health_code_id": code,
        "unit_code": UNIT,
        "category_code": CATEGORY,
    }


@dataclass
class Step:
    """A batch with what is posted before and after it."""

    batch: Batch
    before: list[Call] = field(default_factory=list)
    after: list[Call] = field(default_factory=list)
    reviews: list[tuple[int, str]] = field(default_factory=list)
    """(row, verdict) to be posted once the row is matched."""


class Traffic:
    """Makes steps. The same seed makes the same steps in the same order."""

    def __init__(self, rng: Random, ledger: Ledger, *, now: datetime) -> None:
        self._rng, self._ledger = rng, ledger
        # Each row has a second of its own, in the past: no two rows are one sample by chance.
        self._clock = (now - timedelta(days=6)).astimezone(UTC).replace(microsecond=0)
        self._count = 0
        self._people = 0
        self.plain = [self._new("HC-C", known=True) for _ in range(PLAIN)]
        self._steady = frozenset(self.plain)
        self._reserved = [self._new("HC-X", known=True) for _ in range(RESERVED)]
        self._pooled = [self._new("HC-Q", known=True) for _ in range(POOLED)]
        self._correctable: list[tuple[str, int, str, Row]] = []
        self._kinds: tuple[tuple[int, Callable[[Step, str], None]], ...] = (
            (30, self._negative), (6, self._document), (8, self._tube_first), (6, self._tube_last),
            (4, self._pool), (5, self._positive), (3, self._positive_pool), (3, self._late), (3, self._nobody),
            (4, self._bad), (4, self._twice), (3, self._correction), (4, self._week_late),
        )  # fmt: skip

    def step(self, lab: str, rows: int | None = None) -> Step:
        """Return the next batch of a laboratory."""
        step = self._empty(lab)
        weights = [weight for weight, _ in self._kinds]
        for _ in range(rows or self._rng.randint(1, 10)):
            _, kind = self._rng.choices(self._kinds, weights)[0]
            kind(step, lab)
        return step

    def positive_step(self, lab: str) -> Step:
        """Return a batch of one positive."""
        step = self._empty(lab)
        self._positive(step, lab)
        return step

    def _empty(self, lab: str) -> Step:
        self._count += 1
        step = Step(Batch(lab, f"{lab}-{self._count:06}", []))
        self._ledger.batches[step.batch.batch_no] = step.batch
        return step

    def plain_row(self) -> dict[str, Any]:
        """Return the body of a negative of somebody who is known."""
        return self._row(health_code_id=self._rng.choice(self.plain))

    def _new(self, prefix: str, *, known: bool) -> str:
        self._people += 1
        code = f"{prefix}{self._people:06}"
        if known:
            self._ledger.people[code] = person(self._people, code)
        return code

    def _row(self, outcome: str = "negative", *, weeks: int = 0, **more: Any) -> dict[str, Any]:
        self._clock += timedelta(seconds=1)
        collected = self._clock - timedelta(hours=1, weeks=weeks)
        times = {"collected_at": collected.isoformat(), "tested_at": self._clock.isoformat()}
        return {"outcome": outcome, **times, **more}

    def _negative(self, step: Step, lab: str) -> None:
        code = self._rng.choice(self.plain)
        row = Row(self._row(health_code_id=code), "matched", (code,))
        step.batch.rows.append(row)
        if len(self._correctable) < 20 and self._rng.random() < 0.3 and self._reserved:
            code = self._reserved.pop()
            row = Row(self._row(health_code_id=code), "matched", (code,))
            step.batch.rows.append(row)
            self._correctable.append((lab, len(step.batch.rows), step.batch.batch_no, row))

    def _document(self, step: Step, _: str) -> None:
        code = self._rng.choice(self.plain)
        known = self._ledger.people[code]
        named = {name: known[name] for name in ("id_type", "id_no", "name")}
        step.batch.rows.append(Row(self._row(**named), "matched", (code,)))

    def _week_late(self, step: Step, _: str) -> None:
        code = self._rng.choice(self.plain)
        step.batch.rows.append(Row(self._row(weeks=1, health_code_id=code), "matched", (code,)))

    def _tube(self, step: Step, outcome: str, codes: tuple[str, ...], *, first: bool) -> None:
        mixed = len(codes) > 1
        tube = f"T{self._people:06}-{len(self._ledger.tubes):06}"
        row = self._row(outcome, tube_code=tube)
        self._ledger.tubes[tube] = codes
        body = {
            "tube_code": tube,
            "mode": "mixed" if mixed else "single",
            "capacity": 5 if mixed else 1,
            "subject": "person",
            "members": [{"health_code_id": code} for code in codes],
            "collected_at": row["collected_at"],
        }
        (step.before if first else step.after).append(("sampling", "/v1/tubes", body))
        step.batch.rows.append(Row(row, "matched", codes, outcome, pooled=mixed))

    def _tube_first(self, step: Step, _: str) -> None:
        self._tube(step, "negative", (self._rng.choice(self.plain),), first=True)

    def _tube_last(self, step: Step, _: str) -> None:
        self._tube(step, "negative", (self._rng.choice(self.plain),), first=False)

    def _pool(self, step: Step, _: str) -> None:
        self._tube(step, "negative", tuple(self._rng.sample(self.plain, 3)), first=self._rng.random() < 0.5)

    def _positive_pool(self, step: Step, lab: str) -> None:
        if len(self._pooled) < 3:
            return self._pool(step, lab)
        codes = tuple(self._pooled.pop() for _ in range(3))
        return self._tube(step, "positive", codes, first=True)

    def _somebody(self, step: Step) -> str:
        """Return somebody without a result; once a long run has used them up, a new one, entered before."""
        if self._reserved:
            return self._reserved.pop()
        code = self._new("HC-N", known=False)
        step.before.append(("admin", "/v1/people/bulk", {"people": [person(self._people, code)]}))
        return code

    def _positive(self, step: Step, _: str) -> None:
        """A positive; a later negative never hides it (I12), a review may."""
        code = self._somebody(step)
        row = Row(self._row("positive", health_code_id=code), "matched", (code,), "positive")
        step.batch.rows.append(row)
        match self._rng.randint(0, 3):
            case 0:
                step.reviews.append((len(step.batch.rows), self._rng.choice(["confirmed", "refuted"])))
            case 1:
                step.batch.rows.append(Row(self._row(health_code_id=code), "matched", (code,)))
            case _:
                pass

    def _late(self, step: Step, _: str) -> None:
        """Somebody whom registry hears of after the result."""
        code = self._new("HC-L", known=False)
        step.batch.rows.append(Row(self._row(health_code_id=code), "matched", (code,)))
        step.after.append(("admin", "/v1/people/bulk", {"people": [person(self._people, code)]}))

    def _nobody(self, step: Step, _: str) -> None:
        step.batch.rows.append(Row(self._row(health_code_id=self._new("HC-U", known=False)), "unmatched"))

    def _bad(self, step: Step, _: str) -> None:
        wrong: dict[str, Any] = self._rng.choice(
            [{"outcome": "maybe"}, {"surplus": 1}, {"tested_at": "2030"}, {"tested_at": None}]
        )
        step.batch.rows.append(Row(self._row(health_code_id="HC-BAD1") | wrong, "rejected"))

    def _twice(self, step: Step, _: str) -> None:
        """A row again: of this batch, or of an acknowledged one of the same laboratory."""
        mine = list(step.batch.rows)
        earlier = self._rng.choice(list(self._ledger.batches.values())) if self._ledger.batches else None
        if earlier is not None and earlier.receipt is not None and earlier.lab == step.batch.lab:
            mine += earlier.rows
        mine = [row for row in mine if row.verdict == "matched" and row.people[0] in self._steady]
        if mine:
            step.batch.rows.append(Row(self._rng.choice(mine).body, "duplicate"))
        else:
            self._negative(step, step.batch.lab)

    def _correction(self, step: Step, lab: str) -> None:
        """A negative that was wrong: the positive that replaces it has its sample and its time."""
        for place, (whose, number, batch_no, row) in enumerate(self._correctable):
            if whose == lab and self._ledger.batches[batch_no].receipt is not None:
                del self._correctable[place]
                corrects = {"batch_no": batch_no, "row": number, "reason": "录入错误"}
                body = row.body | {"outcome": "positive", "corrects": corrects}
                corrected = Row(body, "matched", row.people, "positive", corrects=(batch_no, number))
                return step.batch.rows.append(corrected)
        return self._negative(step, lab)
