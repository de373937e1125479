"""Why a step on a case is refused."""

from typing import Final

from shared.errors import define

OUT_OF_ORDER: Final = define(
    "case_step_out_of_order",
    409,
    "本案当前不接受该步骤:没有待交的书面报告、待办的约谈,或尚未登记整改",
    "The case does not take this step now: no such report or interview is owed, or nothing was rectified",
)
STILL_OWED: Final = define(
    "case_step_owed",
    409,
    "书面报告或约谈尚未完成,不能办结",
    "A written report or an interview is still owed: the case cannot be closed",
)
CASE_CLOSED: Final = define("case_closed", 409, "本案已办结", "The case is closed")
SECOND_PERSON: Final = define(
    "case_second_person",
    409,
    "须由登记或申请之外的另一账号办理",
    "Another client than the one that recorded or asked for it must do this",
)
BEFORE_CASE: Final = define(
    "case_step_before_case",
    422,
    "步骤时间早于立案或所办事项",
    "The step is dated before the case, or before what it answers",
)
NOT_FOR_TOWNSHIP: Final = define(
    "case_step_not_for_township",
    403,
    "书面报告、约谈和延期由主管部门办理,镇街不能代为登记",
    "Reports, interviews and extensions are the department's: a township cannot record them",
)
NOTHING_DUE: Final = define(
    "case_nothing_due", 409, "没有可以延期的事项", "Nothing is owed whose deadline could be extended"
)
EXTENSION_DAY: Final = define(
    "case_extension_day",
    422,
    "延期日期须晚于原期限和今天,且不超过允许的最长天数",
    "The new day must be later than the deadline and today, and within the longest extension",
)
EXTENSION_ASKED: Final = define(
    "case_extension_asked", 409, "已有一项延期申请待决定", "An extension is asked for already"
)
EXTENSION_DECIDED: Final = define(
    "case_extension_decided", 409, "延期申请已作出其他决定", "The extension was decided otherwise"
)
HANDED_OVER: Final = define(
    "case_handed_over", 409, "本案已登记移交", "The case has been handed over already"
)
EVIDENCE_UNFIT: Final = define(
    "case_evidence_unfit",
    422,
    "证据材料须为文字、列表或对象,不超过 10,000 字,且不含控制字符",
    "Evidence is a text, a list or an object of at most 10,000 characters, none of them a control",
)
