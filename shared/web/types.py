"""Field types of wire models. They work on JSON that was already parsed strictly.

Every check fails with a code of the catalogue; pydantic's own texts, which may quote the value,
never leave the process.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from shared.clock import SHANGHAI
from shared.identifiers import (
    CODE_PATTERN,
    FORBIDDEN,
    check_health_code_id,
    check_phone,
    holds_forbidden,
    is_code,
)

_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FIRST_MOMENT: Final = datetime(2020, 1, 1, tzinfo=SHANGHAI)
# Days are reckoned with: a month or a time zone later must still be a day.
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
# So are times, which also become days of Asia/Shanghai: the last hours of the year 9999 are none there.
END_OF_MOMENTS: Final = datetime(2200, 1, 1, tzinfo=SHANGHAI)
# A text without forbidden characters that is not blank, as a schema says it.
PLAIN: Final[dict[str, Any]] = {"pattern": rf"^[^{FORBIDDEN}]*[^{FORBIDDEN}\s][^{FORBIDDEN}]*$"}


class WireModel(BaseModel):
    """The base of what clients send: strict, closed, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


def refuse(code: str) -> PydanticCustomError:
    """Return the error that carries a code of the catalogue."""
    return PydanticCustomError(code, "refused")  # type: ignore[arg-type, unused-ignore] # wants a literal


def parse_time(value: object) -> datetime:
    """Return an aware time of an RFC 3339 string; PydanticCustomError with a code otherwise."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise refuse("wrong_type")
    match = _TIME.fullmatch(value)
    if match is None:
        raise refuse("time_malformed")
    if match[8] is None:
        raise refuse("time_naive")
    try:
        moment = datetime.fromisoformat(value.upper())
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("time_malformed") from None
    if moment < FIRST_MOMENT:
        raise refuse("time_before_2020")
    if moment >= END_OF_MOMENTS:
        raise refuse("time_after_2199")
    return moment


def parse_day(value: object) -> date:
    """Return the date of a YYYY-MM-DD string."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise refuse("wrong_type")
    if not _DAY.fullmatch(value):
        raise refuse("day_malformed")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise refuse("day_malformed") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise refuse("day_out_of_range")
    return day


def _code(value: str) -> str:
    if not is_code(value):
        raise refuse("bad_format")
    return value


def check_text(value: str) -> str:
    """Refuse controls, lone surrogates and invisible characters."""
    if holds_forbidden(value):
        raise refuse("character_forbidden")
    if not value.strip():
        raise refuse("too_short")
    return value


def texts_in(value: object) -> Iterator[str]:
    """Yield every text inside a JSON value, keys too."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]


def _phone(value: str) -> str:
    if len(value) > 32 or not value.isascii() or not check_phone(value):  # noqa: PLR2004 - longer than any number
        raise refuse("phone_invalid")
    return value


def _health_code(value: str) -> str:
    code = check_health_code_id(value)
    if code:
        raise refuse(code)
    return value


def _uuid(value: object) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)  # type: ignore[arg-type] # anything else is refused below
    except (ValueError, AttributeError, TypeError):
        raise refuse("bad_format") from None


def text_of(longest: int) -> Any:  # noqa: ANN401 - an annotated type
    """Return the type of a free text of at most `longest` characters."""
    return Annotated[str, Field(max_length=longest, json_schema_extra=PLAIN), AfterValidator(check_text)]


@dataclass(frozen=True, slots=True)
class _DocumentedAs:
    model: type[BaseModel]

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self.model.__pydantic_core_schema__)


def rows_of(model: type[BaseModel]) -> Any:  # noqa: ANN401 - an annotated type
    """Return the type of rows that are documented as `model` and checked one by one later."""
    return Annotated[Any, _DocumentedAs(model)]


Code = Annotated[str, AfterValidator(_code), WithJsonSchema({"type": "string", "pattern": CODE_PATTERN})]
HealthCodeId = Annotated[
    str, AfterValidator(_health_code), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{4,64}$"})
]
Id = Annotated[UUID, BeforeValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Time = Annotated[
    datetime, BeforeValidator(parse_time), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(parse_day), WithJsonSchema({"type": "string", "format": "date"})]
Phone = Annotated[str, AfterValidator(_phone), WithJsonSchema({"type": "string", "maxLength": 32})]
Email = Annotated[str, Field(max_length=254, pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")]
PersonName = Annotated[str, Field(max_length=100, json_schema_extra=PLAIN), AfterValidator(check_text)]
ShortText = Annotated[str, Field(max_length=200, json_schema_extra=PLAIN), AfterValidator(check_text)]
LongText = Annotated[str, Field(max_length=2000, json_schema_extra=PLAIN), AfterValidator(check_text)]
