"""What can be wrong with a sheet, its header or a cell. The hint says how to put it right."""

from typing import Final

from shared.errors import define

SHEET_EMPTY: Final = define("sheet_empty", 422, "表格没有数据行", "The sheet has no rows of data")
SHEET_ENCRYPTED: Final = define(
    "sheet_encrypted",
    422,
    "文件已加密,请在 Excel 中取消密码后重新保存",
    "The file is encrypted: save it without a password",
)
SHEET_OLD_FORMAT: Final = define(
    "sheet_old_format",
    415,
    "不支持旧版 .xls,请另存为 .xlsx 或 CSV",
    "The old .xls format is not read: save it as .xlsx or CSV",
)
SHEET_DAMAGED: Final = define(
    "sheet_damaged",
    422,
    "文件损坏或不是 .xlsx 工作簿,请重新保存",
    "The file is damaged or no .xlsx workbook: save it again",
)
SHEET_UNSAFE: Final = define(
    "sheet_unsafe",
    422,
    "文件含有不允许的内容(文档类型声明或外部实体)",
    "The file holds a document type or entity, which is not allowed",
)
SHEET_TOO_COMPLEX: Final = define(
    "sheet_too_complex",
    413,
    "读取该文件需要过多内存或时间,请拆分后上传",
    "Reading this file takes too much memory or time: send it in parts",
)
TOO_MANY_COLUMNS: Final = define("too_many_columns", 413, "列数超过上限 {limit}", "More than {limit} columns")
TOO_MANY_CELLS: Final = define("too_many_cells", 413, "单元格数超过上限 {limit}", "More than {limit} cells")
CSV_MALFORMED: Final = define(
    "csv_malformed",
    422,
    "CSV 引号或单元格不完整,请用 Excel 另存为 CSV",
    "A quote or a cell of the CSV is not closed: save it as CSV again",
)
ENCODING_WRONG: Final = define(
    "encoding_wrong",
    422,
    "文件不是所声明的编码(charset)",
    "The file is not in the charset that was declared",
)
ENCODING_UNDECLARED: Final = define(
    "encoding_undeclared",
    422,
    "文件不是 UTF-8;请另存为 UTF-8,或在 Content-Type 中声明 charset=gb18030",
    "The file is not UTF-8: save it as UTF-8, or declare charset=gb18030 in Content-Type",
)
HEADER_WRONG: Final = define(
    "header_wrong", 422, "表头不符合要求,见 errors", "The header does not meet the rules: see errors"
)
HEADER_MERGED: Final = define(
    "header_merged",
    422,
    "表头含有合并单元格;请取消合并,第一行只保留列名",
    "Cells of the header are merged: split them, and keep only column names in the first row",
)
HEADER_DUPLICATE: Final = define(
    "header_duplicate", 422, "有两列是同一项,请删去一列", "Two columns are the same field: remove one"
)
HEADER_UNKNOWN: Final = define(
    "header_unknown",
    422,
    "列名无法识别;请改用模板的列名,或用列映射指定或忽略该列",
    "The column's name is not known: use the template's, or map or ignore it by a saved mapping",
)
COLUMN_MISSING: Final = define("column_missing", 422, "缺少必需的列", "A required column is missing")
MAPPING_UNKNOWN: Final = define(
    "mapping_unknown", 422, "没有该名称的列映射", "There is no column mapping of this name"
)
ROW_RAGGED: Final = define(
    "row_ragged",
    422,
    "该行的列数与表头不同,可能错位",
    "The row has another number of cells than the header: its cells may be shifted",
)
NUMBER_DAMAGED: Final = define(
    "number_damaged",
    422,
    "号码已被 Excel 改成科学计数或末位变 0,无法恢复;请先将该列设为“文本”,再重新录入原号码",
    "Excel has changed this number (exponent, or zeros after the 15th digit) and it cannot be restored: "
    "set the column to Text first, then enter the number again",
)
NUMBER_FOR_TEXT: Final = define(
    "number_for_text",
    422,
    "该单元格被存为数字,可能已丢失前导零;请将该列设为“文本”后重新录入",
    "The cell is kept as a number and may have lost leading zeros: set the column to Text and enter it again",
)
DAY_FOR_TEXT: Final = define(
    "day_for_text",
    422,
    "该单元格被 Excel 改成了日期;请将该列设为“文本”后重新录入",
    "Excel has turned this cell into a date: set the column to Text and enter it again",
)
DAY_AS_NUMBER: Final = define(
    "day_as_number",
    422,
    "日期被存为数字;请将该列设为日期格式,或写成 2026-01-05",
    "The day is kept as a number: give the column a date format, or write 2026-01-05",
)
MOMENT_WITHOUT_TIME: Final = define(
    "moment_without_time",
    422,
    "只有日期,没有时刻;请写成 2026-01-05 08:30:00(零点整也请写成文本)",
    "A day without a time of day: write 2026-01-05 08:30:00 (midnight as text too)",
)
OFFSET_ASSUMED: Final = define(
    "offset_assumed",
    422,
    "有的时间未写时区,按北京时间(+08:00)读取",
    "Some times bear no offset: they were read as Beijing time (+08:00)",
)
CELL_FAILED: Final = define(
    "cell_failed",
    422,
    "该单元格的公式出错或引用了失效内容;请改为实际内容",
    "The cell's formula has failed: put in the content itself",
)
REPEATED_IN_SHEET: Final = define(
    "repeated_in_sheet",
    422,
    "表内有另一行使用同一代码而内容不同,这些行均未处理",
    "Another row of the sheet has this code with other content: none of them is taken",
)
TWO_PEOPLE_ONE_NUMBER: Final = define(
    "two_people_one_number",
    422,
    "表内有两个不同姓名使用同一证件号码,这些行均未处理",
    "Two names in the sheet have this document number: none of these rows is taken",
)
TWO_PEOPLE_ONE_CODE: Final = define(
    "two_people_one_code",
    422,
    "表内有两个人使用同一健康码标识,这些行均未处理",
    "Two people in the sheet have this health-code id: none of these rows is taken",
)
