"""Pure: what an order to a unit says of a finding."""

from typing import Any

from shared.messages.findings import FindingRecorded


def evidence(finding: FindingRecorded) -> dict[str, Any]:
    """Return kind, period and people, by health-code id, else person id; who is not registered is counted."""
    return {
        "kind": finding.kind,
        "source": finding.source,
        "period": {"from": finding.period_from, "to": finding.period_to},
        "people": [
            {
                "code": each.health_code_id or (str(each.person_id) if each.person_id else None),
                "reason": each.reason,
                "since": each.since,
            }
            for each in finding.people
        ],
        "not_registered": sum(each.person_id is None for each in finding.people),
    }


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
