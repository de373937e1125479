"""What can be wrong with an event, or stand in the way of a release."""

from typing import Final

from shared.errors import define

NO_RULE_FOR_EVENT: Final = define(
    "no_rule_for_event", 422, "当天没有规则规定该事件", "No rule of that day is about this kind of event"
)
EVENT_AMBIGUOUS: Final = define(
    "event_category_needed",
    422,
    "多个类别规定了该事件,请写明类别编码",
    "Several categories have a rule about this event: name one",
)
UNKNOWN_VARIANT: Final = define(
    "unknown_variant", 422, "规则没有该情形", "The rule knows no such variant of the event"
)
TOO_FAR_AHEAD: Final = define(
    "event_too_far_ahead", 422, "事件时间过于遥远", "The event lies too far in the future"
)
EVENT_IN_USE: Final = define(
    "event_in_use", 409, "该时间已登记同类事件且内容不同", "This event stands with other content"
)
EVENT_OVER: Final = define("event_over", 409, "该事件已取消或已解除", "The event is over")
NOT_ISOLATED: Final = define(
    "not_isolated", 409, "该事件没有隔离,不需要解除", "The event isolates nobody: there is no release"
)
RELEASE_BLOCKED: Final = define("release_blocked", 409, "尚不能解除隔离", "The release is still blocked")
STEP_NOT_DONE: Final = define(
    "step_not_done", 409, "该次检测尚无阴性结果", "This test has no negative result yet"
)
ISOLATION_NOT_OVER: Final = define(
    "isolation_not_over", 409, "隔离期未满", "The days of isolation are not over"
)
NOT_NEGATIVE: Final = define(
    "not_negative", 409, "阳性或待复核,尚未排除", "Positive or under re-check, and not settled"
)
