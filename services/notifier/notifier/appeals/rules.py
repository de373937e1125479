"""Pure: who hears of an appeal, and what they are told."""

from typing import Any, Final

from notifier.contacts.rules import Body, Directory
from shared.messages.appeals import AppealChanged

RESULTS: Final = ("result_wrong", "result_not_mine", "result_missing")
ENDED: Final = ("upheld", "corrected", "rejected")
CLAIMS: Final = {
    "result_wrong": "结果有误",
    "result_not_mine": "非本人结果",
    "result_missing": "结果缺失",
    "duty_wrong": "检测任务有误",
    "identity_wrong": "健康码不符",
    "finding_wrong": "问题单有误",
}


def bodies(appeal: AppealChanged, directory: Directory) -> tuple[Body, ...]:
    """Return who is told: the CDC of results, town and department of all else; never nobody.

    Headquarters too when it is late; once it is decided also whoever brought it.
    """
    if appeal.claim in RESULTS:
        found = set(directory.cdc_bodies())
    elif appeal.person_id is not None:
        found = set(directory.over_people([appeal.person_id]))
    else:
        found = set(directory.over_unit(appeal.unit_code))
    if appeal.late or not found:
        found.update(directory.headquarters_bodies())
    if appeal.state in ENDED:
        kind = "unit" if appeal.unit_code is not None else "person"
        found.add(Body(kind, appeal.subject_code))
    return tuple(sorted(found))


def evidence(appeal: AppealChanged) -> dict[str, Any]:
    """Return the facts of a notice; never what was said."""
    return {
        "appeal_id": str(appeal.appeal_id),
        "claim": appeal.claim,
        "state": appeal.state,
        "due_at": appeal.due_at,
        "late": appeal.late,
    }
