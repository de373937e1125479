"""What can be wrong with an export."""

from typing import Final

from shared.errors import define

NOTHING_TO_DISCLOSE: Final = define(
    "nothing_to_disclose", 422, "该列表不提供明文,请去掉 disclosure", "This list is shown masked only"
)
EXPORT_TOO_LARGE: Final = define(
    "export_too_large",
    422,
    "超过 {limit} 行,请按单位、镇街或主管部门分别导出",
    "More than {limit} rows: take it out by unit, township or department",
)
