"""Why a referral cannot be opened or moved on."""

from typing import Final

from shared.errors import define

NOT_A_FEVER_CLINIC: Final = define(
    "not_a_fever_clinic",
    422,
    "该机构不是规范设置的发热门诊,不得接诊",
    "This institution is no fever clinic up to standard and may not take fever patients",
)
SAME_INSTITUTION: Final = define(
    "referred_to_itself", 422, "接收机构不能是报告机构本身", "An institution cannot refer a patient to itself"
)
REFERRAL_OVER: Final = define("referral_over", 409, "该转诊已办结或已撤销", "This referral has ended")
ALREADY_ARRIVED: Final = define(
    "referral_arrived", 409, "该患者已登记到达", "The arrival of this patient is recorded already"
)
DUE_BEFORE_REPORT: Final = define(
    "referral_due_early", 422, "到达期限不晚于报告时间", "The deadline is not after the report"
)
REFERRED_OTHERWISE: Final = define(
    "referral_running",
    409,
    "该机构对此人的转诊正在跟踪,且内容不同;请登记随访或改变接收机构",
    "This institution's referral of the person is being followed, with other content: add to that one",
)
