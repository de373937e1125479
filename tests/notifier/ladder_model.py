"""A slow and obvious model of the ladder: it keeps the whole story and tells it from the beginning every time."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from notifier.quiet.workdays import is_workday

WEEK = timedelta(weeks=1)
REPORT, INTERVIEW, UPWARD = "task.written_report", "task.interview", "report.upward"


def five_workdays_later(day: date) -> date:
    """Return the due day of what is owed from a day on."""
    left = 5
    while left:
        day += timedelta(days=1)
        if is_workday(day):
            left -= 1
    return day


@dataclass
class Issued:
    """A bulletin."""

    week: date
    revoked: bool = False


@dataclass
class Model:
    """One unit's case, as a careful clerk would keep it."""

    known: set[date] = field(default_factory=set)
    in_breach: set[date] = field(default_factory=set)
    bulletins: list[Issued] = field(default_factory=list)
    # (day it was held, how many bulletins there were then)
    interviews: list[tuple[date, int]] = field(default_factory=list)
    # (number of the bulletin, kind) -> (due day, "open" | "done" | "cancelled")
    tasks: dict[tuple[int, str], tuple[date | None, str]] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)  # reports upward
    rectified_by: str | None = None
    closed_on: date | None = None
    began: int = 0  # how many bulletins belong to earlier counts
    issued_ever: int = 0

    def breach(self, week: date, today: date) -> None:
        """Hear of a week in breach, judged on the Monday after it."""
        if week in self.known:
            return
        self.known.add(week)
        if self.closed_on is not None and week >= self.closed_on + timedelta(days=90):
            self.began, self.interviews, self.tasks, self.closed_on = len(self.bulletins), [], {}, None
        goes_on = self.closed_on is None and self._goes_on(week)
        self.in_breach.add(week)
        self.rectified_by = self.closed_on = None
        if not goes_on:
            self.bulletins.append(Issued(week))
            self.issued_ever += 1
        self._owe(today)

    def _goes_on(self, week: date) -> bool:
        judged_on = week + WEEK
        for number, bulletin in enumerate(self.bulletins):
            if number < self.began or bulletin.revoked:
                continue
            dues = [
                due
                for (n, _), (due, state) in self.tasks.items()
                if n == number and state != "cancelled" and due
            ]
            if not dues or judged_on >= dues[-1]:
                continue
            low, high = sorted((bulletin.week, week))
            between = [low + WEEK * n for n in range(1, (high - low).days // 7)]
            if all(each in self.in_breach for each in between):
                return True
        return False

    def wanted(self) -> dict[int, str | None]:
        """Return what each bulletin that stands owes, telling the story once more."""
        found: dict[int, str | None] = {}
        standing = [n for n, one in enumerate(self.bulletins) if n >= self.began and not one.revoked]
        for place, number in enumerate(standing, start=1):
            if place <= 2:
                found[number] = REPORT
                continue
            heard = False
            later = False
            for day, until in self.interviews:
                about = [n for n in standing if n < until]
                if len(about) < 3 or number < until:
                    continue
                heard = True
                week = self.bulletins[number].week
                if all(self.bulletins[n].week < week for n in about) and week + timedelta(days=6) >= day:
                    later = True
            found[number] = INTERVIEW if not heard else UPWARD if later else None
        return found

    def _owe(self, today: date) -> None:
        wanted = self.wanted()
        for (number, kind), (due, state) in list(self.tasks.items()):
            if state == "open" and wanted.get(number) != kind:
                kept = kind == UPWARD and number in self.acknowledged
                self.tasks[number, kind] = (due, "done" if kept else "cancelled")
        for number, owed in wanted.items():
            if owed is not None and (number, owed) not in self.tasks:
                self.tasks[number, owed] = (
                    None if owed == UPWARD else five_workdays_later(today),
                    "open" if self.closed_on is None else "done",
                )

    def owing(self, kind: str) -> list[tuple[int, str]]:
        """Return the open tasks of a kind."""
        return [key for key, (_, state) in self.tasks.items() if state == "open" and key[1] == kind]

    def answer(self, kind: str, today: date) -> bool:
        """Record a report or an interview; False where it is refused."""
        owed = self.owing(kind)
        if self.closed_on is not None or not owed:
            return False
        for key in owed:
            self.tasks[key] = (self.tasks[key][0], "done")
        if kind == INTERVIEW:
            self.interviews.append((today, len(self.bulletins)))
        self._owe(today)
        return True

    def rectify(self, client: str) -> bool:
        """Record that it was put right."""
        if self.closed_on is not None or self.rectified_by is not None:
            return False
        self.rectified_by = client
        return True

    def close(self, client: str, today: date) -> bool:
        """Close the case."""
        if self.closed_on is not None or self.rectified_by in (None, client):
            return False
        if self.owing(REPORT) or self.owing(INTERVIEW):
            return False
        self.closed_on = today
        return True

    def revoke(self, number: int, today: date) -> None:
        """Revoke a bulletin."""
        if not self.bulletins[number].revoked:
            self.bulletins[number].revoked = True
            if number >= self.began:
                self._owe(today)

    def stage(self) -> str:
        """Return where the case stands."""
        if self.closed_on is not None:
            return "closed"
        wanted = self.wanted()
        if not wanted:
            return "open"
        if UPWARD in wanted.values():
            return "reported_upward"
        return "interview" if len(wanted) >= 3 else "written_report"
