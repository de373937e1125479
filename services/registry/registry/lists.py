"""What lists of registry share: the parameters that name things, and how a row is shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path
from sqlalchemy import RowMapping

from shared.clock import SHANGHAI
from shared.web.paging import LARGEST
from shared.web.periods import day_query

HEALTH_CODE_PATTERN: Final = "^[A-Za-z0-9_-]{4,64}$"

SlugPath = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="属性 Attribute")]
NumberPath = Annotated[int, Path(ge=1, le=LARGEST, description="编号 Number")]
DayQuery = Annotated[str | None, day_query("YYYY-MM-DD,默认今天 today")]
HealthCodePath = Annotated[str, Path(pattern=HEALTH_CODE_PATTERN, description="健康码标识 Health-code id")]


def local(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """Return a row for an answer: its times in Asia/Shanghai."""
    return {
        name: value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
