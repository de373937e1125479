"""The texts of work lists and of the periodic bulletin."""

from typing import Final

from notifier.texts.text import Text

_HEAD_ZH: Final = "《{{ title }}》第 {{ number }} 项{% if drill %}(演练){% endif %}:{{ text }}"
_HEAD_EN: Final = "Item {{ number }} of “{{ title }}”{% if drill %} (exercise){% endif %}: {{ text }}"
_ASSIST_ZH: Final = "{% if assist %}配合单位:{{ assist | join('、') }}。{% endif %}"
_ASSIST_EN: Final = "{% if assist %} Assisting: {{ assist | join(', ') }}.{% endif %}"

WORK: Final[dict[str, Text]] = {
    "task.answer.work_list": Text(
        "【工作清单】《{{ title }}》{% if drill %}(演练){% endif %}已印发:贵单位牵头 {{ lead }} 项"
        "{% if due %}(第 {{ due | join('、') }} 项){% endif %},配合 {{ assist }} 项。请签收并按时限推进。",
        "[Work list] “{{ title }}”{% if drill %} (exercise){% endif %} is issued: you lead {{ lead }} items"
        "{% if due %} ({{ due | join(', ') }}){% endif %} and assist in {{ assist }}. Acknowledge and carry "
        "them out in time.",
    ),
    "task.answer.work_item.soon": Text(
        "【即将到期】" + _HEAD_ZH + " 完成时限 {{ due_on }}。" + _ASSIST_ZH
        + "请牵头单位按时完成并报告进展。",
        "[Due soon] " + _HEAD_EN + " Due on {{ due_on }}." + _ASSIST_EN + " Report your progress.",
    ),
    "task.answer.work_item.due": Text(
        "【今日到期】" + _HEAD_ZH + " 完成时限为今日({{ due_on }})。" + _ASSIST_ZH
        + "请牵头单位报告完成情况。",
        "[Due today] " + _HEAD_EN + " Due today ({{ due_on }})." + _ASSIST_EN + " Report your progress.",
    ),
    "task.answer.work_item.overdue": Text(
        "【已逾期】" + _HEAD_ZH + " 完成时限 {{ due_on }},已逾期 {{ days_late }} 天。" + _ASSIST_ZH
        + "请牵头单位立即报告进展。",
        "[Overdue] " + _HEAD_EN + " It was due on {{ due_on }}, {{ days_late }} days ago." + _ASSIST_EN
        + " Report your progress now.",
    ),
    "task.answer.work_item.review": Text(
        "【定期评议】" + _HEAD_ZH + " 完成时限“{{ deadline }}”,已到评议日。" + _ASSIST_ZH
        + "请牵头单位报告本期进展。",
        "[Review] " + _HEAD_EN + " It goes on ({{ deadline }}) and is to be reviewed." + _ASSIST_EN
        + " Report the progress of this period.",
    ),
    "task.answer.work_item.reopened": Text(
        "【退回】" + _HEAD_ZH + " 未通过验收,已退回:{{ reason }}。请牵头单位继续办理并报告。",
        "[Sent back] " + _HEAD_EN + " It was not accepted: {{ reason }}. Go on and report.",
    ),
    "task.answer.work_item.extended": Text(
        "【同意延期】" + _HEAD_ZH + " 完成时限延至 {{ asked_on }}。",
        "[Extended] " + _HEAD_EN + " It is due on {{ asked_on }} now.",
    ),
    "task.answer.work_item.extension_refused": Text(
        "【不予延期】" + _HEAD_ZH + " 延至 {{ asked_on }} 的申请未获同意,完成时限仍为 {{ due_on }}。",
        "[Not extended] " + _HEAD_EN + " It is not put off to {{ asked_on }}; {{ due_on }} holds.",
    ),
    "task.answer.bulletin": Text(
        "【定期通报】第 {{ number }} 号({{ since }} 至 {{ last }}):本期通知 {{ issued }} 件,未签收 "
        "{{ unacknowledged }} 件,超时未签收 {{ ack_overdue }} 件;待反馈 {{ answers }} 项,其中超期 "
        "{{ answers_overdue }} 项;牵头未办结事项 {{ items }} 项,其中逾期 {{ items_overdue }} 项。"
        "请逐项核实整改并签收。",
        "[Bulletin] No. {{ number }} ({{ since }} to {{ last }}): {{ issued }} notices, {{ unacknowledged }} "
        "not acknowledged, {{ ack_overdue }} of them late; {{ answers }} answers owed, {{ answers_overdue }} "
        "overdue; {{ items }} items that you lead are not done, {{ items_overdue }} overdue. See to each and "
        "acknowledge.",
    ),
}  # fmt: skip
