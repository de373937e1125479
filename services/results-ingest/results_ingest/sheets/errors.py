"""What can be wrong with a sheet of results, or with what a laboratory saved for its sheets."""

from typing import Final

from shared.errors import define

WORDS_UNUSED: Final = define(
    "words_unused", 422, "该列不是选项列,不能设置用词", "This column has no choices to put words to"
)
REVIEWED_OTHERWISE: Final = define(
    "reviewed_otherwise",
    422,
    "复核结果与检测结果不一致;请将最终结果填入检测结果,或清空复核结果",
    "The review says another outcome than the test: put the final one into the result, or clear the review",
)
TOO_MANY_MAPPINGS: Final = define(
    "too_many_mappings", 422, "保存的列映射过多,请删去不用的", "Too many mappings: delete those not in use"
)
