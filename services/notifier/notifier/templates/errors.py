"""What can be wrong with a version of a text. `errors[]`: `row` is the line, `row_ref` the variable."""

from shared.errors import define

REFUSED = define(
    "template_refused",
    422,
    "模板不能使用:{field} 第 {line} 行 {name};逐项原因见 errors(row 为行号,row_ref 为变量)",
    "The template cannot be used: {field}, line {line}, {name}; why: `errors` (row: line, row_ref: variable)",
)
define(
    "template_syntax",
    422,
    "模板语法错误或嵌套过深",
    "The template's syntax is wrong, or it is nested too deeply",
)
define(
    "template_loops",
    422,
    "只能对事实中的列表循环一层,不得嵌套、递归,不得用 range",
    "One loop over a list of the facts is allowed: none inside another, none that calls itself, no range",
)
define(
    "template_reaches",
    422,
    "不得访问属性,列表中每一条自己的字段除外",
    "No attribute may be reached for but the fields of a listed entry",
)
define("template_not_allowed", 422, "模板中不允许这一写法", "This is not allowed in a template")
define("template_variable_unknown", 422, "没有这个变量", "There is no such variable")
define(
    "template_fails",
    422,
    "按示例数据无法生成",
    "It cannot be rendered from the sample facts, or from those given",
)
define("template_renders_too_long", 422, "生成的文字过长", "What it renders to is too long")
define("template_says_nothing", 422, "生成的文字为空", "What it renders to is empty")
define(
    "template_message_variable",
    422,
    "对外短信不含变量:短信只说有通知,不说内容",
    "A message that leaves the house has no variable: it says that there is a notice, not what it says",
)
define(
    "template_message_result", 422, "对外短信不得含检测结果", "A message that leaves the house says no result"
)
define(
    "template_message_number", 422, "对外短信不得含数字", "A message that leaves the house holds no number"
)
define(
    "template_variable_unsaid",
    422,
    "原文所述的这个变量在此未出现",
    "The shipped text says this variable and this one does not",
)
SECOND_PERSON = define(
    "template_second_person",
    409,
    "须由保存者以外的人员批准",
    "It is approved by somebody other than who saved it",
)
BACKDATED = define(
    "template_backdated",
    422,
    "生效日不得早于今天:已签发的通知不改写",
    "It cannot begin before today: what was issued is not reworded",
)
