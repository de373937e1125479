"""What can be wrong with a step."""

from typing import Final

from registry.gaps import rules
from shared.errors import define

GAP_CLOSED: Final = define(rules.GAP_CLOSED, 409, "该差异已办结", "This gap is closed")
GAP_NOT_RECEIVED: Final = define(
    rules.GAP_NOT_RECEIVED, 409, "尚未签收,请先签收", "Receipt was not confirmed yet; confirm it first"
)
GAP_NOT_ANSWERED: Final = define(
    rules.GAP_NOT_ANSWERED,
    409,
    "责任单位尚未反馈,不能办结或退回",
    "There is no answer yet to close or to return",
)
SECOND_PERSON: Final = define(
    rules.SECOND_PERSON, 409, "办结须由反馈人以外的人员进行", "Closing needs somebody other than who answered"
)
BODY_NEEDED: Final = define(
    "body_needed",
    422,
    "须写明代表镇街还是主管部门",
    "Say whether this is the township's or the department's step",
)
BODY_NOT_YOURS: Final = define(
    "body_not_yours", 422, "不得代其他责任单位操作", "This step is another body's to take"
)
REASON_NEEDED: Final = define("reason_needed", 422, "办结须写明原因", "Closing needs a reason")
NOTE_NEEDED: Final = define("note_needed", 422, "须写明情况", "Say what was found")
PLACE_NEEDED: Final = define(
    "assignment_needed", 422, "须写明移交的主管部门或镇街", "Name the department or the township"
)
NOT_A_DEPARTMENT: Final = define(
    "not_a_department", 422, "该代码是镇街,不是主管部门", "The code is a township, not a department"
)
