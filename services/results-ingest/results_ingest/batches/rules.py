"""What a row may hold (contract §3 and §5). Pure: a row and the time go in, a decision comes out.

Everything wrong with a row is found at once, and nothing of a refused value is in what is said.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from results_ingest.batches.nested import check_corrects, check_lab_extra
from results_ingest.batches.texts import Fault, check_code, check_text, shown
from shared.identifiers import ID_TYPES, check_health_code_id, check_id_no, normalise_id_no

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
OUTCOMES: Final = ("negative", "positive", "indeterminate", "invalid")
URGENT_OUTCOMES: Final = frozenset({"positive", "indeterminate"})
MODES: Final = ("single", "mixed")
TEST_KINDS: Final = ("pcr", "antigen", "antibody")
DEFAULT_TEST_KIND: Final = "pcr"
AHEAD: Final = timedelta(minutes=10)
FIRST_MOMENT: Final = datetime(2020, 1, 1, tzinfo=SHANGHAI)
HIGHEST_CT: Final = 50

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(Z|z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)


@dataclass(slots=True)
class Row:
    """A row that may be accepted: what was sent, without nulls, and its times."""

    values: dict[str, Any]
    tested_at: datetime
    collected_at: datetime | None
    received_at: datetime | None
    released_at: datetime | None

    @property
    def test_kind(self) -> str:
        """Return the kind of test, `pcr` when none was sent."""
        kind: str = self.values.get("test_kind", DEFAULT_TEST_KIND)
        return kind


def check_row(row: object, now: datetime) -> Row | list[Fault]:
    """Return the row, or everything that is wrong with it; `now` is the business time."""
    if not isinstance(row, dict):
        return [(None, "wrong_type")]
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    times: dict[str, datetime] = {}
    for name, value in row.items():
        if name in _TIMES:
            if value is not None:
                moment = read_time(value, now)
                if isinstance(moment, str):
                    faults.append((name, moment))
                else:
                    times[name] = moment
            continue
        check = _CHECKS.get(name)
        if check is not None:
            if value is not None:
                values[name] = value
                code = check(value)
                if code is not None:
                    faults.append((name, code))
        else:
            faults.extend(_rare(name, value, values))
    faults.extend(_together(row, values, times, now))
    if faults:
        return faults
    return Row(
        values,
        times["tested_at"],
        times.get("collected_at"),
        times.get("received_at"),
        times.get("released_at"),
    )


def read_time(value: object, now: datetime) -> datetime | str:
    """Return an aware time of an RFC 3339 text, or the code of what is wrong with it."""
    if type(value) is not str:
        return "wrong_type"
    moment = parse_time(value)
    if isinstance(moment, datetime) and moment > now + AHEAD:
        return "time_in_future"
    return moment


# The rows of a batch share most of their times.
@lru_cache(maxsize=4096)
def parse_time(value: str) -> datetime | str:
    """Return what a text says, whenever that is, or the code of what is wrong with it."""
    match = _TIME.fullmatch(value)
    if match is None:
        return "time_malformed"
    if match[1] is None:
        return "time_naive"
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        return "time_malformed"
    return moment if moment >= FIRST_MOMENT else "time_before_2020"


def code_in(row: object, name: str) -> str | None:
    """Return the row's own reference or tube if it is valid, so that an error can name it."""
    code = row.get(name) if isinstance(row, dict) else None
    return code if isinstance(code, str) and check_code(code) is None else None


def _rare(name: str, value: object, values: dict[str, Any]) -> list[Fault]:
    check = _OBJECTS.get(name)
    if check is None:
        return [(shown(name), "unknown_field")]
    if value is None:
        return []
    values[name] = value
    return [(_path(name, part), code) for part, code in check(value) or ()]


def _together(
    row: Mapping[str, Any], values: Mapping[str, Any], times: Mapping[str, datetime], now: datetime
) -> list[Fault]:
    faults: list[Fault] = []
    if row.get("outcome") is None:
        faults.append(("outcome", "field_required"))
    if row.get("tested_at") is None:
        faults.append(("tested_at", "field_required"))
    if "id_no" in values or "id_type" in values:
        faults.extend(_document(values, now))
    elif "tube_code" not in values and "health_code_id" not in values:
        faults.append((None, "identifier_missing"))
    if "collected_at" in times and "tested_at" in times and times["tested_at"] < times["collected_at"]:
        faults.append(("tested_at", "tested_before_collected"))
    return faults


def _document(values: Mapping[str, Any], now: datetime) -> list[Fault]:
    id_type, number = values.get("id_type"), values.get("id_no")
    if id_type is None or number is None:
        return [("id_type" if id_type is None else "id_no", "field_required")]
    if id_type not in ID_TYPES or type(number) is not str:
        return []
    # Only ASCII is upper-cased: `ß` would become a valid `SS`.
    if not (number.isascii() and number.isprintable()):
        return [("id_no", "id_no_malformed")]
    code = check_id_no(id_type, normalise_id_no(id_type, number), now.astimezone(SHANGHAI).date())
    return [("id_no", code)] if code else []


_Check = Callable[[object], str | None]


def _one_of(*allowed: str) -> _Check:
    def check(value: object) -> str | None:
        if type(value) is not str:
            return "wrong_type"
        return None if value in allowed else "not_allowed"

    return check


def _text(longest: int) -> _Check:
    return lambda value: check_text(value, longest)


def _health_code(value: object) -> str | None:
    return check_health_code_id(value) if type(value) is str else "wrong_type"


def _string(value: object) -> str | None:
    return None if type(value) is str else "wrong_type"


def _ct(value: object) -> str | None:
    if type(value) is not int and type(value) is not float:
        return "wrong_type"
    return None if 0 <= value <= HIGHEST_CT else "out_of_range"


def _path(name: str, part: str | None) -> str:
    return name if part is None else f"{name}.{part}"


_TIMES: Final = frozenset({"collected_at", "received_at", "tested_at", "released_at"})
_CHECKS: Final[dict[str, _Check]] = {
    "row_ref": check_code,
    "tube_code": check_code,
    "health_code_id": _health_code,
    "id_type": _one_of(*ID_TYPES),
    "id_no": _string,
    "name": _text(100),
    "outcome": _one_of(*OUTCOMES),
    "mode": _one_of(*MODES),
    "reviewer_code": check_code,
    "ct_orf1ab": _ct,
    "ct_n": _ct,
    "test_kind": _one_of(*TEST_KINDS),
    "specimen_type": _text(64),
    "kit": _text(200),
}
_OBJECTS: Final[dict[str, Callable[[object], list[Fault] | None]]] = {
    "corrects": check_corrects,
    "lab_extra": check_lab_extra,
}
