"""What the OpenAPI document shows of rules: each shape, its parameters and an example (tests post them)."""

from typing import Any, Final

_VARYING: Final = "subject? 采样对象 person(默认)、item、environment"
_EVENTS: Final = "accept_hours? 事件前多少小时内的样本也算;notice_days? 须提前几天报备"
_ROWS: Final = (
    ("every_n_days", "每 N 天一次", f"days 1-366;vaccinated? 接种满一个月后的另一周期;{_VARYING}"),
    ("every_n_months", "每 N 个日历月一次", "months 1-12;其余同上"),
    ("times_per_week", "每周(周一至周日)k 次", "times 1-7;min_gap_hours? 两次至少相隔的小时数"),
    ("times_per_day", "每天 n 次", "times 1-24"),
    ("on_event", "事件后检测", f"event? 种类;within_days? 几日内,默认当日;{_EVENTS};subject?"),
    (
        "day_list",
        "事件后第几天检测(第 0 天为当日)",
        (
            "event;days 升序;variants? 按风险另定的 days;isolation_days?;watch_days?;"
            f"antibody? 首次加测抗体;{_EVENTS}"
        ),
    ),
    (
        "rolling_share",
        "每周期抽检人数比例,可要求更长周期内全员",
        (
            "percent 1-100;period day、week、month;group? department_in_unit、unit、category;"
            "base? coded、all_staff;cover? 更长的周期;make_up_days? 期满后可补检的天数"
        ),
    ),
    (
        "nested_share",
        "单位比例与单位内人数比例",
        "percent_of_units;percent_of_people;period;cover?",
    ),
)
SHAPES_ZH: Final = "\n".join(
    (
        "`params` 由 `shape` 决定,? 为可选:\n",
        "| shape | 含义 | params |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in _ROWS),
        "\nevery_n_days、every_n_months 另可带 event 及其参数:事件后也须检测。",
    )
)
SHAPES_EN: Final = (
    "`params` depend on `shape`, `?` may be absent: `every_n_days` days, vaccinated?, subject?; "
    "`every_n_months` months and the same; `times_per_week` times, min_gap_hours?; `times_per_day` times; "
    "`on_event` event?, within_days?, accept_hours?, notice_days?, subject?; `day_list` event, days, "
    "variants?, isolation_days?, watch_days?, antibody?, accept_hours?, notice_days?; `rolling_share` "
    "percent, period, group?, base?, cover?, make_up_days?; `nested_share` percent_of_units, "
    "percent_of_people, period, cover?. Both `every_n_…` may name an event with its parameters: then it "
    "opens an order too."
)

_FIRST: Final = "2026-12-01"


def _example(summary: str, shape: str, params: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a rule
    return {
        "summary": summary,
        "value": {"effective_from": _FIRST, "shape": shape, "params": params, **fields},
    }


RULES: Final[dict[str, dict[str, Any]]] = {
    "denser": _example(
        "某镇两周内每两天一次 Every two days in a town, for two weeks",
        "every_n_days",
        {"days": 2},
        effective_to="2026-12-14",
        area_code="TOWN-01",
    ),
    "vaccinated": _example(
        "14 天,接种满一个月后每月 14 days, monthly a month after vaccination",
        "every_n_days",
        {"days": 14, "vaccinated": {"shape": "every_n_months", "months": 1}},
    ),
    "monthly": _example(
        "入院检测并每月 On admission, then monthly",
        "every_n_months",
        {"months": 1, "event": "admission", "within_days": 0, "accept_hours": 72},
    ),
    "weekly": _example("每周两次,间隔两天 Twice a week", "times_per_week", {"times": 2, "min_gap_hours": 48}),
    "daily": _example("每天两次 Twice a day", "times_per_day", {"times": 2}),
    "visit": _example("每次就诊当日 On each visit", "on_event", {"event": "fever_visit"}),
    "quarantine": _example(
        "14+7,中风险 3 次、高风险 4 次 14+7 with three or four tests",
        "day_list",
        {
            "event": "quarantine",
            "days": [1, 7, 14],
            "variants": {"high_risk": [1, 4, 7, 14]},
            "isolation_days": 14,
            "watch_days": 7,
            "antibody": True,
        },
    ),
    "share": _example(
        "科室每周 25%,每月全员 A quarter a week, everybody in the month",
        "rolling_share",
        {"percent": 25, "period": "week", "group": "department_in_unit", "cover": "month"},
    ),
    "nested": _example(
        "每周 25% 的单位、其中 50% 的人 A quarter of units, half of their people",
        "nested_share",
        {"percent_of_units": 25, "percent_of_people": 50, "period": "week", "cover": "month"},
    ),
}
