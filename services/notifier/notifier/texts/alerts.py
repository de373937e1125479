"""The texts of alerts."""

from typing import Final

from notifier.texts.text import Text

_OUTCOME_ZH: Final = "{{ {'positive': '阳性', 'indeterminate': '可疑(灰区)'}[outcome] }}"

ALERTS: Final[dict[str, Text]] = {
    "alert.positive.provisional": Text(
        "【初筛" + _OUTCOME_ZH + "】{{ collected }}采集的样本(对象 {{ subject }}),检测机构 {{ lab_code }}。"
        "{% if conflict %}该结果与此前结果矛盾,已暂存待核。{% endif %}结果待复核,请立即按预案处置并签收。",
        "[Preliminary {{ outcome }}] Sample of {{ collected }} (subject {{ subject }}), laboratory "
        "{{ lab_code }}. {% if conflict %}It contradicts an earlier result and is held. {% endif %}"
        "Review is pending: act on the plan now and acknowledge.",
    ),
    "alert.positive.confirmed": Text(
        "【阳性已确认】{{ collected }}采集的样本(对象 {{ subject }}),检测机构 {{ lab_code }},经疾控复核确认。"
        "请立即按预案处置并签收。",
        "[Positive confirmed] Sample of {{ collected }} (subject {{ subject }}), laboratory {{ lab_code }}; "
        "the CDC has confirmed it. Act on the plan now and acknowledge.",
    ),
    "alert.positive.released": Text(
        "【已解除】{{ collected }}采集的样本(对象 {{ subject }})此前确认为阳性,疾控已解除。",
        "[Released] The CDC released the confirmed positive of {{ collected }} (subject {{ subject }}).",
    ),
    "alert.positive.refuted": Text(
        "【已撤销】{{ collected }}采集的样本(对象 {{ subject }})经复核排除阳性,预警撤销。",
        "[Revoked] Review refuted the positive of {{ collected }} (subject {{ subject }}); the alert "
        "is revoked.",
    ),
    "alert.positive.withdrawn": Text(
        "【已撤销】{{ collected }}采集的样本(对象 {{ subject }})的结果已由检测机构更正,本预警撤销。",
        "[Revoked] The laboratory corrected the result of {{ collected }} (subject {{ subject }}); "
        "the alert is revoked.",
    ),
    "alert.pool.provisional": Text(
        "【混采"
        + _OUTCOME_ZH
        + "】混采管 {{ subject }}({{ collected }}采集,检测机构 {{ lab_code }})初筛异常,"
        "涉及 {{ members }} 人{% if members_here is not none %},其中本辖区(行业){{ members_here }} 人"
        "{% endif %}。成员列为待复核,不作阳性或阴性判定。请立即组织单采复核并签收。",
        "[Pool {{ outcome }}] Pooled tube {{ subject }} ({{ collected }}, laboratory {{ lab_code }}), "
        "{{ members }} people{% if members_here is not none %}, {{ members_here }} of them yours{% endif %}. "
        "They are under re-check, neither positive nor negative. Have them tested singly and acknowledge.",
    ),
    "alert.pool.confirmed": Text(
        "【混采管已复核】混采管 {{ subject }}({{ collected }}采集)经疾控复核属实,涉及 {{ members }} 人。"
        "请立即完成单采复核并签收。",
        "[Pool reviewed] Pooled tube {{ subject }} ({{ collected }}) stands after review, {{ members }} "
        "people. Complete the single tests now and acknowledge.",
    ),
    "alert.pool.released": Text(
        "【已解除】混采管 {{ subject }}({{ collected }}采集)的预警已由疾控解除。",
        "[Released] The CDC released the alert of pooled tube {{ subject }} ({{ collected }}).",
    ),
    "alert.pool.refuted": Text(
        "【已撤销】混采管 {{ subject }}({{ collected }}采集)经复核排除,本预警撤销。",
        "[Revoked] Review refuted pooled tube {{ subject }} ({{ collected }}); the alert is revoked.",
    ),
    "alert.pool.withdrawn": Text(
        "【已撤销】混采管 {{ subject }}({{ collected }}采集)的结果已由检测机构更正,本预警撤销。",
        "[Revoked] The laboratory corrected pooled tube {{ subject }} ({{ collected }}); "
        "the alert is revoked.",
    ),
    "alert.lab_silent.open": Text(
        "【检测机构静默】检测机构 {{ lab_code }} 自 {{ since }} 起未上传结果,已超过 {{ minutes }} 分钟上限"
        "{% if waiting %},尚有 {{ waiting }} 管待出结果{% endif %}。请立即联系核实并签收。",
        "[Laboratory silent] {{ lab_code }} has posted nothing since {{ since }}, longer than its "
        "{{ minutes }} minutes{% if waiting %}; {{ waiting }} tubes wait for it{% endif %}. Ask there now "
        "and acknowledge.",
    ),
    "alert.lab_silent.ended": Text(
        "【已恢复】检测机构 {{ lab_code }} 自 {{ since }} 起的静默已于 {{ ended }} 结束。",
        "[Recovered] The silence of {{ lab_code }} since {{ since }} ended at {{ ended }}.",
    ),
}
