"""What a sender may save of headers of its own: the wire shapes, and the check that fields exist."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from shared.errors import RowError, define
from shared.sheets.columns import IGNORE, Column
from shared.web.types import PLAIN, check_text

HEADERS: Final = 200
"""Headers, and constants, of one mapping."""

Text = Annotated[str, Field(max_length=100, json_schema_extra=PLAIN), AfterValidator(check_text)]
# Without `propertyNames` a document would say that a key outside the pattern may stand there unchecked.
_KEYS: Final[dict[str, Any]] = {"propertyNames": {"maxLength": 100, **PLAIN}}
Headers = Annotated[
    dict[Text, Annotated[str, Field(max_length=64)]], Field(max_length=HEADERS, json_schema_extra=_KEYS)
]
Constants = Annotated[dict[str, Text], Field(max_length=HEADERS)]

COLUMN_UNKNOWN: Final = define("column_unknown", 422, "没有这个字段", "There is no field of this name")
PERSONAL_CONSTANT: Final = define(
    "personal_constant", 422, "个人信息列不能用固定值", "A personal column cannot have one value for all rows"
)


def wrong_in(
    known: Sequence[Column], headers: Mapping[str, str], constants: Mapping[str, str]
) -> list[RowError]:
    """Return what is wrong with a mapping's headers and constants."""
    columns = {column.field: column for column in known}
    wrong = [
        RowError(None, "columns", COLUMN_UNKNOWN.code)
        for name in headers.values()
        if name != IGNORE and name not in columns
    ]
    for name in constants:
        if name not in columns:
            wrong.append(RowError(None, "constants", COLUMN_UNKNOWN.code))
        elif columns[name].personal:
            wrong.append(RowError(None, name, PERSONAL_CONSTANT.code))
    return wrong
