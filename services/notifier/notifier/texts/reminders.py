"""The texts of reminders, to units and to persons."""

from typing import Final

from notifier.texts.text import Text

REMINDERS: Final[dict[str, Text]] = {
    "reminder.due_soon": Text(
        "【即将到期】贵单位有 {{ count }} 人核酸检测即将到期,请安排采样:"
        "{% for p in people %}{{ p.name_masked or p.code }}({{ p.due_on }}){{ '、' if not loop.last }}"
        "{% endfor %}{{ '等' if count > people | length }}。",
        "[Due soon] {{ count }} people of your unit are due soon: "
        "{% for p in people %}{{ p.name_masked or p.code }} ({{ p.due_on }}){{ ', ' if not loop.last }}"
        "{% endfor %}. Arrange sampling.",
    ),
    "reminder.due": Text(
        "【今日到期】贵单位有 {{ count }} 人核酸检测今日到期,请于今日完成采样:"
        "{% for p in people %}{{ p.name_masked or p.code }}{{ '、' if not loop.last }}{% endfor %}"
        "{{ '等' if count > people | length }}。",
        "[Due today] {{ count }} people of your unit must be sampled today: "
        "{% for p in people %}{{ p.name_masked or p.code }}{{ ', ' if not loop.last }}{% endfor %}.",
    ),
    "reminder.overdue": Text(
        "【已逾期】贵单位有 {{ count }} 人应检未检,请立即组织采样,补检前不得上岗:"
        "{% for p in people %}{{ p.name_masked or p.code }}({{ p.due_on }}){{ '、' if not loop.last }}"
        "{% endfor %}{{ '等' if count > people | length }}。",
        "[Overdue] {{ count }} people of your unit are overdue: "
        "{% for p in people %}{{ p.name_masked or p.code }} ({{ p.due_on }}){{ ', ' if not loop.last }}"
        "{% endfor %}. Sample them now; until then they must not work.",
    ),
    "reminder.due_soon.person": Text(
        "您的核酸检测将于 {{ due_on }} 到期,请按时采样。",
        "Your test is due on {{ due_on }}; please be sampled in time.",
    ),
    "reminder.due.person": Text(
        "您的核酸检测今日({{ due_on }})到期,请于今日采样。", "Your test is due today ({{ due_on }})."
    ),
    "reminder.overdue.person": Text(
        "您的核酸检测已逾期(应检日 {{ due_on }}),请尽快采样。",
        "Your test is overdue (it was due on {{ due_on }}); please be sampled soon.",
    ),
}
