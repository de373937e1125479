"""Statuses as JSON text (contract §4), thousands at a time. Pure.

People whose stored rows differ by code, times and version alone are told the same on a day: `status_of` is
asked once for all of them, unless a tube is under way, and each is worded by putting its own times between
what they share. PostgreSQL can group the people of a page by what they share (`queries.grouped`) and write
the rest of their lines itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from registry.statuses.display import Limits, StatusRow, midnight, status_of
from registry.statuses.facts import SHANGHAI, day_of

# Of each row, in this order: what is its own, then what it may share with others. Times of its own come as
# PostgreSQL's text in Asia/Shanghai: a datetime in between would be made only to be written again.
OWN: Final = (
    "p.health_code_id",
    "s.person_id",
    "s.version",
    "CAST(s.changed_at AS text)",
    "CAST(s.last_collected_at AS text)",
    "CAST(s.last_tested_at AS text)",
    "CAST(s.last_reported_at AS text)",
)
SHARED: Final = (
    *("hold", "last_outcome", "last_mode", "last_lab_code", "last_reviewed", "counted_on", "duty_from"),
    *("soon_days", "due_on", "exempt_from", "exempt_to", "suspended_from", "suspended_to", "boundary_on"),
)
TUBES: Final = ("pending_at", "pending_limits")
COLUMNS: Final = ", ".join(
    (*OWN, *(f"s.{column}" for column in SHARED), *(f"nullif(s.{column}, '{{}}')" for column in TUBES))
)
_NOBODY: Final = UUID(int=0)
GROUP: Final = (*SHARED, *TUBES)
_LAST: Final = len(GROUP)
# Without a tube under way a status changes by days alone, and no limit of tubes is asked for.
_NO_TUBES: Final = Limits(timedelta(0), timedelta(0))
REMEMBERED: Final = 4096
# Where the words that a group shares go into each line of its people; nothing stored holds these characters.
BEFORE: Final = "\x01"
AFTER: Final = "\x02"


class Worded(NamedTuple):
    """One status: whose it is, and its JSON; `text` is None where the stored duty is out of date."""

    code: str
    person_id: UUID
    text: str | None


class Told(NamedTuple):
    """Statuses as JSON texts of one or more lines; of how many people, and the last in person order."""

    lines: list[str]
    people: int
    last: UUID | None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What stands between `as_of` and the times of a row's own, and after them up to its version."""

    before: str
    after: str
    tested: bool


def counted(groups: Iterable[Any], last: UUID | None = None) -> tuple[int, UUID | None]:
    """Return how many people `grouped` found, and the last of them in person order; `last` is before them."""
    counts = [(group[_LAST], group[_LAST + 1]) for group in groups]
    highest = max((person for person, _ in counts), default=None)
    return sum(count for _, count in counts), last if highest is None else UUID(highest)


class Wording:
    """Words statuses of one moment."""

    def __init__(self, now: datetime, limits: Limits) -> None:
        self._now = now
        self._day = day_of(now)
        self._limits = limits
        self._as_of = f',"as_of":"{now.astimezone(SHANGHAI).isoformat()}"'

    def of(self, records: Iterable[Any]) -> list[Worded]:
        """Return the statuses of records with the columns of `COLUMNS`, in their order."""
        worded = []
        for record in records:
            code, person_id, version, changed, collected, tested, reported = record[:7]
            shared = self._shared(record[7:])
            if shared is None:
                worded.append(Worded(code, person_id, None))
                continue
            times = (
                f'{collected[:10]}T{collected[11:]}:00","tested_at":"{tested[:10]}T{tested[11:]}:00",'
                f'"reported_at":"{reported[:10]}T{reported[11:]}:00'
                if shared.tested
                else ""
            )
            text = (
                f'{{"health_code_id":"{code}"{self._as_of}{shared.before}{times}{shared.after}{version},'
                f'"changed_at":"{changed[:10]}T{changed[11:]}:00"}}'
            )
            worded.append(Worded(code, person_id, text))
        return worded

    def of_groups(self, groups: Iterable[Any]) -> tuple[list[str], list[tuple[UUID, str]]]:
        """Return the lines of what `grouped` found, and the people (with codes) whose duty is out of date."""
        told: list[str] = []
        out_of_date: list[tuple[UUID, str]] = []
        for group in groups:
            shared = self._shared(group[:_LAST])
            *_, lines, people, codes = group
            if shared is None:
                out_of_date += zip(people, codes, strict=True)
                continue
            # The only blanks are those between PostgreSQL's dates and times.
            lines = lines.replace(" ", "T").replace(BEFORE, self._as_of + shared.before)
            told.append(lines.replace(AFTER, shared.after))
        return told, out_of_date

    def of_row(self, row: StatusRow, *, code: str) -> Worded:
        """Return the status of a row that was worked out instead of read."""
        own = (row.changed_at, row.last_collected_at, row.last_tested_at, row.last_reported_at)
        shared = tuple(getattr(row, column) for column in SHARED)
        tubes = (row.pending_at or None, row.pending_limits or None)
        record = (code, row.person_id, row.version, *map(_as_read, own), *shared, *tubes)
        return self.of([record])[0]

    def _shared(self, key: tuple[Any, ...]) -> _Shared | None:
        if key[-1] is None:
            return _of_day(key, self._day)
        return _share((*key[:-2], tuple(key[-2]), tuple(key[-1])), self._now, self._limits)


@lru_cache(REMEMBERED)
def _of_day(key: tuple[Any, ...], day: date) -> _Shared | None:
    return _share(key, midnight(day), _NO_TUBES)


def _share(key: tuple[Any, ...], now: datetime, limits: Limits) -> _Shared | None:
    """Return what rows of this key share, or None where a boundary of their duty has passed."""
    values = dict(zip(GROUP, key, strict=True))
    if values["boundary_on"] is not None and midnight(values["boundary_on"]) <= now:
        return None
    known = {name: value for name, value in values.items() if name not in TUBES or value is not None}
    # Without its times the row has no last result: that is worded here, from the columns themselves.
    status = status_of(StatusRow(_NOBODY, **known), now, limits)
    tested = values["last_outcome"] is not None
    before = f',"display":"{status.display}","last_result":'
    after = ""
    if tested:
        before += f'{{"outcome":"{values["last_outcome"]}","mode":"{values["last_mode"]}","collected_at":"'
        after = f'","lab_code":{_json(values["last_lab_code"])},"reviewed":{_json(values["last_reviewed"])}}}'
    else:
        before += "null"
    rest = {
        "pending_since": status.pending_since and status.pending_since.astimezone(SHANGHAI),
        "due_on": status.due_on,
        "due_state": status.due_state,
        "clearance": {"allowed": status.allowed, "reasons": status.reasons, "until": status.until},
    }
    return _Shared(before, f'{after},{_json(rest)[1:-1]},"version":', tested)


def _as_read(moment: datetime | None) -> str | None:
    """Return a time as PostgreSQL writes it in Asia/Shanghai, 8 hours ahead in every year we know."""
    return None if moment is None else moment.astimezone(SHANGHAI).isoformat(" ")[:-3]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
