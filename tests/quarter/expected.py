"""What must follow from a plan: every notice, how often it is told again, every step, and what bodies do when.

Pure, and worked out from the contract's words (§6) and decision 0046 by telling each unit's story, look by
look, to the slow model of the ladder; the code that is tried has no part in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from tests.notifier.ladder_model import INTERVIEW, REPORT, UPWARD, Model
from tests.quarter.plan import BEGIN, Look, Plan, Unit

BULLETIN, MISSING = "bulletin.unit", "report.missing"
KINDS: Final = (BULLETIN, REPORT, INTERVIEW, UPWARD, MISSING)
HEADQUARTERS, LEADERS = "HQ-01", "LEADERS"
ACKNOWLEDGED_IN: Final = 2  # workdays (1H.10)
TOLD_UPWARD_AT: Final = 3  # chases (1H.10)
OWED: Final = {REPORT: "report_owed", INTERVIEW: "interview_owed", UPWARD: "reported_upward"}
ANSWERS: Final = {REPORT: "written_report", INTERVIEW: "interview"}
What = Literal["read", "revoke", "move", "ask", "grant", "report", "interview"]
ORDER: Final[tuple[What, ...]] = ("read", "revoke", "move", "ask", "grant", "report", "interview")

Told = tuple[str, str, int, str]
"""A notice: kind, unit, day of issue, body."""
Step = tuple[str, int, str]
"""A step of a case: unit, day, what."""
Standing = tuple[str, str, int, int]
"""How a case stands in the end: department, stage, bulletins that count, answers that are overdue."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a body does on a day: reads what it was sent about a unit, answers, asks for a later day.

    `body` is who does it; `until` the day that is asked for; `issued` when the bulletin that is taken back was.
    """

    what: What
    unit: Unit
    body: str
    until: date | None = None
    issued: int | None = None


@dataclass(slots=True)
class Expected:
    """What must be there in the end, and what bodies do by day."""

    stand: set[Told] = field(default_factory=set)
    revoked: set[Told] = field(default_factory=set)
    again: dict[Told, int] = field(default_factory=dict)
    """How often a notice was sent once more, to whoever did not take note of it or did not answer."""
    steps: set[Step] = field(default_factory=set)
    late: set[Step] = field(default_factory=set)
    """Answers recorded while something was overdue."""
    standing: dict[str, Standing] = field(default_factory=dict)
    acts: dict[int, list[Act]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Paper:
    """A notice to one body. `due`: when it is sent again unless it was taken note of."""

    kind: str
    bulletin: int
    day: int
    body: str
    due: datetime | None
    read: bool = False
    revoked: bool = False
    again: int = 0


def expected(plan: Plan, at: Sequence[Look]) -> Expected:
    """Return what must follow from a plan that is looked at at these moments."""
    found = Expected()
    for unit in plan.units:
        if unit.offends:
            _Clerk(unit, found).live(at)
    for acts in found.acts.values():
        acts.sort(key=lambda act: (ORDER.index(act.what), act.unit.code, act.body))
    return found


def _workday(day: date) -> bool:
    return day.weekday() < 5


def _later(moment: datetime, workdays: int) -> datetime:
    while workdays:
        moment += timedelta(days=1)
        workdays -= _workday(moment.date())
    return moment


def _passed(after: date, until: date) -> int:
    """Return how many workdays lie after one day and up to another."""
    return sum(_workday(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))


class _Clerk:
    """Keeps the papers of one unit."""

    def __init__(self, unit: Unit, into: Expected) -> None:
        self._unit, self._into = unit, into
        self._department, self._town = unit.department, unit.town
        self._model = Model()
        self._papers: list[Paper] = []
        self._chased: dict[tuple[int, str], int] = {}
        self._to_do: dict[int, set[tuple[What, str]]] = defaultdict(set)
        self._bulletin_days: list[int] = []
        self._asked: tuple[tuple[int, str], date] | None = None
        self._now = BEGIN
        self._day = 0

    def live(self, at: Sequence[Look]) -> None:
        """Go through the quarter."""
        for look in at:
            self._now, self._day = look.at, look.day
            if look.evaluates and self._day % 7 == 0 and self._day // 7 - 1 in self._unit.weeks:
                self._breach(BEGIN.date() + timedelta(days=self._day - 7))
            self._chase()
            self._tell_again()
            if not look.evaluates:
                for what in ORDER:
                    for body in sorted(body for each, body in self._to_do[self._day] if each == what):
                        self._do(what, body)
        self._end()

    @property
    def _today(self) -> date:
        return self._now.date()

    def _step(self, what: str) -> None:
        self._into.steps.add((self._unit.code, self._day, what))

    def _send(self, kind: str, bulletin: int, *bodies: str) -> None:
        due = None if kind == MISSING else _later(self._now, ACKNOWLEDGED_IN)
        for body in bodies:
            self._papers.append(Paper(kind, bulletin, self._day, body, due))
            read = self._unit.course.read if body == self._department else 1
            if kind != MISSING:
                self._plan(read, "read", body)

    def _plan(self, days: int, what: What, body: str) -> None:
        self._to_do[self._day + days].add((what, body))

    def _live(self, kinds: Iterable[str], bulletin: int) -> list[Paper]:
        return [
            one for one in self._papers if one.bulletin == bulletin and one.kind in kinds and not one.revoked
        ]

    def _breach(self, week: date) -> None:
        before, count = dict(self._model.tasks), len(self._model.bulletins)
        self._model.breach(week, self._today)
        if len(self._model.bulletins) == count:
            self._step("continues")
            return
        course = self._unit.course
        if course.moves is not None and count == 0:
            self._plan(course.moves, "move", self._department)
        if course.revoked is not None and count == course.revoked[1]:
            self._plan(2, "revoke", HEADQUARTERS)
        self._bulletin_days.append(self._day)
        self._send(BULLETIN, count, self._department, self._town)
        self._step("bulletin")
        self._follow(before)

    def _follow(self, before: dict[tuple[int, str], tuple[date | None, str]]) -> None:
        """Send what is owed anew, and take back what is not owed any more."""
        for key, (_, state) in self._model.tasks.items():
            number, kind = key
            if key not in before and state == "open":
                self._send(kind, number, LEADERS if kind == UPWARD else self._department)
                self._step(OWED[kind])
                self._chased[key] = 0
                self._answer_in_time(kind)
            elif state == "cancelled" and before[key][1] == "open":
                for paper in self._live((kind, MISSING), number):
                    paper.revoked = True

    def _answer_in_time(self, kind: str) -> None:
        course = self._unit.course
        if kind == REPORT:
            self._plan(course.report, "report", "")
            if course.extension is not None:
                self._plan(2, "ask", "")
                self._plan(3, "grant", HEADQUARTERS)
        elif kind == INTERVIEW and course.interview is not None:
            self._plan(course.interview, "interview", "")

    def _owing(self) -> list[tuple[tuple[int, str], date]]:
        return [
            (key, due)
            for key, (due, state) in self._model.tasks.items()
            if state == "open" and due is not None
        ]

    def _overdue(self) -> int:
        return sum(due < self._today for _, due in self._owing())

    def _chase(self) -> None:
        """Chase on each workday after the due day; one chase stands for all that nobody looked for."""
        for key, due in self._owing():
            missed = _passed(due, self._today)
            if missed <= self._chased[key]:
                continue
            number, kind = key
            papers = self._live((kind,), number)
            reopened = any(paper.read for paper in papers)
            for paper in papers:
                paper.again += 1
                paper.read = False
            if self._chased[key] == 0 and self._unit.course.reads_chases:
                self._to_do[self._day].add(("read", self._department))
            self._step(f"chased {kind} {missed}{' reopened' if reopened else ''}")
            if self._chased[key] < TOLD_UPWARD_AT <= missed:
                self._send(MISSING, number, HEADQUARTERS)
            self._chased[key] = missed

    def _tell_again(self) -> None:
        for paper in self._papers:
            if paper.due is not None and paper.due <= self._now and not paper.read and not paper.revoked:
                paper.again += 1
                paper.due = _later(self._now, 1)

    def _do(self, what: What, body: str) -> None:
        done: Act | None = None
        if what == "read":
            done = self._read(body)
        elif what == "revoke":
            done = self._revoke()
        elif what == "move":
            done = self._move()
        elif what in ("ask", "grant"):
            done = self._extend(what)
        elif what in ("report", "interview"):
            done = self._answer(what, {"report": REPORT, "interview": INTERVIEW}[what])
        if done is not None:
            self._into.acts[self._day].append(done)

    def _read(self, body: str) -> Act | None:
        unread = [
            one
            for one in self._papers
            if one.body == body and one.kind != MISSING and not one.read and not one.revoked
        ]
        for paper in unread:
            paper.read, paper.due = True, None
        return Act("read", self._unit, body) if unread else None

    def _revoke(self) -> Act:
        assert self._unit.course.revoked is not None
        number, before = self._unit.course.revoked[0], dict(self._model.tasks)
        self._model.revoke(number, self._today)
        for paper in self._live((BULLETIN,), number):
            paper.revoked = True
        self._step("revoked")
        self._follow(before)
        return Act("revoke", self._unit, HEADQUARTERS, issued=self._bulletin_days[number])

    def _move(self) -> Act:
        """Take along what is owed; bulletins stay where they went."""
        self._department, self._town = self._unit.moved
        self._step("moved")
        for (number, kind), _ in self._owing():
            for paper in self._live((kind,), number):
                paper.revoked = True
            self._send(kind, number, self._department)
        return Act("move", self._unit, self._department)

    def _extend(self, what: What) -> Act | None:
        """Ask for a later day for what is newest, two days after it was owed; grant it on the day after."""
        if what == "ask":
            owing = self._owing()
            if not owing:
                return None
            assert self._unit.course.extension is not None
            until = self._today + timedelta(days=self._unit.course.extension - 2)
            self._asked = (owing[-1][0], until)
            self._step("extension_asked")
            return Act("ask", self._unit, self._department, until=until)
        if self._asked is None:
            return None
        key, until = self._asked
        self._asked = None
        self._model.tasks[key] = (until, "open")
        self._chased[key] = 0
        self._step("extension_granted")
        return Act("grant", self._unit, HEADQUARTERS)

    def _answer(self, what: What, kind: str) -> Act | None:
        keys, overdue = self._model.owing(kind), self._overdue()
        if not keys:
            return None
        before = dict(self._model.tasks)
        self._model.answer(kind, self._today)
        for number, _ in keys:
            for paper in self._live((kind,), number):
                paper.due = None
        self._step(ANSWERS[kind])
        if overdue:
            self._into.late.add((self._unit.code, self._day, f"{ANSWERS[kind]}, overdue {overdue}"))
        self._follow(before)
        return Act(what, self._unit, self._department)

    def _end(self) -> None:
        for paper in self._papers:
            told = (paper.kind, self._unit.code, paper.day, paper.body)
            (self._into.revoked if paper.revoked else self._into.stand).add(told)
            if paper.again:
                self._into.again[told] = paper.again
        if self._model.bulletins:
            count = len(self._model.wanted())
            standing = (self._department, self._model.stage(), count, self._overdue())
            self._into.standing[self._unit.code] = standing
