"""What can be wrong with an import as a whole, or with a column mapping."""

from typing import Final

from shared.errors import define

KIND_UNKNOWN: Final = define("kind_unknown", 422, "没有这种表格", "There is no sheet of this kind")
IMPORT_UNDER_WAY: Final = define(
    "import_under_way", 409, "导入尚未完成,请稍后再取", "The import is still under way: ask again later"
)
EXISTING_NOT_OFFERED: Final = define(
    "existing_not_offered",
    422,
    "该种表格不能选择这种方式处理已有内容",
    "This kind of sheet does not offer that choice for what stands already",
)
