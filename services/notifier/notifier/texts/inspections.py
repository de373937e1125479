"""The texts of inspections: orders of rectification, what of them is late, supervision, the issue ledger."""

from typing import Final

from notifier.texts.text import Text

_VISIT_ZH: Final = (
    "{{ {'routine': '日常督导', 'concentrated': '集中检查', 'unannounced': '随机暗访'}[visit] }}"
)
_LINES_ZH: Final = (
    "{% for p in problems %}{{ loop.index }}. {{ p.name_zh }}"
    "{% if p.level > 1 %}(第 {{ p.level }} 次){% endif %}"
    "{% if p.state == 'closed' %},已销号{% else %},限 {{ p.due_on }} 前整改{% endif %};{% endfor %}"
)
_LINES_EN: Final = (
    "{% for p in problems %}{{ loop.index }}. {{ p.name_en }}"
    "{% if p.level > 1 %} (time {{ p.level }}){% endif %}"
    "{% if p.state == 'closed' %}, closed{% else %}, by {{ p.due_on }}{% endif %}; {% endfor %}"
)

INSPECTIONS: Final[dict[str, Text]] = {
    "task.rectification.inspection": Text(
        "{% if closed %}【已整改销号】{% endif %}【整改通知单 {{ number }}】{% if copy %}(抄送){% endif %}"
         "{{ day }} 对 {{ target }} 的" + _VISIT_ZH + "发现问题 {{ problems | length }} 个:" + _LINES_ZH
        + "请限期整改并提交整改证明,经复查后销号。",
        "{% if closed %}[Put right] {% endif %}[Order of rectification {{ number }}]{% if copy %} (copy)"
        "{% endif %} The {{ visit }} inspection of {{ target }} on {{ day }} found {{ problems | length }}: "
        + _LINES_EN + "Put it right in time and hand in evidence; it is closed after a re-check.",
    ),
    "task.answer.rectification_late": Text(
        "【整改逾期】{{ target }} 的整改通知单 {{ number }} 有 {{ problems | length }} 个问题逾期未整改:"
        "{% for p in problems %}{{ p.name_zh }}(限 {{ p.due_on }},逾期 {{ p.days }} 天)"
        "{{ '、' if not loop.last }}{% endfor %}。请立即整改并提交证明,主管部门督促落实。",
        "[Repair late] Order {{ number }} of {{ target }}: {{ problems | length }} not put right in time: "
        "{% for p in problems %}{{ p.name_en }} (by {{ p.due_on }}, {{ p.days }} days ago)"
        "{{ ', ' if not loop.last }}{% endfor %}. Put it right now.",
    ),
    "task.answer.recheck_late": Text(
        "【复查逾期】{{ target }} 的整改通知单 {{ number }} 有 {{ problems | length }} 个问题已提交整改证明,"
        "逾期未复查或未销号:{% for p in problems %}{{ p.name_zh }}("
        "{{ '待销号' if p.state == 'passed' else '待复查' }},限 {{ p.due_on }},逾期 {{ p.days }} 天)"
        "{{ '、' if not loop.last }}{% endfor %}。请立即安排提交证明以外的人员办理。",
        "[Re-check late] Order {{ number }} of {{ target }}: evidence was handed in for "
        "{{ problems | length }} and not looked at in time: {% for p in problems %}{{ p.name_en }} "
        "({{ 'to be closed' if p.state == 'passed' else 'to be checked again' }} by {{ p.due_on }}, "
        "{{ p.days }} days ago){{ ', ' if not loop.last }}{% endfor %}. Have somebody else than gave the "
        "evidence see to it now.",
    ),
    "task.answer.supervision": Text(
        "【挂牌督办】{{ target }} 的整改通知单 {{ number }} 所列“{{ name_zh }}”已挂牌督办,"
        "应于 {{ review_on }} 复核进展,请核查并反馈。",
        '[Listed supervision] "{{ name_en }}" of order {{ number }} of {{ target }} is listed and to be '
        "reviewed on {{ review_on }}: look into it and answer.",
    ),
    "task.answer.issue_ledger": Text(
        "【问题清单】自 {{ begin }} 起的本期问题台账,结转未办结 {{ items }} 个"
        "{% if late %},其中逾期 {{ late }} 个{% endif %}:{% for n in named %}{{ n.target }} {{ n.kind_zh }}"
        "{% if n.due_on %}(限 {{ n.due_on }}){% endif %}{{ '、' if not loop.last }}{% endfor %}"
        "{{ '等' if items > named | length }}。请逐项办结。",
        "[Issue ledger] The period from {{ begin }} begins with {{ items }} open items"
        "{% if late %}, {{ late }} of them late{% endif %}: {% for n in named %}{{ n.target }} "
        "{{ n.kind_code }}{% if n.due_on %} (by {{ n.due_on }}){% endif %}{{ ', ' if not loop.last }}"
        "{% endfor %}. Settle each.",
    ),
}  # fmt: skip
