"""Times as people and laboratory systems write them, as RFC 3339; pure.

Sheets and HL7 seldom bear an offset: such times are Beijing time, and the receipt says so.
"""

import re
from functools import lru_cache
from typing import Final

from shared.sheets import errors

OFFSET: Final = "+08:00"
_DAY: Final = r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
_TIME: Final = r"([0-9]{1,2})[:：]([0-9]{2})(?:[:：]([0-9]{2})(\.[0-9]{1,9})?)?"
_ZONE: Final = r"(Z|z|[+-][0-9]{2}:?[0-9]{2})?"
_LONG: Final = re.compile(rf"{_DAY}(?:[Tt]|\s+|(?<=日)){_TIME}\s*{_ZONE}", re.ASCII)
_COMPACT: Final = re.compile(rf"([0-9]{{8}})([0-9]{{4}})([0-9]{{2}})?(\.[0-9]{{1,9}})?{_ZONE}", re.ASCII)
_ONLY_DAY: Final = re.compile(rf"{_DAY}|(?:19|20|21)[0-9]{{6}}", re.ASCII)
_SERIAL: Final = re.compile(r"[0-9]{1,6}(\.[0-9]+)?", re.ASCII)
_OFFSET: Final = re.compile(r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})\s*$", re.ASCII)


def moment_of(iso: str) -> tuple[str, str | None]:
    """Return the moment of a date cell, or the code of what is wrong: a bare day may be one by accident."""
    return (iso + OFFSET, None) if "T" in iso else ("", errors.MOMENT_WITHOUT_TIME.code)


# The rows of a body share most of their times.
@lru_cache(maxsize=4096)
def moment_text(text: str) -> tuple[str, str | None]:
    """Return a moment that is written year first; other texts stay, for the rules of rows to refuse."""
    found = _LONG.fullmatch(text)
    if found:
        month, day = found[3] or found[5], found[4] or found[6]
        date = f"{found[1]}-{int(month):02d}-{int(day):02d}"
        clock = f"{int(found[7]):02d}:{found[8]}:{found[9] or '00'}{found[10] or ''}"
        return f"{date}T{clock}{_zone(found[11])}", None
    if _ONLY_DAY.fullmatch(text):
        return "", errors.MOMENT_WITHOUT_TIME.code
    if _SERIAL.fullmatch(text):
        return "", errors.DAY_AS_NUMBER.code
    return compact_moment(text) or text, None


@lru_cache(maxsize=4096)
def compact_moment(text: str) -> str | None:
    """Return YYYYMMDDHHMM[SS[.f]][zone], as HL7 v2 writes times, or None for another text."""
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    day, clock = found[1], found[2]
    second = (found[3] or "00") + (found[4] or "")
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:]}:{second}{_zone(found[5])}"


@lru_cache(maxsize=4096)
def bears_offset(text: str) -> bool:
    """Tell whether a time says its offset itself."""
    compact = _COMPACT.fullmatch(text)
    if compact:
        return compact[5] is not None
    return ":" in text and _OFFSET.search(text) is not None


def _zone(text: str | None) -> str:
    if text is None:
        return OFFSET
    return text if len(text) != len("+0800") else f"{text[:3]}:{text[3:]}"
