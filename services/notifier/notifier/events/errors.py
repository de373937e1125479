"""Why an event or a step on one is refused."""

from typing import Final

from shared.errors import define

EVENT_IN_USE: Final = define(
    "event_code_in_use", 409, "该事件编号已登记且内容不同", "This event code stands with other content"
)
EVENT_WHERE: Final = define(
    "event_where_needed",
    422,
    "须写明已登记的单位或镇街",
    "Name a unit or a township that is known",
)
EVENT_CLOSED: Final = define("event_closed", 409, "事件已终结", "The event is closed")
CLOCK_ENDED: Final = define(
    "event_step_taken", 409, "该步骤已登记且内容不同", "This step was recorded with other content"
)
NOT_ENDING: Final = define(
    "event_end_not_requested",
    409,
    "尚未申请终结,或申请已被退回",
    "Nobody has asked to end it, or not again",
)
SECOND_PERSON: Final = define(
    "event_second_person",
    409,
    "须由申请终结之外的另一账号批准",
    "Somebody else than who asked for the end must decide on it",
)
LIMIT_IN_USE: Final = define(
    "event_limit_in_use",
    409,
    "该时限在该生效日已有不同内容",
    "Another limit begins on that day",
)
LIMIT_IN_PAST: Final = define(
    "event_limit_in_past",
    422,
    "时限只能自今天或以后生效,已起算的不变",
    "A limit begins today or later; clocks that run keep theirs",
)
WARNS_TOO_LATE: Final = define(
    "event_limit_warns_too_late", 422, "预警必须早于时限", "A warning comes before its limit"
)
