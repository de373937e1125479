"""Says in Chinese and English why a due day is what it is. Pure: takes what was found, returns sentences."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.statuses.display import Status
from registry.statuses.duties import Duty, Term, switches_on
from registry.statuses.facts import day_of
from registry.statuses.pace import Interval

_STATES = {
    "not_required": ("目前没有检测任务", "there is no testing duty at present"),
    "ok": ("在有效期内", "within the testing period"),
    "due_soon": ("即将到期", "due soon"),
    "overdue": ("已逾期", "overdue"),
    "never_tested": ("从未有过有效检测", "never tested"),
}
_KINDS = {
    "exempt": ("免检", "Exempt"),
    "leave": ("休假", "On leave"),
    "suspended": ("停岗", "Suspended from duty"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What an explanation speaks of; `exemptions` are (kind, from, to) that hold today."""

    today: date
    status: Status
    duty: Duty
    counted_on: date | None
    counted: tuple[datetime, ...]
    category_zh: str
    category_en: str
    exemptions: tuple[tuple[str, date, date], ...]
    vaccinated_on: date | None
    enrolled_as: tuple[str, ...]
    source_region: str | None = None


def sentences(found: Found) -> tuple[list[str], list[str]]:
    """Return the explanation, sentence by sentence: Chinese, English."""
    pairs = [*_exempt(found), *_duty(found), _state(found)]
    return [zh for zh, _ in pairs], [en for _, en in pairs]


def _exempt(found: Found) -> list[tuple[str, str]]:
    pairs = []
    for kind, start, end in found.exemptions:
        zh, en = _KINDS[kind]
        if kind == "suspended":
            zh_then, en_then = "检测任务照旧,但不得上岗", "the duty goes on, but there is no clearance"
        else:
            zh_then = "期间不要求检测,结束后原到期日继续有效"
            en_then = "no test is required; afterwards the stored due day holds again"
        pairs.append((f"{start} 至 {end} {zh}:{zh_then}。", f"{en} from {start} to {end}: {en_then}."))
    return pairs


def _duty(found: Found) -> list[tuple[str, str]]:
    due = found.duty.due(found.counted_on, found.counted)
    if due is None:
        return [("没有按日期检测的任务。", "No rule sets a due day today.")]
    due_on, term = due
    pairs = [_rule(found, term)]
    number = len(found.duty.terms)
    if number > 1:
        pairs.append((f"共有 {number} 项任务,以最严格的为准。", f"Of {number} duties the strictest decides."))
    switch = switches_on(found.vaccinated_on)
    code = term.rule.category_code
    if switch is not None and switch <= found.today and code not in found.enrolled_as:
        zh = f"全程接种满 1 个月({switch})起,改按类别 {code} 执行。"
        pairs.append((zh, f"One month after full vaccination, from {switch} on, the duty is that of {code}."))
    pairs.append(_counting(found, term, due_on))
    if found.source_region is not None:
        region = found.source_region
        zh = f"该采样由{region}的检测机构出具结果,按互认计入。"
        pairs.append((zh, f"Its result is from a laboratory of {region} and is recognised here."))
    return pairs


def _rule(found: Found, term: Term) -> tuple[str, str]:
    rule = term.rule
    code, version, since = rule.category_code, rule.version, rule.effective_from
    if term.event is not None:
        day, kind = term.event.day, term.event.kind
        return (
            f"按类别 {code}({found.category_zh})规则第 {version} 版,{day} 的事件 {kind} 之后须按日检测。",
            f"Category {code} ({found.category_en}), rule version {version}: tests after {kind} on {day}.",
        )
    zh, en = _every(term.interval)
    return (
        f"按类别 {code}({found.category_zh})规则第 {version} 版,自 {since} 起,{zh}检测一次。",
        f"Category {code} ({found.category_en}), rule version {version}, since {since}: a test {en}.",
    )


def _counting(found: Found, term: Term, due_on: date) -> tuple[str, str]:
    if term.steps is not None:
        return _schedule(term, due_on, found)
    if found.counted_on is None:
        return (
            f"没有计入的检测结果,任务首日 {term.starts_on} 即为到期日。",
            f"No counting result yet: the first day of duty, {term.starts_on}, is the due day.",
        )
    zh = f"最近一次计入的采样在 {found.counted_on}"
    en = f"The newest counting sample is of {found.counted_on}"
    if term.interval.due(found.counted_on, found.counted) != due_on:
        return (
            f"{zh};规则缩短,不早于生效次日:{due_on}。",
            f"{en}; a shortened rule makes nobody due before the day after it began: {due_on}.",
        )
    return f"{zh},到期日为 {due_on}(当日有效)。", f"{en}: due on {due_on}, that day included."


def _schedule(term: Term, due_on: date, found: Found) -> tuple[str, str]:
    steps = term.steps
    filled = [] if steps is None else steps.filled(found.counted)
    days = "、".join(str(day_of(at)) for at in filled if at is not None) or "–"
    done, number = sum(at is not None for at in filled), len(filled)
    return (
        f"共 {number} 次,已完成 {done} 次({days}),下一次最迟 {due_on}。",
        f"{done} of {number} tests are done ({days}); the next by {due_on}.",
    )


def _every(interval: Interval) -> tuple[str, str]:
    if interval.per_week is not None:
        gap = interval.gap_hours
        zh = f"每周 {interval.per_week} 次(间隔至少 {gap} 小时),按次"
        return zh, f"{interval.per_week} times a week, at least {gap} hours apart"
    if interval.per_day is not None:
        return f"每天 {interval.per_day} 次,按次", f"{interval.per_day} times a day"
    if interval.days is not None:
        return f"每 {interval.days} 天", "every day" if interval.days == 1 else f"every {interval.days} days"
    months = interval.months or 1
    if months == 1:
        return "每月", "every month"
    return f"每 {months} 个月", f"every {months} months"


def _state(found: Found) -> tuple[str, str]:
    zh, en = _STATES[found.status.due_state]
    if found.status.due_state == "due_soon" and found.status.due_on and found.today > found.status.due_on:
        return (
            "到期日前的采样仍在检测中,未计逾期。",
            "A sample taken in time is still under test: not overdue.",
        )
    return f"今天 {found.today}:{zh}。", f"Today, {found.today}: {en}."
