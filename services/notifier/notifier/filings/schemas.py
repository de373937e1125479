"""What filings look like on the wire."""

from typing import Annotated, Final, Literal

from pydantic import Field, WithJsonSchema

from notifier.reports.schemas import BodyType, Cutoff, FieldName
from shared.web.types import Code, Day, LongText, PersonName, WireModel

ReportState = Literal["open", "filed", "zero", "late", "missing"]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
# Spelt out: the schema of a mapping alone would let any other key pass.
Counts = Annotated[
    dict[FieldName, Count],
    Field(max_length=50),
    WithJsonSchema(
        {
            "type": "object",
            "patternProperties": {
                "^[a-z][a-z0-9_]{0,39}$": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
            },
            "additionalProperties": False,
            "maxProperties": 50,
        }
    ),
]


class ReportBody(WireModel):
    """For whom it is filed."""

    type: BodyType
    code: Code


class ReportFilingIn(WireModel):
    """A report for one slot: all counts of the form, or `zero` (零报告). Without `body` the caller's own.

    `reason`: why what was filed before is corrected.
    """

    day: Day
    slot: Cutoff
    body: ReportBody | None = None
    counts: Counts | None = None
    zero: bool = False
    by: PersonName
    note: LongText | None = None
    reason: LongText | None = None


FILING: Final = {
    "day": "2026-12-01",
    "slot": "10:00",
    "counts": {"visits": 12, "held": 1},
    "by": "值班员",
}
ZERO: Final = {"day": "2026-12-01", "slot": "16:00", "zero": True, "by": "值班员"}
REPORT: Final = {
    "report_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "form_code": "FEVER-CLINIC",
    "day": "2026-12-01",
    "slot": "10:00",
    "cutoff_at": "2026-12-01T10:00:00+08:00",
    "body": {"type": "unit", "code": "91512081MA62K0260E", "name": "县人民医院"},
    "township_code": "TOWN-01",
    "department_code": "HEALTH",
    "state": "filed",
    "late": False,
    "counts": {"visits": 12, "held": 1},
    "version": 1,
    "filed_at": "2026-12-01T09:40:00+08:00",
}
VERSION: Final = {
    "version": 1,
    "counts": {"visits": 12, "held": 1},
    "zero": False,
    "client_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "filed_at": "2026-12-01T09:40:00+08:00",
    "by_masked": "值*",
    "note": None,
    "reason": None,
}
SILENT: Final = {
    "body": {"type": "unit", "code": "91512081MA62K0260E", "name": "某诊所"},
    "township_code": "TOWN-01",
    "department_code": "HEALTH",
    "form_code": "CLINIC-DAILY",
    "owed": 7,
    "last_filed_for": "2026-11-20",
}
