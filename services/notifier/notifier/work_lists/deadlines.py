"""Pure: what a printed deadline means (requirements row 118)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

UNREADABLE: Final = "deadline_unreadable"
BEFORE_ISSUE: Final = "deadline_before_issue"
_BLANKS: Final = re.compile(r"\s+")
# A day named with "before" counts itself: what is to be done before the 10th is late on the 11th.
_TAIL: Final = re.compile(r"(之前|以前|前|之内|以内|内|完成|[。;;,.])+$")
_ONGOING: Final = re.compile(
    r"(持续|长期|常态化|长效|不断|日常)(推进|坚持|开展|落实|加强|实施|抓好|做好|执行|进行)?"
)
_AT_ONCE: Final = frozenset({"即日起", "即日", "立即", "即刻", "当日", "当天"})
_DAY: Final = re.compile(
    r"(?:(?P<year>[0-9]{4})[年.\-/])?(?P<month>[0-9]{1,2})[月.\-/](?P<day>[0-9]{1,2})[日号]?"
)
_PART: Final = re.compile(r"(?:(?P<year>[0-9]{4})年)?(?P<month>[0-9]{1,2})月(?P<part>底|末|上旬|中旬|下旬)?")
_YEAR: Final = re.compile(r"(?:(?P<year>[0-9]{4})年|年)(?:底|末|内)?")
_LAST_DAY: Final = {"上旬": 10, "中旬": 20}
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day in time; None for what goes on for ever and is reviewed instead."""

    due_on: date | None


def deadline_of(printed: str, *, issued_on: date) -> Deadline | str:
    """Return what a printed deadline means, or the code of what is wrong with it.

    `2020年12月底`: the last day of that month. `2021年1月10日前`: that day. A month without a year is
    the next one from the issue on. `持续推进`, `长期`: no day. The day of issue itself is in time.
    """
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", printed))
    stripped = _TAIL.sub("", text)
    if _ONGOING.fullmatch(stripped):
        return Deadline(None)
    if stripped in _AT_ONCE:
        return Deadline(issued_on)
    due_on = _day(stripped, issued_on) or _part(stripped, issued_on) or _year(stripped, issued_on)
    if due_on is None:
        return UNREADABLE
    return BEFORE_ISSUE if due_on < issued_on else Deadline(due_on)


def _day(text: str, issued_on: date) -> date | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    month, day = int(found["month"]), int(found["day"])
    if found["year"]:
        return _made(int(found["year"]), month, day)
    this_year = _made(issued_on.year, month, day)
    if this_year is not None and this_year >= issued_on:
        return this_year
    return _made(issued_on.year + 1, month, day)


def _part(text: str, issued_on: date) -> date | None:
    found = _PART.fullmatch(text)
    if found is None:
        return None
    month = int(found["month"])
    year = int(found["year"]) if found["year"] else issued_on.year + (month < issued_on.month)
    if found["part"] in _LAST_DAY:
        return _made(year, month, _LAST_DAY[found["part"]])
    return _month_end(year, month)


def _year(text: str, issued_on: date) -> date | None:
    found = _YEAR.fullmatch(text)
    if found is None or text == "年":
        return None
    return _month_end(int(found["year"] or issued_on.year), _DECEMBER)


def _month_end(year: int, month: int) -> date | None:
    first = _made(year, month, 1)
    if first is None or year == date.max.year:
        return None
    following = date(year + month // _DECEMBER, month % _DECEMBER + 1, 1)
    return following - timedelta(days=1)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
