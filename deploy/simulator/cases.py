"""The conformance script: what a laboratory's client must be able to do, case by case. Pure.

A case is a few posts in turn, each with the answer that the contract promises (contract §3, §5). Its health
codes belong to nobody: rows of them are taken, and wait. Numbers keep runs apart: a script may be run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from deploy.simulator.laboratory import Body, Posting, broken_rows, good_row, posting

SCRIPT: Final = "2026-11"
"""The version of the script; a report says which one was run."""
MOST_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be answered; `same_as` is the earlier step of the case whose receipt comes again."""

    status: int
    accepted: int | None = None
    rejected: int | None = None
    duplicates: int | None = None
    codes: tuple[str, ...] = ()
    same_as: int | None = None

    def shown(self) -> dict[str, Any]:
        """Return what a report says was expected."""
        named: dict[str, Any] = {"status": self.status, "accepted": self.accepted, "rejected": self.rejected}
        named |= {"duplicates": self.duplicates, "codes": sorted(self.codes) or None, "same_as": self.same_as}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Step:
    """One post, or with `token` false one without a token."""

    what: Posting
    expected: Expected
    token: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A thing that a laboratory must be able to do."""

    name: str
    zh: str
    en: str
    steps: tuple[Step, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the script: its tag, and the business time."""

    tag: str
    now: datetime

    def rows(self, case: str, count: int) -> list[Body]:
        """Return rows in order, of health codes that belong to nobody and to this case alone."""
        return [good_row(self.now, health_code_id=f"{self.tag}-{case}-{n:05}") for n in range(count)]


def script(run: Run) -> list[Case]:
    """Return the cases of a run, in their order."""
    return [make(run) for make in CASES]


def batch(run: Run) -> Case:
    """A batch of good rows is taken."""
    what = posting(f"{run.tag}-batch", run.rows("batch", 3))
    return Case("batch", "上传一个批次", "A batch is taken", (Step(what, Expected(202, 3, 0, 0)),))


def repeated(run: Run) -> Case:
    """What is sent again, in whatever bytes, gets the first receipt."""
    number, rows = f"{run.tag}-repeated", run.rows("repeated", 3)
    steps = [Step(posting(number, rows), Expected(202, 3, 0, 0))]
    steps += [
        Step(posting(number, rows, form), Expected(200, 3, 0, 0, same_as=0))
        for form in ("json", "reordered", "gzip", "ndjson")
    ]
    return Case("repeated", "未收到应答时原样重传", "What was not answered is sent again", tuple(steps))


def conflict(run: Run) -> Case:
    """A number stands for one batch."""
    number, rows = f"{run.tag}-conflict", run.rows("conflict", 2)
    first = Step(posting(number, rows[:1]), Expected(202, 1, 0, 0))
    other = Step(posting(number, rows[1:]), Expected(409, codes=("batch_conflict",)))
    return Case("conflict", "批次号不得用于另一批内容", "A number stands for one batch", (first, other))


def bad_rows(run: Run) -> Case:
    """Bad rows are refused one by one; good ones beside them are taken."""
    wrong = broken_rows(run.now, health_code_id=f"{run.tag}-bad")
    rows = [*run.rows("bad", 1), *(row for row, _ in wrong)]
    expected = Expected(202, 1, len(wrong), 0, codes=tuple(sorted({code for _, code in wrong})))
    what = posting(f"{run.tag}-bad", rows)
    return Case(
        "bad_rows", "逐行校验,合格行照收", "Bad rows are refused, good ones taken", (Step(what, expected),)
    )


def strict(run: Run) -> Case:
    """All or nothing: one bad row refuses the batch, and its number stays free."""
    wrong = broken_rows(run.now, health_code_id=f"{run.tag}-strict")[2][0]
    rows, number = run.rows("strict", 2), f"{run.tag}-strict"
    refused = Step(
        posting(number, [*rows, wrong], mode="all_or_nothing"), Expected(422, codes=("batch_refused",))
    )
    good = Step(posting(number, rows, mode="all_or_nothing"), Expected(202, 2, 0, 0))
    return Case("all_or_nothing", "整批校验", "All or nothing", (refused, good))


def dry_run(run: Run) -> Case:
    """A rehearsal keeps nothing."""
    number, rows = f"{run.tag}-dry", run.rows("dry", 2)
    steps = (
        Step(posting(number, rows, dry_run="true"), Expected(200, 2, 0, 0)),
        Step(posting(number, rows), Expected(202, 2, 0, 0)),
    )
    return Case("dry_run", "试传不保存", "A rehearsal keeps nothing", steps)


def duplicates(run: Run) -> Case:
    """A row that repeats another, in its batch or an earlier one, is counted and has no effect."""
    rows = run.rows("double", 3)
    steps = (
        Step(posting(f"{run.tag}-double-1", [*rows[:2], rows[0]]), Expected(202, 2, 0, 1)),
        Step(posting(f"{run.tag}-double-2", [rows[2], rows[1]]), Expected(202, 1, 0, 1)),
    )
    return Case("duplicates", "重复的行不重复计入", "Repeated rows count once", steps)


def contradiction(run: Run) -> Case:
    """Two outcomes of one sample in a batch are both refused."""
    [row] = run.rows("both", 1)
    what = posting(f"{run.tag}-both", [row, row | {"outcome": "invalid"}])
    expected = Expected(202, 0, 2, 0, codes=("conflicting_outcome",))
    return Case("contradiction", "同一样本结果矛盾", "Two outcomes of one sample", (Step(what, expected),))


def correction(run: Run) -> Case:
    """A correction names the row that it replaces, and why; one that names nothing is refused."""
    number = f"{run.tag}-wrong"
    [row] = run.rows("wrong", 1)
    named = {"batch_no": number, "row": 1, "reason": "录入有误"}
    right = row | {"outcome": "invalid", "corrects": named}
    lost = row | {"corrects": named | {"batch_no": f"{run.tag}-never"}}
    steps = (
        Step(posting(number, [row]), Expected(202, 1, 0, 0)),
        Step(posting(f"{number}-1", [right]), Expected(202, 1, 0, 0)),
        Step(posting(f"{number}-2", [lost]), Expected(202, 0, 1, 0, codes=("corrects_not_found",))),
    )
    return Case("correction", "更正已上传的结果", "A result is corrected", steps)


def unreadable(run: Run) -> Case:
    """What cannot be read uses up no number."""
    number, rows = f"{run.tag}-read", run.rows("read", 1)
    damaged = posting(number, rows, "gzip")
    steps = (
        Step(Posting(b'{"batch_no": '), Expected(400, codes=("not_json",))),
        Step(Posting(damaged.content[:-9], damaged.headers), Expected(400, codes=("bad_gzip",))),
        Step(
            Posting(b"x", {"Content-Type": "application/octet-stream"}),
            Expected(415, codes=("unsupported_media_type",)),
        ),
        Step(posting(number, []), Expected(422)),
        Step(posting(number, rows), Expected(202, 1, 0, 0)),
    )
    return Case("unreadable", "无法读取的请求", "What cannot be read", steps)


def too_many(run: Run) -> Case:
    """A batch has its most rows."""
    row = {"health_code_id": f"{run.tag}-many"}
    what = posting(f"{run.tag}-many", [row] * (MOST_ROWS + 1))
    return Case("too_many", "超过行数上限", "Too many rows", (Step(what, Expected(413)),))


def no_token(run: Run) -> Case:
    """Nothing is taken without a token."""
    what = posting(f"{run.tag}-token", run.rows("token", 1))
    expected = Expected(401, codes=("unauthenticated",))
    return Case("no_token", "没有令牌", "Without a token", (Step(what, expected, token=False),))


CASES: Final[tuple[Callable[[Run], Case], ...]] = (
    batch, repeated, conflict, bad_rows, strict, dry_run, duplicates, contradiction, correction, unreadable,
    too_many, no_token,
)  # fmt: skip
