"""Pure: what an order to a unit says of a finding."""

from collections.abc import Iterable
from typing import Any

from shared.messages.findings import FindingRecorded, FoundPerson, ShareMissed


def evidence(finding: FindingRecorded) -> dict[str, Any]:
    """Return kind, period and people, by health-code id, else person id; who is not registered is counted."""
    return {
        "kind": finding.kind,
        "source": finding.source,
        "period": {"from": finding.period_from, "to": finding.period_to},
        "people": _people(finding.people),
        "not_registered": sum(each.person_id is None for each in finding.people),
    }


def share_evidence(missed: ShareMissed) -> dict[str, Any]:
    """Return the group, the demand and what was reached, with who was not sampled."""
    return {
        "kind": "coverage",
        "source": "share",
        "period": {"from": missed.period_from, "to": missed.period_to},
        "check": missed.check,
        "department_in_unit": missed.department_in_unit or None,
        "category_code": missed.category_code,
        "percent": missed.percent,
        "numerator": missed.numerator,
        "denominator": missed.denominator,
        "people": _people(missed.people),
    }


def share_facts(missed: ShareMissed) -> dict[str, Any]:
    """Return what the text of a missed share is made of; `missing`: so many more would have sufficed."""
    needed = -(-missed.percent * missed.denominator // 100)
    return {
        "department": missed.department_in_unit,
        "category": missed.category_code,
        "from": missed.period_from,
        "to": missed.period_to,
        "percent": missed.percent,
        "numerator": missed.numerator,
        "denominator": missed.denominator,
        "missing": needed - missed.numerator,
    }


def _people(found: Iterable[FoundPerson]) -> list[dict[str, Any]]:
    return [
        {
            "code": each.health_code_id or (str(each.person_id) if each.person_id else None),
            "reason": each.reason,
            "since": each.since,
        }
        for each in found
    ]


def facts(finding: FindingRecorded) -> dict[str, Any]:
    """Return what the text is rendered from."""
    reasons = [each.reason for each in finding.people]
    return {
        "kind": finding.kind,
        "count": len(reasons),
        "not_enrolled": reasons.count("not_enrolled"),
        "from": finding.period_from,
        "to": finding.period_to,
    }
