"""What summaries look like on the wire."""

from typing import Final

from shared.web.types import Code, Day, LongText, PersonName, WireModel


class SummarySignature(WireModel):
    """Who signs which day. An area's client signs its own; the whole district's any, or the district's."""

    day: Day
    township_code: Code | None = None
    department_code: Code | None = None
    by: PersonName
    note: LongText | None = None


SIGN: Final = {"day": "2026-12-01", "by": "李主任"}
FIGURES: Final = {
    "owed": 40,
    "filed": 38,
    "zero": 20,
    "late": 3,
    "missing": 2,
    "open": 0,
    "sums": {"visits": 124, "held": 5},
    "missing_bodies": [{"type": "unit", "code": "91512081MA62K0260E", "name": "县人民医院", "slot": "16:00"}],
}
SIGNED: Final = {
    "summary_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "form_code": "FEVER-CLINIC",
    "day": "2026-12-01",
    "township_code": None,
    "department_code": None,
    "version": 1,
    "figures": FIGURES,
    "client_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "by_masked": "李*",
    "note": None,
    "signed_at": "2026-12-01T17:30:00+08:00",
}
DAY: Final = {
    "day": "2026-12-01",
    "figures": FIGURES,
    "signed": SIGNED,
    "changed_since": False,
}
