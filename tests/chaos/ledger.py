"""What the outside knows: everything that was sent, and everything that was acknowledged.

Kept by the clients alone; nothing in it was ever read from the system's own stores.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Verdict = Literal["matched", "unmatched", "rejected", "duplicate"]


@dataclass(slots=True)
class Row:
    """A row as it was sent and what must become of it; `people` are the codes that it is about."""

    body: dict[str, Any]
    verdict: Verdict
    people: tuple[str, ...] = ()
    outcome: str = "negative"
    pooled: bool = False
    corrects: tuple[str, int] | None = None
    """(batch_no, row) of the row that this one replaces."""
    review: str | None = None

    @property
    def at(self) -> tuple[datetime, datetime]:
        """Its sample's and its test's time: the newest sample decides (contract §5.5)."""
        return tuple(datetime.fromisoformat(self.body[name]) for name in ("collected_at", "tested_at"))  # type: ignore[return-value] # two


@dataclass(slots=True)
class Batch:
    """A batch, and the receipts that its laboratory has got."""

    lab: str
    batch_no: str
    rows: list[Row]
    receipt: dict[str, Any] | None = None
    acknowledged_at: float = 0.0

    @property
    def body(self) -> dict[str, Any]:
        """What is posted."""
        return {"batch_no": self.batch_no, "results": [row.body for row in self.rows]}

    def expected(self) -> Counter[str]:
        """Return how many rows must get each verdict."""
        return Counter(row.verdict for row in self.rows)


@dataclass
class Ledger:
    """The clients' memory of one run."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Health code → the row about its person that registry acknowledged."""
    batches: dict[str, Batch] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    """Numbers of batches that were ever posted, answered or not."""
    tubes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    """Answers that belie an earlier one."""
    bad_answers: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    looks: Counter[str] = field(default_factory=Counter)
    """Looks at a person's record that were answered, and `tried`: those that were sent."""

    def acknowledge(self, batch: Batch, receipt: dict[str, Any]) -> None:
        """Keep a receipt; a later one for the same number must be the same."""
        if batch.receipt is None:
            batch.receipt, batch.acknowledged_at = receipt, time.time()
            counts = {name: receipt[name] for name in ("accepted", "rejected", "duplicates")}
            expected = batch.expected()
            wanted = {
                "accepted": expected["matched"] + expected["unmatched"],
                "rejected": expected["rejected"],
                "duplicates": expected["duplicate"],
            }
            if counts != wanted:
                self.contradictions.append(f"{batch.batch_no}: {counts}, sent for {wanted}")
        elif receipt["batch_id"] != batch.receipt["batch_id"]:
            self.contradictions.append(f"{batch.batch_no}: two batches for one number")

    def acknowledged(self) -> Iterator[Batch]:
        """Yield the batches that got a receipt."""
        return (batch for batch in self.batches.values() if batch.receipt is not None)

    def effective(self) -> dict[str, list[Row]]:
        """Return each person's rows that count: matched, acknowledged and not corrected."""
        replaced = {row.corrects for batch in self.acknowledged() for row in batch.rows if row.corrects}
        found: dict[str, list[Row]] = defaultdict(list)
        for batch in self.acknowledged():
            for number, row in enumerate(batch.rows, start=1):
                if row.verdict == "matched" and (batch.batch_no, number) not in replaced:
                    for code in row.people:
                        found[code].append(row)
        return found


def display(rows: list[Row]) -> str:
    """Return what the platform must show of somebody with these rows (contract §4, §5)."""
    positive = [row for row in rows if row.outcome == "positive"]
    if any(row.review == "confirmed" for row in positive):
        return "positive"
    if any(row.review is None for row in positive):
        return "under_recheck"
    return "negative" if rows else "none"


def newest(rows: list[Row]) -> Row:
    """Return the row that decides."""
    return max(rows, key=lambda row: row.at)
