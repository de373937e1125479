"""The texts of re-checks, re-samples and rectifications."""

from typing import Final

from notifier.texts.text import Text

TASKS: Final[dict[str, Text]] = {
    "task.recheck": Text(
        "【复核任务】混采管 {{ subject }} 的 {{ members }} 名成员须在 {{ due }} 前完成单采复核。"
        "{% if retained_tubes %}请优先检测留存单管:{{ retained_tubes | join('、') }}。"
        "{% else %}无留存单管,请重新单采单检。{% endif %}",
        "[Re-check] The {{ members }} members of pooled tube {{ subject }} must be tested singly by "
        "{{ due }}. "
        "{% if retained_tubes %}Test the retained singles first: {{ retained_tubes | join(', ') }}."
        "{% else %}Nothing is retained: take new single samples.{% endif %}",
    ),
    "task.resample": Text(
        "【重采任务】{% if tube_code %}采样管 {{ tube_code }} {% endif %}检测结果无效,"
        "请尽快为 {{ members }} 人重新采样;原结果不计入。",
        "[Re-sample] {% if tube_code %}Tube {{ tube_code }} {% else %}A sample {% endif %}was invalid: "
        "sample {{ members }} people again soon. The result does not count.",
    ),
    "task.rectification.coverage": Text(
        "【限期整改·不全员】经检查,贵单位有 {{ count }} 人应检未检或未纳入系统"
        "{% if not_enrolled %}(其中在岗未纳入 {{ not_enrolled }} 人){% endif %}。"
        "请立即纳入并组织采样,补检前不得上岗。",
        "[Rectify: coverage] {{ count }} people of your unit were never tested or are not enrolled"
        "{% if not_enrolled %} ({{ not_enrolled }} at work and not enrolled){% endif %}. Enrol and sample "
        "them now; until then they must not work.",
    ),
    "task.rectification.frequency": Text(
        "【限期整改·不按频次】经检查,贵单位有 {{ count }} 人超过规定检测期限(最早自 {{ from }} 到期)。"
        "请立即组织采样,补检前不得上岗。",
        "[Rectify: frequency] {{ count }} people of your unit are past their testing period (the earliest "
        "was due on {{ from }}). Sample them now; until then they must not work.",
    ),
    "task.rectification.share": Text(
        "【限期整改·抽检率不足】{% if department %}{{ department }}{% endif %}编码 {{ category }} 人员"
        "自 {{ from }} 至 {{ to }} 应检 {{ denominator }} 人,已检 {{ numerator }} 人,未达到 {{ percent }}%。"
        "请立即组织至少 {{ missing }} 人补检。",
        "[Rectify: share] {% if department %}{{ department }}, {% endif %}code {{ category }}: from "
        "{{ from }} to {{ to }} {{ numerator }} of {{ denominator }} people were sampled, less than "
        "{{ percent }} %. Sample at least {{ missing }} more now.",
    ),
    "task.rectification.done": Text("【{{ on }} 已整改】", "[Put right on {{ on }}]"),
}
