"""What can be wrong with a step on an answer."""

from typing import Final

from notifier.feedback import rules
from shared.errors import define

NOT_ANSWERED: Final = define(
    rules.NOT_ANSWERED,
    409,
    "尚未反馈,不能办结或退回",
    "There is no answer yet to close or to return",
)
ANSWER_CLOSED: Final = define(
    rules.ANSWER_CLOSED, 409, "该事项已办结,如需补充请先退回", "This is closed; it must be re-opened first"
)
SECOND_PERSON: Final = define(
    rules.SECOND_PERSON,
    409,
    "办结须由反馈人以外的人员进行",
    "Closing needs somebody other than who answered",
)
REFUSALS: Final = {message.code: message for message in (NOT_ANSWERED, ANSWER_CLOSED, SECOND_PERSON)}
