"""What is shown of a person at a moment: one pure function of the stored row and the time.

Single reads, bulk reads, the feed, overdue lists and evaluations all go through `status_of`.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from registry.statuses.duties import Duty
from registry.statuses.facts import NEGATIVE, SHANGHAI, LastResult, Testing, Waiting, day_of

DAY: Final = timedelta(days=1)

NOT_REQUIRED: Final = "not_required"
OK: Final = "ok"
DUE_SOON: Final = "due_soon"
OVERDUE: Final = "overdue"
NEVER_TESTED: Final = "never_tested"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a bound tube shows as pending, and the lab's limit where the tube names none (1H.12)."""

    pending: timedelta
    lab: timedelta


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A row of registry.person_status, columns in this order.

    `interval_*`, `plain_from`: the one interval that decides for samples from that day on; without
    `plain_from` the due day is worked out from the rules. `boundary_on`: the day on which the duty
    itself may change. `next_change_at` is never later than the next change by time alone, but may
    be earlier. `shown_code`: the code the last version was told of; `shown_at`: a moment at which this
    row says just what that version said.
    """

    person_id: UUID
    hold: str | None = None
    last_outcome: str | None = None
    last_mode: str | None = None
    last_collected_at: datetime | None = None
    last_tested_at: datetime | None = None
    last_reported_at: datetime | None = None
    last_lab_code: str | None = None
    last_reviewed: bool = False
    counted_on: date | None = None
    pending_tubes: tuple[UUID, ...] = ()
    pending_at: tuple[datetime, ...] = ()
    pending_limits: tuple[datetime, ...] = ()
    special: bool = False
    duty_from: date | None = None
    interval_days: int | None = None
    interval_months: int | None = None
    plain_from: date | None = None
    soon_days: int = 0
    category_code: str | None = None
    rule_id: int | None = None
    due_on: date | None = None
    exempt_from: date | None = None
    exempt_to: date | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None
    boundary_on: date | None = None
    next_change_at: datetime | None = None
    shown_code: str | None = None
    shown_at: datetime | None = None
    version: int = 0
    changed_at: datetime | None = None


COLUMNS: Final = tuple(field.name for field in fields(StatusRow))


@dataclass(frozen=True, slots=True)
class Status:
    """What is told of a person at a moment, but for `as_of` and the version."""

    display: str
    last_result: LastResult | None
    pending_since: datetime | None
    due_on: date | None
    due_state: str
    allowed: bool
    reasons: tuple[str, ...]
    until: date | None


def status_of(row: StatusRow, now: datetime, limits: Limits) -> Status:
    """Return what is shown of a row at a moment of business time (contract §4)."""
    day = day_of(now)
    oldest = now - limits.pending
    pending_since = next((at for at in row.pending_at if at > oldest), None)
    due_on = row.due_on if _bound(row, day) else None
    state = _due_state(row, due_on, day, now, oldest)
    reasons = _reasons(row, due_on, state, day, pending=pending_since is not None)
    return Status(
        display=row.hold or (row.last_outcome and NEGATIVE) or ("pending" if pending_since else "none"),
        last_result=last_of(row),
        pending_since=pending_since,
        due_on=due_on,
        due_state=state,
        allowed=not reasons,
        reasons=reasons,
        until=due_on if not reasons else None,
    )


def last_of(row: StatusRow) -> LastResult | None:
    """Return the stored last result."""
    if (
        row.last_outcome is None
        or row.last_collected_at is None
        or row.last_tested_at is None
        or row.last_reported_at is None
    ):
        return None
    return LastResult(
        row.last_outcome,
        row.last_mode or "",
        row.last_collected_at,
        row.last_tested_at,
        row.last_reported_at,
        row.last_lab_code or "",
        row.last_reviewed,
    )


def testing_of(row: StatusRow) -> Testing:
    """Return the stored testing state; the limits of its tubes are worked out already."""
    waiting = zip(row.pending_tubes, row.pending_at, row.pending_limits, strict=True)
    return Testing(
        hold=row.hold,
        last=last_of(row),
        counted_on=row.counted_on,
        waiting=tuple(Waiting(tube, at, limit) for tube, at, limit in waiting),
        special=row.special,
    )


def row_of(
    person_id: UUID, *, testing: Testing, duty: Duty, soon_days: int, now: datetime, limits: Limits
) -> StatusRow:
    """Return the stored form of a testing state and a duty; version and what was shown come later."""
    waiting = [each for each in testing.waiting if each.collected_at > now - limits.pending]
    due = duty.due(testing.counted_on, testing.counted)
    plain = duty.plain(testing.counted)
    last = testing.last
    return StatusRow(
        person_id,
        testing.hold,
        last.outcome if last else None,
        last.mode if last else None,
        last.collected_at if last else None,
        last.tested_at if last else None,
        last.reported_at if last else None,
        last.lab_code if last else None,
        last is not None and last.reviewed,
        testing.counted_on,
        tuple(each.tube_id for each in waiting),
        tuple(each.collected_at for each in waiting),
        tuple(each.limit_at or each.collected_at + limits.lab for each in waiting),
        testing.special,
        due and min(term.starts_on for term in duty.terms),
        plain and plain[0].days,
        plain and plain[0].months,
        plain and plain[1],
        soon_days if due else 0,
        due and due[1].rule.category_code,
        due and due[1].rule.rule_id,
        due and due[0],
        duty.exempt and duty.exempt[0],
        duty.exempt and duty.exempt[1],
        duty.suspended and duty.suspended[0],
        duty.suspended and duty.suspended[1],
        duty.changes_on,
    )


def next_change(row: StatusRow, now: datetime, limits: Limits) -> datetime | None:
    """Return when the status next changes by time alone: midnights, the 72 h, a lab's limit."""
    moments = [at + limits.pending for at in row.pending_at]
    moments.extend(row.pending_limits)
    if row.due_on is not None:
        moments.append(midnight(row.due_on + DAY))
        moments.append(midnight(row.due_on - timedelta(days=row.soon_days)))
    if row.boundary_on is not None:
        moments.append(midnight(row.boundary_on))
    return min((each for each in moments if each > now), default=None)


def is_near(row: StatusRow, day: date) -> bool:
    """Say whether a due day has come, or will within its notice or a day: where evaluations look."""
    return row.due_on is not None and row.due_on - timedelta(days=max(row.soon_days, 1)) <= day


def midnight(day: date) -> datetime:
    """Return the first moment of an Asia/Shanghai day."""
    return datetime.combine(day, time.min, SHANGHAI)


def _bound(row: StatusRow, day: date) -> bool:
    exempt = (
        row.exempt_from is not None and row.exempt_to is not None and row.exempt_from <= day <= row.exempt_to
    )
    return row.due_on is not None and not exempt and (row.duty_from is None or row.duty_from <= day)


def _suspended(row: StatusRow, day: date) -> bool:
    return (
        row.suspended_from is not None
        and row.suspended_to is not None
        and row.suspended_from <= day <= row.suspended_to
    )


def _due_state(row: StatusRow, due_on: date | None, day: date, now: datetime, oldest: datetime) -> str:
    if due_on is None:
        return NOT_REQUIRED
    if row.counted_on is None or day > due_on:
        if _under_test(row, due_on, now, oldest):
            return DUE_SOON
        return NEVER_TESTED if row.counted_on is None else OVERDUE
    if row.soon_days and day >= due_on - timedelta(days=row.soon_days):
        return DUE_SOON
    return OK


def _under_test(row: StatusRow, due_on: date, now: datetime, oldest: datetime) -> bool:
    """Say whether a sample taken in time is with a lab that is still within its limit."""
    return any(
        at > oldest and now < limit and day_of(at) <= due_on
        for at, limit in zip(row.pending_at, row.pending_limits, strict=True)
    )


def _reasons(row: StatusRow, due_on: date | None, state: str, day: date, *, pending: bool) -> tuple[str, ...]:
    reasons = []
    if row.hold is not None:
        reasons.append(row.hold)
    if _suspended(row, day):
        reasons.append("suspended")
    if due_on is not None:
        current = row.last_outcome is not None and row.counted_on is not None and day <= due_on
        if state in (NEVER_TESTED, OVERDUE):
            reasons.append(state)
        if not current and pending:
            reasons.append("pending")
    return tuple(reasons)


def stage_of(status: Status, day: date) -> str | None:
    """Return what a person is reminded of on a day: `due_soon`, `due`, `overdue`, or None."""
    if status.due_on is None:
        return None
    if status.due_on == day:
        return "due"
    if day < status.due_on:
        return DUE_SOON if status.due_state == DUE_SOON else None
    return OVERDUE if status.due_state in (OVERDUE, NEVER_TESTED) else None
