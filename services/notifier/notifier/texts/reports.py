"""The texts of reports that are owed: who has not filed, and that it was filed after all."""

from typing import Final

from notifier.texts.text import Text

_REPORT_ZH: Final = "{{ day }}《{{ title }}》({{ cutoff }} 截止)"
_REPORT_EN: Final = '"{{ title }}" of {{ day }} (cut-off {{ cutoff }})'

REPORTS: Final[dict[str, Text]] = {
    "report.missing.own": Text(
        "【报表未报】" + _REPORT_ZH + "尚未收到贵单位填报。没有情况也须零报告,请立即补报。",
        "[Report missing] " + _REPORT_EN + " has not been filed by you. Nothing to report is a zero report: "
        "file now.",
    ),
    "report.missing.own_filed": Text(
        "【报表已补报】" + _REPORT_ZH + "已收到贵单位填报,不再催报。",
        "[Report filed] " + _REPORT_EN + " has been filed; you are not reminded any more.",
    ),
    "report.missing.under": Text(
        "【报表未报】" + _REPORT_ZH + "截止后有 {{ missing }} 家未报"
        "{% if missing < first %}(截止时 {{ first }} 家){% endif %}:{{ names | join('、') }}"
        "{% if missing > names | length %}等{% endif %}。请督促补报。",
        "[Reports missing] " + _REPORT_EN + ": {{ missing }} have not filed"
        "{% if missing < first %} ({{ first }} at the cut-off){% endif %}: {{ names | join(', ') }}"
        "{% if missing > names | length %} and others{% endif %}. Have them file.",
    ),
    "report.missing.under_filed": Text(
        "【报表已补齐】" + _REPORT_ZH + "截止时未报的 {{ first }} 家均已补报。",
        "[Reports complete] " + _REPORT_EN + ": all {{ first }} that were missing have filed since.",
    ),
}
