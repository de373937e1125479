"""What forms and obligations look like on the wire."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from shared.web.types import Code, Day, ShortText, WireModel, text_of

FormKind = Literal["fever_clinic", "daily", "school_check", "arrivals", "other"]
Rollup = Literal["sum", "last", "none"]
BodyType = Literal["unit", "department", "township"]
Cutoff = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
FieldName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]
Slug = Annotated[str, Field(pattern="^[a-z_]{1,40}$")]
# Spelt out: the schema of a mapping alone would let any other key pass.
Attributes = Annotated[
    dict[Slug, Slug],
    Field(max_length=20),
    WithJsonSchema(
        {
            "type": "object",
            "patternProperties": {"^[a-z_]{1,40}$": {"type": "string", "pattern": "^[a-z_]{1,40}$"}},
            "additionalProperties": False,
            "maxProperties": 20,
        }
    ),
]
Unit: Any = text_of(20)
Prefix = Annotated[str, Field(pattern="^[A-T]?[0-9]{1,4}$")]


class ReportFieldIn(WireModel):
    """A count. `unit`: what is counted, such as 人次; `rollup`: how a day is made of its slots.

    `sum` adds the slots, `last` takes the newest slot that was filed, `none` is never added up.
    """

    name: FieldName
    title: ShortText
    unit: Unit
    rollup: Rollup = "sum"


class ReportFormIn(WireModel):
    """A form from a day on. Without `cutoffs` those of its kind (settings); each names its slot.

    `on_day`: of a weekly form the weekday, 1 is Monday; of a monthly one the day, the last one where a month
    has no such day.
    """

    form_code: Code
    kind: FormKind
    title: ShortText
    fields_: Annotated[list[ReportFieldIn], Field(alias="fields", min_length=1, max_length=50)]
    cutoffs: Annotated[list[Cutoff], Field(min_length=1, max_length=12)] | None = None
    days: Literal["every", "workday", "weekly", "monthly"] = "every"
    on_day: Annotated[int, Field(ge=1, le=31)] | None = None
    effective_from: Day
    basis: ShortText


class ReportObligationIn(WireModel):
    """Who owes a form from a day on: bodies by code, everybody of a level, or units by what they are.

    Of industries (GB/T 4754, with or without the letter) and attributes a unit must have all that are given.
    """

    form_code: Code
    body_type: BodyType
    codes: list[Code] = Field(default=[], max_length=5000)
    everybody: bool = False
    industry_prefixes: list[Prefix] = Field(default=[], max_length=100)
    attributes: Annotated[Attributes, Field(default_factory=dict)]
    from_: Annotated[Day, Field(alias="from")]
    to: Day | None = None
    basis: ShortText


class ReportObligationEnd(WireModel):
    """The last day on which it is owed."""

    to: Day
    basis: ShortText


FORM: Final = {
    "form_code": "FEVER-CLINIC",
    "kind": "fever_clinic",
    "title": "发热门诊接诊与采样日报",
    "fields": [
        {"name": "visits", "title": "接诊发热患者", "unit": "人次", "rollup": "sum"},
        {"name": "held", "title": "在院留观", "unit": "人", "rollup": "last"},
    ],
    "cutoffs": ["10:00", "16:00"],
    "days": "every",
    "on_day": None,
    "effective_from": "2026-12-01",
    "basis": "每天上报两次",
}
FORM_SHOWN: Final = FORM | {
    "in_force": True,
    "created_by": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "created_at": "2026-11-21T08:00:00+08:00",
}
OBLIGATION: Final[dict[str, Any]] = {
    "form_code": "FEVER-CLINIC",
    "body_type": "unit",
    "attributes": {"fever_clinic": "standard"},
    "from": "2026-12-01",
    "basis": "区指挥部2026年第12号通知",
}
OBLIGATION_SHOWN: Final[dict[str, Any]] = OBLIGATION | {
    "obligation_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "codes": [],
    "everybody": False,
    "industry_prefixes": [],
    "to": None,
    "created_by": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "created_at": "2026-11-21T08:00:00+08:00",
    "ended_by": None,
    "ended_at": None,
    "ended_basis": None,
}
