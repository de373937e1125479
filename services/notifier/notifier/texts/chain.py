"""The texts of the chain 采送检报: samples that ran out of time."""

from typing import Final

from notifier.texts.text import Text

# How many of them are done by now, which ones are the worst, and what is to be done.
_CLOCKS_ZH: Final = (
    "{% if open < total %}(其中已完成 {{ total - open - explained }} 份,"
    "补报后认定按时 {{ explained }} 份){% endif %}"
    ":{{ codes | join('、') }}{% if total > codes | length %}等{% endif %}。请立即处理并反馈原因。"
)
_CLOCKS_EN: Final = (
    "{% if open < total %} ({{ total - open - explained }} done since, {{ explained }} in time after all)"
    "{% endif %}: {{ codes | join(', ') }}{% if total > codes | length %} and others{% endif %}. See to them "
    "now and say why."
)

CHAIN: Final[dict[str, Text]] = {
    "clock.digest": Text(
        "【各环节用时】{{ day }} 最慢的:{% for each in worst %}"
        "{{ {'sampling': '采样封包', 'delivery': '送样', 'testing': '检测', 'entry': '录入'}[each.stage] }} "
        "{{ each.code }}(九成在 {{ each.p90 }} 分钟内){{ ';' if not loop.last }}{% endfor %}。"
        "请查明原因并反馈。",
        "[Stages] The slowest of {{ day }}: {% for each in worst %}{{ each.stage }} {{ each.code }} (nine "
        "tenths within {{ each.p90 }} minutes){{ '; ' if not loop.last }}{% endfor %}. Say why.",
    ),
    "clock.sampling.breach": Text(
        "【采样超时】应采样本 {{ total }} 份超过时限未采,最长超时 {{ worst }} 分钟" + _CLOCKS_ZH,
        "[Sampling late] {{ total }} ordered samples were not taken in time, the worst {{ worst }} minutes "
        "late" + _CLOCKS_EN,
    ),
    "clock.sampling.warning": Text(
        "【采样预警】应采样本 {{ total }} 份临近时限,请立即采样:{{ codes | join('、') }}。",
        "[Sampling due] {{ total }} ordered samples are nearly due: {{ codes | join(', ') }}.",
    ),
    "clock.handover.breach": Text(
        "【送样超时】采样点 {{ body }} 有 {{ total }} 份样本超过时限未交送样人员,最长超时 {{ worst }} 分钟"
        + _CLOCKS_ZH,
        "[Handover late] Site {{ body }}: {{ total }} samples were not handed to the courier in time, the "
        "worst {{ worst }} minutes late" + _CLOCKS_EN,
    ),
    "clock.handover.warning": Text(
        "【送样预警】采样点 {{ body }} 有 {{ total }} 份样本临近交接时限:{{ codes | join('、') }}。",
        "[Handover due] Site {{ body }}: {{ total }} samples are nearly due for the courier: "
        "{{ codes | join(', ') }}.",
    ),
    "clock.delivery.breach": Text(
        "【送达超时】{{ body }} 有 {{ total }} 份样本超过时限未送达检测机构,最长超时 {{ worst }} 分钟"
        + _CLOCKS_ZH,
        "[Delivery late] {{ body }}: {{ total }} samples did not reach their laboratory in time, the worst "
        "{{ worst }} minutes late" + _CLOCKS_EN,
    ),
    "clock.delivery.warning": Text(
        "【送达预警】{{ body }} 有 {{ total }} 份样本临近送达时限:{{ codes | join('、') }}。",
        "[Delivery due] {{ body }}: {{ total }} samples are nearly due at their laboratory: "
        "{{ codes | join(', ') }}.",
    ),
    "clock.result.breach": Text(
        "【检测超时】{{ body }} 有 {{ total }} 份样本超过时限未出结果,最长超时 {{ worst }} 分钟" + _CLOCKS_ZH,
        "[Results late] {{ body }}: {{ total }} samples had no result in time, the worst {{ worst }} minutes "
        "late" + _CLOCKS_EN,
    ),
    "clock.recheck.breach": Text(
        "【复核超时】混采阳性或可疑管的成员有 {{ total }} 人次超过时限未出单采复核结果,"
        "最长超时 {{ worst }} 分钟" + _CLOCKS_ZH,
        "[Re-checks late] {{ total }} members of pools that were not negative have no single result in time, "
        "the worst {{ worst }} minutes late" + _CLOCKS_EN,
    ),
    "clock.recheck.warning": Text(
        "【复核预警】混采阳性或可疑管的成员有 {{ total }} 人次临近复核时限,请立即单采或检测留样单管:"
        "{{ codes | join('、') }}。",
        "[Re-checks due] {{ total }} members of pools are nearly due for their single: "
        "{{ codes | join(', ') }}.",
    ),
    "clock.result.warning": Text(
        "【检测预警】{{ body }} 有 {{ total }} 份样本临近出结果时限,请优先检测:{{ codes | join('、') }}。",
        "[Results due] {{ body }}: {{ total }} samples are nearly due, test them first: "
        "{{ codes | join(', ') }}.",
    ),
}
