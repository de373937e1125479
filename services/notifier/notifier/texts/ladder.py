"""The texts of the ladder: bulletins, what they owe, and who has kept silent."""

from typing import Final

from notifier.texts.text import Text

_KINDS_ZH: Final = (
    "{% for k in kinds %}{{ {'frequency': '不按频次检测', 'coverage': '应检人员不全'}[k] }}"
    "{{ '、' if not loop.last }}{% endfor %}"
)
_KINDS_EN: Final = "{{ kinds | join(' and ') }}"

LADDER: Final[dict[str, Text]] = {
    "bulletin.unit": Text(
        "{{ number }} 关于{{ unit }}未落实应检尽检要求的通报。经核查,该单位在 {{ first }} 至 {{ last }} "
        "一周内" + _KINDS_ZH + ":"
        "{% if people %}涉及 {{ people }} 人{% endif %}{% if people and shares %},{% endif %}"
        "{% if shares %}{{ shares }} 个编码组抽检率或每月覆盖不足{% endif %}。"
        "系本轮第 {{ level }} 次通报{% if earlier %}(此前:{{ earlier | join('、') }}){% endif %}。"
        "请主管行业部门督促整改,属地镇街同步跟进,并签收。",
        "{{ number }} Bulletin on {{ unit }}. In the week {{ first }} to {{ last }} it was in breach of "
        + _KINDS_EN
        + ": {{ people }} people, {{ shares }} groups short of their share. Bulletin {{ level }} of this case"
        "{% if earlier %} (before: {{ earlier | join(', ') }}){% endif %}. The sector department has it put "
        "right, the township follows up; acknowledge receipt.",
    ),
    "task.written_report": Text(
        "【书面报告】就通报 {{ number }}({{ unit }}),请主管行业部门于 {{ due }} 前向指挥部做出书面报告。",
        "[Written report] On bulletin {{ number }} ({{ unit }}) the sector department reports in writing to "
        "headquarters by {{ due }}.",
    ),
    "task.interview": Text(
        "【约谈】{{ unit }}已通报 {{ level }} 次(最近:{{ number }}),请于 {{ due }} 前完成对"
        "{{ department }}主要负责同志{% if head %}({{ head }}){% endif %}的约谈,并登记。",
        "[Interview] {{ unit }} has had {{ level }} bulletins (the latest {{ number }}). The head of "
        "{{ department }}{% if head %} ({{ head }}){% endif %} is to be interviewed by {{ due }}; record it.",
    ),
    "report.upward": Text(
        "【呈报】{{ unit }}(主管部门:{{ department }})约谈后仍不按规定执行:{{ first }} 至 {{ last }} 一周再次"
        + _KINDS_ZH
        + ",通报 {{ number }},累计 {{ level }} 次。现呈报主要负责同志。",
        "[Report upward] {{ unit }} (department: {{ department }}) goes on after the interview: in the week "
        "{{ first }} to {{ last }} again "
        + _KINDS_EN
        + ", bulletin {{ number }}, the {{ level }}th. Reported to the leaders.",
    ),
    "report.missing.ladder": Text(
        "【逾期未办】{{ department }}应于 {{ due }} 前就通报 {{ number }}({{ unit }})"
        "{{ {'task.written_report': '提交书面报告', 'task.interview': '完成约谈'}[owed] }},"
        "经催办 {{ chases }} 次仍未完成,请指挥部督办。",
        "[Overdue] {{ department }} owed "
        "{{ {'task.written_report': 'a written report', 'task.interview': 'an interview'}[owed] }} on "
        "bulletin {{ number }} ({{ unit }}) by {{ due }} and was chased {{ chases }} times.",
    ),
    "ladder.done": Text("【{{ on }} 已办结】", "[Done on {{ on }}]"),
}
