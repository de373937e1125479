"""The Chinese calendar of workdays; beyond its tables Monday to Friday, said once in the log."""

from datetime import date
from functools import lru_cache
from typing import Final

import chinese_calendar
import structlog

SATURDAY: Final = 5
_log = structlog.get_logger()


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Say whether a day is worked, with holidays and the weekends worked in their place."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        _log.warning("workdays_unknown", year=day.year)
        return day.weekday() < SATURDAY
