"""What can be wrong with an export."""

from typing import Final

from shared.errors import define

NOTHING_TO_DISCLOSE: Final = define(
    "nothing_to_disclose", 422, "该列表不提供明文,请去掉 disclosure", "This list is shown masked only"
)
LIST_UNKNOWN: Final = define(
    "list_unknown",
    422,
    "没有这个列表,可导出的列表见 GET /v1/exports",
    "There is no such list: GET /v1/exports names them",
)
CONDITION_MISSING: Final = define(
    "condition_missing",
    422,
    "该列表须在 where 中写明此条件,见 GET /v1/exports",
    "The list needs this condition in `where`: see GET /v1/exports",
)
FILTER_UNKNOWN: Final = define(
    "filter_unknown",
    422,
    "该列表没有这个条件,见 GET /v1/exports",
    "The list has no such condition: see GET /v1/exports",
)
EXPORT_TOO_LARGE: Final = define(
    "export_too_large",
    422,
    "超过 {limit} 行,请按单位、镇街或主管部门分别导出",
    "More than {limit} rows: take it out by unit, township or department",
)
