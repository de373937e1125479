"""Pure: who hears of a referral, and what they are told."""

from typing import Any

from notifier.contacts.rules import Body, Directory
from shared.messages.referrals import ReferralChanged


def bodies(referral: ReferralChanged, directory: Directory) -> tuple[Body, ...]:
    """Return who is told: the fever clinic from the start, the reporting clinic of anything that goes wrong.

    Whoever did not come in time, or is lost, is a task of the town and department of the reporting clinic;
    without a settled department headquarters stands in.
    """
    found = {Body("unit", referral.to_unit_code)}
    if referral.late or referral.state == "lost":
        found.add(Body("unit", referral.from_unit_code))
        found.update(directory.over_unit(referral.from_unit_code))
    return tuple(sorted(found))


def text_key(referral: ReferralChanged) -> str:
    """Return the text that says how it stands."""
    if referral.state in ("open", "arrived") and referral.late:
        return f"task.answer.referral_{referral.state}_late"
    return f"task.answer.referral_{referral.state}"


def evidence(referral: ReferralChanged) -> dict[str, Any]:
    """Return the facts of a notice; who it is stands at registry. A result is not told."""
    return {
        "referral_id": str(referral.referral_id),
        "state": referral.state,
        "late": referral.late,
        "from_unit_code": referral.from_unit_code,
        "to_unit_code": referral.to_unit_code,
        "due_at": referral.due_at,
    }
