"""Why a step on a problem is refused."""

from typing import Final

from notifier.problems import rules
from shared.errors import define

PROBLEM_CLOSED: Final = define(rules.PROBLEM_CLOSED, 409, "该问题已销号", "This problem is closed")
NO_PROOF: Final = define(
    rules.NO_PROOF, 409, "尚未提交整改证明", "No evidence of the repair has been handed in"
)
NOT_RECHECKED: Final = define(
    rules.NOT_RECHECKED, 409, "尚未复查,不能销号", "It has not been checked again yet"
)
SECOND_PERSON: Final = define(
    rules.SECOND_PERSON,
    409,
    "须由提交证明或提出申请以外的另一账号进行",
    "Another client must do this than the one that gave evidence or asked",
)
IN_HAND: Final = define(
    rules.IN_HAND, 409, "已复查通过,等待销号", "It was found repaired, and waits to be closed"
)
NOTHING_ASKED: Final = define(
    rules.NOTHING_ASKED, 409, "没有待批的延期申请", "No extension has been asked for"
)
STILL_STOPPED: Final = define(
    rules.STILL_STOPPED, 409, "停业整改尚未验收,不能销号", "The target is stopped until it is accepted"
)
NOT_STOPPED: Final = define(rules.NOT_STOPPED, 409, "没有待验收的停业整改", "Nothing is stopped that waits")
STOPPED_ALREADY: Final = define(rules.STOPPED_ALREADY, 409, "已责令停业整改", "It is stopped already")
NOT_LISTED: Final = define(rules.NOT_LISTED, 409, "该问题未挂牌督办", "The problem is not listed")
DAY_IN_PAST: Final = define(rules.DAY_IN_PAST, 422, "期限早于今天", "The deadline lies in the past")
DAY_NOT_LATER: Final = define(
    rules.DAY_NOT_LATER, 422, "延期后的期限须晚于现有期限", "An extension must end later than the deadline"
)
FIELD_NEEDED: Final = define("step_field_needed", 422, "该步骤须填写此项", "This step needs the field")
FIELD_NEEDLESS: Final = define(
    "step_field_needless", 422, "该步骤不得填写此项", "This step does not take the field"
)
