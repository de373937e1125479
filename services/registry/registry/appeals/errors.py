"""Why an appeal or a step of one is refused."""

from typing import Final

from shared.errors import define

CLAIM_OBJECT: Final = define(
    "appeal_object_needed",
    422,
    "申诉对象与申诉事项不符:结果类须写明人员和结果,问题类只写问题编号",
    "The appeal does not name what its claim is about",
)
UNKNOWN_OBJECT: Final = define(
    "appeal_object_unknown", 422, "没有所申诉的结果或问题", "There is no such result or finding"
)
SECOND_PERSON: Final = define(
    "appeal_second_person",
    409,
    "须由申诉、举证、录入之外的另一账号决定",
    "Somebody must decide who has neither brought the matter nor entered what is disputed",
)
APPEAL_ENDED: Final = define(
    "appeal_decided", 409, "申诉已作出决定或已结束", "The appeal is decided or has ended"
)
NOT_THE_OPENER: Final = define(
    "appeal_not_yours",
    409,
    "只能由提出申诉的账号撤回",
    "Only the client that opened an appeal may withdraw it",
)
REMEDY: Final = define(
    "appeal_remedy",
    422,
    "支持申诉时须给出与事项相符的一项更正办法,其余情况不得填写",
    "Upholding needs the one remedy that fits the claim, and nothing else takes any",
)
