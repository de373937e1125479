"""The two fields of a row that are objects themselves: `corrects` and `lab_extra`. Pure."""

import json
import re
from typing import Any, Final

from results_ingest.batches.texts import Fault, check_code, check_text, shown

LAB_EXTRA_BYTES: Final = 2048
_LAB_EXTRA_DEPTH: Final = 32
_LARGEST_INTEGER: Final = 2**63 - 1
_LAST_ROW: Final = 10_000
_REASON_LENGTH: Final = 500
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_CORRECTS: Final = frozenset({"result_id", "batch_no", "row", "reason"})


def check_corrects(value: object) -> list[Fault] | None:
    """Check `{"result_id"|("batch_no","row"),"reason"}`; whether it names a result is not seen here."""
    if not isinstance(value, dict):
        return [(None, "wrong_type")]
    faults: list[Fault] = [(shown(name), "unknown_field") for name in value if name not in _CORRECTS]
    by_id = value.get("result_id") is not None
    by_row = value.get("batch_no") is not None or value.get("row") is not None
    if by_id == by_row:
        faults.append((None, "corrects_malformed"))
    if by_id:
        _add(faults, "result_id", _result_id(value["result_id"]))
    if by_row:
        _add(faults, "batch_no", _required(value.get("batch_no"), check_code(value.get("batch_no"))))
        _add(faults, "row", _required(value.get("row"), _row(value.get("row"))))
    reason = value.get("reason")
    _add(faults, "reason", _required(reason, check_text(reason, _REASON_LENGTH)))
    return faults or None


def check_lab_extra(value: object) -> list[Fault] | None:
    """Check an object of at most 2 KB (as compact UTF-8 JSON) that can be kept as it is."""
    if not isinstance(value, dict):
        return [(None, "wrong_type")]
    code = _unfit(value)
    if code is None and len(_compact(value)) > LAB_EXTRA_BYTES:
        code = "too_long"
    return None if code is None else [(None, code)]


def _unfit(value: dict[str, Any]) -> str | None:
    level: list[Any] = [value]
    for _ in range(_LAB_EXTRA_DEPTH):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                deeper.extend(item)
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
            elif isinstance(item, str):
                if _UNFIT.search(item):
                    return "character_forbidden"
            elif type(item) is int and abs(item) > _LARGEST_INTEGER:
                return "out_of_range"
        if not deeper:
            return None
        level = deeper
    return "too_deep"


def _compact(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _result_id(value: object) -> str | None:
    if type(value) is not str:
        return "wrong_type"
    return None if _UUID.fullmatch(value) else "bad_format"


def _row(value: object) -> str | None:
    if type(value) is not int:
        return "wrong_type"
    return None if 1 <= value <= _LAST_ROW else "out_of_range"


def _required(value: object, code: str | None) -> str | None:
    return "field_required" if value is None else code


def _add(faults: list[Fault], field: str, code: str | None) -> None:
    if code is not None:
        faults.append((field, code))
