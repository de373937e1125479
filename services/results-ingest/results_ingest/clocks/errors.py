"""The codes of limits."""

from typing import Final

from shared.errors import define

LIMIT_IN_USE: Final = define(
    "clock_limit_in_use",
    409,
    "该环节、对象和生效日已有不同的时限",
    "Another limit of this stage and subject begins on that day",
)
LIMIT_OF_WHAT: Final = define(
    "clock_limit_of_what",
    422,
    "`everything` 不填编码,其他对象必须填写编码",
    "`everything` has no code, every other subject needs its own",
)
WARNS_TOO_LATE: Final = define(
    "clock_limit_warns_too_late",
    422,
    "预警必须早于时限,没有时限则没有预警",
    "A warning comes before its limit; without a limit there is none",
)
LIMIT_IN_PAST: Final = define(
    "clock_limit_in_past",
    422,
    "时限只能自今天或以后生效,已起算的不变",
    "A limit begins today or later; clocks that run keep theirs",
)
