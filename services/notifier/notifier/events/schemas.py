"""What events look like on the wire. Nothing here names a person: a health-code id at most."""

from typing import Annotated, Final, Literal

from pydantic import Field

from shared.web.types import Code, Day, HealthCodeId, LongText, PersonName, ShortText, Time, WireModel

EventKind = Literal["suspected_case"]
EventClock = Literal["national_report", "tracing"]
EventState = Literal["open", "ending", "closed"]
Contacts = Annotated[int, Field(ge=0, le=1_000_000)]
LONGEST: Final = 30 * 24 * 60


class CaseIn(WireModel):
    """A suspected case. Without a unit it lies in `township_code`, or in the caller's own area."""

    event_code: Code
    kind: EventKind
    suspected_at: Time
    unit_code: Code | None = None
    township_code: Code | None = None
    health_code_id: HealthCodeId | None = None
    by: PersonName
    note: LongText | None = None


class NationalReport(WireModel):
    """The number under which the national system has taken the report."""

    record_no: Code
    reported_at: Time
    by: PersonName


class Tracing(WireModel):
    """That tracing is closed, in counts: close, secondary and general contacts, and places."""

    closed_at: Time
    close_contacts: Contacts
    secondary_contacts: Contacts
    general_contacts: Contacts
    places: Contacts
    by: PersonName
    note: LongText | None = None


class EventEndRequest(WireModel):
    """That the response may end: which criteria are met, and what the experts say."""

    criteria: LongText
    expert_view: LongText
    by: PersonName


class EventEndDecision(WireModel):
    """The decision of a second person."""

    decision: Literal["approve", "refuse"]
    by: PersonName
    note: LongText | None = None


class EventLimitIn(WireModel):
    """A limit from a day on, and when its clock begins: with the record, or with the suspicion."""

    clock: EventClock
    effective_from: Day
    limit_minutes: Annotated[int, Field(ge=1, le=LONGEST)]
    warn_minutes: Annotated[int, Field(ge=1, le=LONGEST)] | None = None
    starts: Literal["recorded", "suspected"] = "recorded"
    basis: ShortText


EVENT: Final = {
    "event_code": "2026-CASE-01",
    "kind": "suspected_case",
    "suspected_at": "2026-12-01T08:30:00+08:00",
    "unit_code": "91512081MA62K0260E",
    "by": "值班医生",
}
REPORT: Final = {"record_no": "N-2026-000123", "reported_at": "2026-12-01T09:50:00+08:00", "by": "值班员"}
TRACING: Final = {
    "closed_at": "2026-12-02T06:00:00+08:00",
    "close_contacts": 12,
    "secondary_contacts": 40,
    "general_contacts": 95,
    "places": 6,
    "by": "流调组",
}
END: Final = {"criteria": "14天无新增,环境核酸阴性", "expert_view": "同意终结响应", "by": "疾控科"}
LIMIT: Final = {
    "clock": "national_report",
    "effective_from": "2026-12-01",
    "limit_minutes": 120,
    "warn_minutes": 90,
    "starts": "recorded",
    "basis": "必须在2小时内通过传染病监测系统上报",
}
LIMIT_SHOWN: Final = LIMIT | {
    "created_by": "migration",
    "created_at": "2026-11-21T08:00:00+08:00",
    "in_force": True,
}
CLOCK: Final = {
    "clock": "national_report",
    "limit_minutes": 120,
    "starts_at": "2026-12-01T08:40:00+08:00",
    "due_at": "2026-12-01T10:40:00+08:00",
    "warned_at": None,
    "broken_at": None,
    "ended_at": "2026-12-01T09:50:00+08:00",
    "state": "met",
}
STEP: Final = {
    "kind": "national_report",
    "at": "2026-12-01T09:55:00+08:00",
    "client_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "details": {"record_no": "N-2026-000123", "reported_at": "2026-12-01T09:50:00+08:00"},
    "by_masked": "值*",
    "note": None,
}
SHOWN: Final = {
    "event_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "event_code": "2026-CASE-01",
    "kind": "suspected_case",
    "state": "open",
    "township_code": "TOWN-01",
    "department_code": "DEPT-01",
    "unit_code": "91512081MA62K0260E",
    "health_code_id": None,
    "suspected_at": "2026-12-01T08:30:00+08:00",
    "recorded_at": "2026-12-01T08:40:00+08:00",
    "ended_at": None,
    "clocks": [CLOCK],
}
