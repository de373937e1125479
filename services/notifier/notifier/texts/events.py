"""The texts of suspected cases: that there is one, and what is nearly due or overdue of it."""

from typing import Final

from notifier.texts.text import Text

_END_ZH: Final = "(事件 {{ event }},自 {{ starts }} 起算,应于 {{ due }} 前完成)"
_END_EN: Final = " (event {{ event }}, counted from {{ starts }}, due by {{ due }})"

EVENTS: Final[dict[str, Text]] = {
    "event.recorded": Text(
        "【疑似病例】{{ starts }} 登记疑似病例(事件 {{ event }})。"
        "请按规定时限通过传染病监测系统上报并登记报告编号,同时启动流调溯源,请立即签收。",
        "[Suspected case] Recorded at {{ starts }} (event {{ event }}). Report it to the national system "
        "within the limit, enter the number of the report, begin tracing, and acknowledge now.",
    ),
    "event.national_report.warning": Text(
        "【网络直报预警】疑似病例尚未登记网络直报编号" + _END_ZH + "。请立即上报并签收。",
        "[National report due] No number of the national report yet" + _END_EN + ". Report now.",
    ),
    "event.national_report.breach": Text(
        "【网络直报超时】疑似病例超过时限未登记网络直报编号" + _END_ZH + "。请立即上报、说明原因并签收。",
        "[National report late] No number of the national report in time"
        + _END_EN
        + ". Report now, say why.",
    ),
    "event.tracing.warning": Text(
        "【流调溯源预警】流调溯源尚未办结" + _END_ZH + "。请抓紧完成并签收。",
        "[Tracing due] Tracing is not closed yet" + _END_EN + ".",
    ),
    "event.tracing.breach": Text(
        "【流调溯源超时】流调溯源超过时限未办结" + _END_ZH + "。请立即说明原因并签收。",
        "[Tracing late] Tracing was not closed in time" + _END_EN + ". Say why now.",
    ),
    "roster.gap": Text(
        "【值班空班】{{ day }} 以下时段无人值班:{% for gap in gaps %}"
        "{{ gap.name }} {{ gap.from }} 至 {{ gap.to }}{{ ';' if not loop.last }}{% endfor %}。"
        "请立即补排值班员和带班领导。",
        "[Duty roster] Nobody is on duty on {{ day }}: {% for gap in gaps %}{{ gap.name }} {{ gap.from }} to "
        "{{ gap.to }}{{ '; ' if not loop.last }}{% endfor %}. Enter who is on call and who leads.",
    ),
}
