"""The one catalogue of error codes, in Chinese and English, and the exception that carries one.

A refused value is never part of a message (contract §3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Message:
    """A stable code with its HTTP status and its two texts."""

    code: str
    status: int
    zh: str
    en: str

    def text(self, language: Language, parameters: Mapping[str, object] | None = None) -> str:
        """Return the text in a language, with its placeholders filled."""
        template = self.zh if language == "zh" else self.en
        return template.format(**(parameters or {}))


CATALOGUE: Final[dict[str, Message]] = {}


def define(code: str, status: int, zh: str, en: str) -> Message:
    """Add a code to the catalogue; ValueError if it stands there with another meaning."""
    message = Message(code, status, zh, en)
    if CATALOGUE.setdefault(code, message) != message:
        text = f"error code {code} is defined twice"
        raise ValueError(text)
    return message


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one field; `row` 1 is the first data row, None the body itself."""

    row: int | None
    field: str | None
    code: str
    row_ref: str | None = None


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An expected refusal; rendered as application/problem+json and never alarmed on."""

    def __init__(
        self,
        message: Message,
        *,
        errors: Sequence[RowError] = (),
        errors_total: int | None = None,
        headers: Mapping[str, str] | None = None,
        **parameters: object,
    ) -> None:
        super().__init__(message.code)
        self.message = message
        self.errors = errors
        self.errors_total = len(errors) if errors_total is None else errors_total
        self.headers = dict(headers or {})
        self.parameters = parameters


def refusal_of(message: Message, field: str | None) -> Problem:
    """Return the Problem of one field, under a code of its own."""
    return Problem(message, errors=[RowError(None, field, message.code)])


def body_refusal(message: Message, field: str | None, *, row: int | None = None) -> Problem:
    """Return the Problem of a body of which one field is wrong: `invalid_body`, with the reason."""
    return Problem(INVALID_BODY, errors=[RowError(row, field, message.code)])


NOT_JSON = define("not_json", 400, "请求体不是严格的 JSON", "The body is not strict JSON")
BAD_ENCODING = define("bad_encoding", 400, "请求体不是 UTF-8 编码", "The body is not UTF-8")
BAD_GZIP = define("bad_gzip", 400, "gzip 压缩数据损坏", "The gzip data is damaged")
BAD_REQUEST = define("bad_request", 400, "请求无法理解", "The request cannot be understood")
UNAUTHENTICATED = define("unauthenticated", 401, "缺少有效的访问令牌", "A valid access token is needed")
TOKEN_EXPIRED = define("token_expired", 401, "访问令牌已过期", "The access token has expired")
FORBIDDEN = define("forbidden", 403, "没有所需的权限范围", "The needed scope is missing")
NOT_FOUND = define("not_found", 404, "没有找到", "Not found")
METHOD_NOT_ALLOWED = define(
    "method_not_allowed", 405, "不支持该请求方法", "This method is not supported here"
)
CONFLICT = define("conflict", 409, "与已有内容冲突", "It conflicts with what is stored")
BODY_TOO_SLOW = define("body_too_slow", 408, "请求体发送过慢", "The body arrives too slowly")
BODY_TOO_LARGE = define("body_too_large", 413, "请求体过大", "The body is too large")
TOO_MANY_ROWS = define("too_many_rows", 413, "行数超过上限 {limit}", "More than {limit} rows")
MEDIA_TYPE = define("unsupported_media_type", 415, "不支持的内容类型", "This media type is not supported")
INVALID_BODY = define("invalid_body", 422, "内容不符合要求", "The content does not meet the rules")
INVALID_PARAMETER = define(
    "invalid_parameter", 422, "请求参数不符合要求", "A parameter does not meet the rules"
)
CURSOR_INVALID = define("cursor_invalid", 422, "游标无效", "The cursor is not valid")
CURSOR_EXPIRED = define(
    "cursor_expired",
    410,
    "游标已过期,请不带游标重新全量读取并替换已有内容",
    "The cursor has expired: read again without one and replace what you have",
)
TOO_MANY_REQUESTS = define(
    "too_many_requests", 429, "请求过于频繁,请稍后再试", "Too many requests; try again later"
)
INTERNAL = define("internal_error", 500, "内部错误,已记录", "Internal error; it has been logged")
OVERLOADED = define(
    "overloaded",
    503,
    "系统繁忙,请稍后重试;请求未被处理",
    "Overloaded: try again; nothing of the request was done",
)
UNAVAILABLE = define("unavailable", 503, "服务暂不可用,请稍后重试", "Temporarily unavailable; try again")

FIELD_REQUIRED = define("field_required", 422, "缺少必填项", "This field is required")
UNKNOWN_FIELD = define("unknown_field", 422, "未知字段", "Unknown field")
WRONG_TYPE = define("wrong_type", 422, "类型错误", "Wrong type")
TOO_LONG = define("too_long", 422, "过长", "Too long")
TOO_SHORT = define("too_short", 422, "过短或为空", "Too short or empty")
BAD_FORMAT = define("bad_format", 422, "格式错误", "Wrong format")
NOT_ALLOWED = define("not_allowed", 422, "不在允许的取值中", "Not one of the allowed values")
OUT_OF_RANGE = define("out_of_range", 422, "超出允许范围", "Out of range")
TIME_MALFORMED = define("time_malformed", 422, "不是 RFC 3339 时间", "Not an RFC 3339 time")
TIME_NAIVE = define("time_naive", 422, "时间缺少时区偏移", "The time has no offset")
TIME_BEFORE_2020 = define("time_before_2020", 422, "时间早于 2020 年", "The time is before 2020")
TIME_AFTER_2199 = define("time_after_2199", 422, "时间晚于 2199 年", "The time is after 2199")
TIME_IN_FUTURE = define(
    "time_in_future", 422, "时间晚于当前时间 10 分钟以上", "The time is more than 10 minutes ahead"
)
DAY_MALFORMED = define("day_malformed", 422, "不是 YYYY-MM-DD 日期", "Not a YYYY-MM-DD day")
DAY_OUT_OF_RANGE = define(
    "day_out_of_range", 422, "日期须在 1900 至 2199 年之间", "A day must lie within the years 1900 to 2199"
)
DAY_IN_FUTURE = define("day_in_future", 422, "日期晚于今天", "The day lies in the future")
CHARACTER_FORBIDDEN = define(
    "character_forbidden", 422, "含有不允许的字符", "It holds a character that is not allowed"
)
PHONE_INVALID = define("phone_invalid", 422, "电话号码无效", "Not a valid phone number")
ID_NO_MALFORMED = define("id_no_malformed", 422, "证件号码格式错误", "The document number is malformed")
ID_NO_CHECKSUM = define(
    "id_no_checksum", 422, "身份证号码校验位错误", "The identity number's check digit is wrong"
)
ID_NO_BIRTH_DATE = define(
    "id_no_birth_date", 422, "身份证号码中的出生日期无效", "The identity number's birth date is not a day"
)
HEALTH_CODE_MALFORMED = define(
    "health_code_malformed", 422, "健康码标识格式错误", "The health-code id is malformed"
)
HEALTH_CODE_IS_PERSONAL = define(
    "health_code_id_is_personal",
    422,
    "健康码标识不得是身份证号码或手机号码",
    "A health-code id must not be an identity or mobile number",
)
CREDIT_CODE_CHECKSUM = define(
    "credit_code_checksum", 422, "统一社会信用代码校验错误", "The unified social credit code is not valid"
)
