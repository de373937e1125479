"""Pure: a notice in the form of an official paper: 标题、文号、主送、正文、证据表、落款、成文日期.

Everything is of the notice as it was issued; no clock is asked, so the same notice makes the same paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

TITLES: Final[Mapping[str, str]] = {
    "bulletin.unit": "关于{subject}应检尽检问题的通报",
    "task.written_report": "关于限期提交书面报告的通知",
    "task.interview": "约谈通知书",
    "task.rectification": "限期整改通知单",
    "task.recheck": "复核任务通知",
    "task.resample": "重新采样通知",
    "task.answer": "督办通知",
    "report.upward": "关于{subject}应检尽检问题的呈报",
    "report.missing": "关于未按时报送的通报",
    "report.venue": "场所检测情况报告",
    "alert": "预警通知",
    "reminder": "核酸检测提醒",
}
LABELS: Final[Mapping[str, str]] = {
    "as_of": "数据截至", "category_code": "编码", "check": "检查项", "code": "代码", "count": "数量",
    "day": "日期", "days_overdue": "逾期天数", "denominator": "应检人数", "department_code": "主管部门",
    "department_in_unit": "科室", "due_at": "期限", "due_on": "应检日", "due_state": "状态", "from": "起",
    "kind": "类别", "kinds": "问题类型", "lab_code": "检测机构", "members": "涉及人数", "name": "姓名",
    "name_masked": "姓名", "not_registered": "未登记人数", "numerator": "已检人数", "outcome": "结果",
    "people": "涉及人员", "people_total": "涉及人数", "percent": "应达比例(%)", "period": "期间",
    "period_from": "起", "period_to": "止", "reason": "原因", "shares": "抽检比例", "since": "自",
    "source": "来源", "standing": "当前结论", "subject": "对象", "to": "止", "township_code": "属地",
    "unit_code": "单位", "units": "涉及单位", "week": "周(星期一)",
}  # fmt: skip
# What the answer to a request adds to the evidence: no part of it.
_NO_EVIDENCE: Final = frozenset({"owner", "wording"})
# Fields that hold a word of the wire, said in Chinese where `values` knows it.
_WORDS: Final = frozenset(
    {"check", "due_state", "kind", "kinds", "outcome", "reason", "source", "standing", "state", "status"}
)
_DIGITS: Final = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of evidence with its heading."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """An official paper, ready to be set in any format."""

    title: str
    number: str
    to: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    issuer: str
    dated: str


def paper_of(
    notice: Mapping[str, Any],
    *,
    issuer: str,
    values: Mapping[str, str],
    names: Mapping[str, str] | None = None,
) -> Paper:
    """Return a notice's paper. `values`: Chinese for the words of the wire; `names`: of people, by code."""
    subject, recipient = notice["subject"], notice["recipient"]
    title = _title(notice["kind"]).format(subject=subject["name"] or subject["code"])
    number = notice.get("number") or f"通知编号 {notice['notice_id']}"
    evidence = {
        key: _translated(key, value, values)
        for key, value in notice["evidence"].items()
        if key not in _NO_EVIDENCE
    }
    tables = tuple(_tables(evidence, names or {}))
    return Paper(
        title=title + ("(已撤销)" if notice["status"] == "revoked" else ""),
        number=f"{number}({notice['level']})" if notice.get("level") else number,
        to=f"{recipient['name'] or recipient['code']}:",
        paragraphs=(*_paragraphs(notice), *([_attached(tables)] if tables else [])),
        tables=tables,
        issuer=issuer,
        dated=in_chinese(notice["issued_at"]),
    )


def _title(kind: str) -> str:
    return TITLES.get(kind) or TITLES.get(kind.partition(".")[0], "通知")


def _paragraphs(notice: Mapping[str, Any]) -> list[str]:
    written = [line.strip() for line in notice["text"].splitlines() if line.strip()]
    written.append(f"以上情况的数据截至 {notice['as_of']:%Y-%m-%d %H:%M}。")
    if notice.get("ack_due_at"):
        written.append(f"请于 {notice['ack_due_at']:%Y-%m-%d %H:%M} 前签收。")
    return written


def _attached(tables: Sequence[Table]) -> str:
    return "附件:" + ";".join(f"{n}. {table.heading}" for n, table in enumerate(tables, start=1))


def in_chinese(day: datetime) -> str:
    """Return a day as official papers of record write it: 二〇三〇年一月七日."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_below_hundred(day.month)}月{_below_hundred(day.day)}日"


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    before = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return before + (_DIGITS[ones] if ones else "")


def _translated(key: str, value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {inner: _translated(inner, each, values) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_translated(key, each, values) for each in value]
    return values.get(value, value) if key in _WORDS and isinstance(value, str) else value


def _tables(evidence: Mapping[str, Any], names: Mapping[str, str]) -> list[Table]:
    """Return one table of the plain facts and one for each list of records, in the order of the evidence."""
    plain = {key: value for key, value in evidence.items() if not _is_records(value)}
    rows = tuple(row for key, value in plain.items() for row in _plain(key, value))
    found = [Table("证据表", ("项目", "内容"), rows)] if rows else []
    for key, value in evidence.items():
        if _is_records(value):
            found.append(_records(LABELS.get(key, key), value, names))
    return found


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _plain(key: str, value: object) -> list[tuple[str, str]]:
    label = LABELS.get(key, key)
    if isinstance(value, Mapping):
        return [(f"{label} {LABELS.get(inner, inner)}", _said(each)) for inner, each in value.items()]
    return [(label, _said(value))]


def _records(heading: str, records: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    shown = [_named(record, names) for record in records]
    columns = list(dict.fromkeys(key for record in shown for key in record))
    return Table(
        heading,
        tuple(LABELS.get(key, key) for key in columns),
        tuple(tuple(_said(record.get(key)) for key in columns) for record in shown),
    )


def _named(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    code = record.get("code")
    if not isinstance(code, str) or code not in names:
        return dict(record)
    others = {key: value for key, value in record.items() if key not in ("code", "name_masked")}
    return {"code": code, "name_masked": names[code], **others}


def _said(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(_said(each) for each in value) or "—"
    if isinstance(value, Mapping):
        return ";".join(f"{LABELS.get(key, key)} {_said(each)}" for key, each in value.items())
    return str(value)


def people_of(evidence: Mapping[str, Any]) -> list[str]:
    """Return the codes under which people stand in evidence."""
    people = evidence.get("people")
    if not isinstance(people, list):
        return []
    return [each["code"] for each in people if isinstance(each, dict) and isinstance(each.get("code"), str)]
