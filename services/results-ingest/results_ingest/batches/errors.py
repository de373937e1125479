"""The codes that only batches have."""

from shared.errors import define

LINE_NOT_JSON = define("line_not_json", 400, "第 {line} 行不是严格的 JSON", "Line {line} is not strict JSON")
BATCH_CONFLICT = define(
    "batch_conflict",
    409,
    "该批次号已用于另一批内容,请换用新的批次号",
    "This batch number was used for other rows; use a new one",
)
NOT_A_SHEET = define(
    "not_a_sheet",
    404,
    "该批次不是以表格上传,或表格已过保存期",
    "This batch did not come as a sheet, or the sheet is no longer kept",
)
BATCH_REFUSED = define(
    "batch_refused",
    422,
    "整批拒收:有 {rejected} 行不合格(mode=all_or_nothing),未保存任何内容",
    "The whole batch is refused: {rejected} rows are bad (mode=all_or_nothing); nothing was kept",
)

define(
    "identifier_missing",
    422,
    "缺少标识:须有 tube_code、health_code_id,或 id_type 与 id_no",
    "No identifier: give tube_code, health_code_id, or id_type with id_no",
)
define(
    "batch_no_beside",
    422,
    "表格本身没有批号,须写在查询参数 batch_no 中",
    "A sheet has no number of its own: it stands in the query parameter batch_no",
)
define("tested_before_collected", 422, "检测时间早于采样时间", "Tested before it was collected")
define(
    "conflicting_outcome",
    422,
    "同一样本在本批或早前批次中有不同结果;如为更正,请填 corrects",
    "The same sample has another outcome, in this batch or an earlier one; a correction says `corrects`",
)
define(
    "corrects_not_found",
    422,
    "被更正的结果不存在,或不是本机构已接收的结果",
    "The corrected result does not exist or is not an accepted result of this laboratory",
)
define(
    "corrects_malformed",
    422,
    "请给出 result_id,或 batch_no 与 row,二者择一",
    "Give either result_id, or batch_no with row",
)
define("too_deep", 422, "嵌套层数过多", "Nested too deeply")
define(
    "duplicate_row",
    422,
    "与已接收的一行相同,不重复计入",
    "Equal to a row that was already accepted; it has no further effect",
)
define(
    "collected_at_assumed",
    422,
    "缺少采样时间:在试管绑定给出之前,以检测时间代替",
    "No time of sampling: the time of testing stands in for it unless a tube's binding gives it",
)
define(
    "batch_no_used",
    422,
    "该批次号已被使用,正式上报时将返回首次回执或 409",
    "This batch number is in use: a real post would get the first receipt or 409",
)
