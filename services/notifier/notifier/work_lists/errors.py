"""What can be wrong with a work list, or with a step on one of its items."""

from typing import Final

from notifier.work_lists import deadlines, naming, planning, rules
from shared.errors import define

WORK_LIST_REFUSED: Final = define(
    "work_list_refused", 422, "清单有误,未导入,见 errors", "The list has faults and was not taken: see errors"
)
WORK_LIST_EXISTS: Final = define(
    "work_list_exists",
    409,
    "同一标题和印发日期的清单已有,内容不同",
    "A list of this title and day is known with other content",
)
LIST_HEAD_NEEDED: Final = define(
    "list_head_needed",
    422,
    "表格须以查询参数写明 title 和 issued_on",
    "A sheet needs its title and its day of issue as parameters",
)
BODY_UNKNOWN: Final = define(
    naming.UNKNOWN,
    422,
    "没有该名称或代码的部门、镇街;可先登记其名称",
    "No department or township has this name or code; a name may be set to one first",
)
BODY_AMBIGUOUS: Final = define(
    naming.AMBIGUOUS,
    422,
    "有多个部门、镇街使用该名称,请填写代码",
    "Several departments or townships have this name: use the code",
)
BODY_REPEATED: Final = define(
    planning.REPEATED, 422, "该单位在本项中重复", "This body is named twice in the item"
)
DEADLINE_UNREADABLE: Final = define(
    deadlines.UNREADABLE,
    422,
    "完成时限无法识别;可写成 2021年1月10日、2020年12月底、持续推进",
    "The deadline cannot be read: write a day such as 2021-01-10, or a word that says that it goes on",
)
DEADLINE_BEFORE_ISSUE: Final = define(
    deadlines.BEFORE_ISSUE,
    422,
    "完成时限早于清单印发日期",
    "The deadline lies before the day on which the list was issued",
)
MEANING_ONE: Final = define(
    "name_meaning_one",
    422,
    "名称须对应代码或全部(everyone)之一,不可都填或都不填",
    "A name means some codes or everyone of a level: one of the two",
)
ITEM_DONE: Final = define(rules.ITEM_DONE, 409, "该事项已办结", "This item is done")
NOT_REPORTED: Final = define(
    rules.NOT_REPORTED, 409, "牵头单位尚未报告完成", "Its lead has not reported it done yet"
)
LEAD_ONLY: Final = define(
    rules.LEAD_ONLY,
    409,
    "须由牵头单位报告完成或申请延期",
    "Only its lead reports it done or asks for more time",
)
ITEM_PARTS_OPEN: Final = define(
    rules.ITEM_PARTS_OPEN, 409, "各单位的分项尚未全部办结", "Not all of its parts are done"
)
ITEM_IN_PARTS: Final = define(
    "item_in_parts",
    409,
    "该事项由多个单位牵头,请在各单位的分项上办理",
    "Several bodies lead this item: each reports on its own part",
)
SECOND_PERSON: Final = define(
    rules.SECOND_PERSON,
    409,
    "须由报告人、申请人以外的账号办理",
    "This needs another client than reported or asked",
)
NO_DEADLINE: Final = define(
    rules.NO_DEADLINE, 409, "持续推进事项没有完成时限", "An ongoing item has no deadline"
)
NOT_LATER: Final = define(
    rules.NOT_LATER,
    422,
    "新时限须晚于原时限,且不早于今天",
    "The new deadline must be later than the old one and not past",
)
NOT_ASKED: Final = define(rules.NOT_ASKED, 409, "没有待批的延期申请", "No extension is waiting to be decided")
ASKED_ALREADY: Final = define(
    rules.ASKED_ALREADY, 409, "已有待批的延期申请", "An extension is waiting to be decided already"
)
