"""How stored rows are shown: times in Asia/Shanghai, everything else as it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from shared.clock import SHANGHAI


def local(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """Return a row for an answer."""
    return {
        str(name): value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
