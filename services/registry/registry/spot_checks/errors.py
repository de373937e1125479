"""What can be wrong with a spot check."""

from typing import Final

from shared.errors import define

IDENTITY_NEEDED: Final = define(
    "identity_needed",
    422,
    "须填写证件类型和号码,或健康码标识,且只填一种",
    "Give either the document's type and number or the health-code id",
)
PERSON_TWICE: Final = define(
    "person_twice", 422, "同一人在名单中重复出现", "The same person stands in the list twice"
)
CHECK_NO_IN_USE: Final = define(
    "check_no_in_use",
    409,
    "该单位已有同编号、内容不同的抽查",
    "A spot check of this unit stands under this number with other content",
)
ROW_UNKNOWN: Final = define(
    "spot_row_unknown", 422, "名单中没有这一行", "The list of the spot check has no such row"
)
NAME_NEEDED: Final = define(
    "name_needed", 422, "登记新人员须填写姓名", "A name is needed to register somebody new"
)
NUMBER_NEEDED: Final = define(
    "id_no_needed",
    422,
    "仅有健康码标识的未登记人员,须先按证件登记",
    "Known by a health-code id alone: register the person by a document first",
)
