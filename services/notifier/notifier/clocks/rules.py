"""Pure: who hears that samples ran out of time, and what they read."""

from typing import Any

from notifier.contacts.rules import Body, Directory
from shared.messages.clocks import ClocksTold


def kind(told: ClocksTold) -> str:
    """Return the kind of notice: a late laboratory has one of its own."""
    return "alert.lab_late" if told.answer_type == "lab" else "task.answer"


def bodies(told: ClocksTold, directory: Directory) -> tuple[Body, ...]:
    """Return who is told: whoever answers, and of a breach also who is over them.

    Over a laboratory is the CDC, over a site its town, over a unit its town and department. A body
    without anybody over it is the CDC's.
    """
    if told.answer_type == "cdc":
        return directory.cdc_bodies()
    own = Body(told.answer_type, told.answer_code)
    if told.level == "warning":
        return (own,)
    over: frozenset[Body] = frozenset()
    if told.answer_type == "site" and told.township_code is not None:
        over = frozenset((Body("township", told.township_code),))
    elif told.answer_type == "unit":
        over = directory.over_unit(told.answer_code)
    return (own, *(sorted(over) or directory.cdc_bodies()))


def text_key(told: ClocksTold) -> str:
    """Return the text that says what was missed."""
    return f"clock.{told.stage}.{told.level}"


def facts(told: ClocksTold) -> dict[str, Any]:
    """Return what the text is made of."""
    return {
        "body": told.answer_code,
        "total": told.total,
        "open": told.open,
        "explained": told.explained,
        "worst": told.worst_minutes,
        "codes": [each.code for each in told.clocks[:5]],
    }


def evidence(told: ClocksTold) -> dict[str, Any]:
    """Return the samples by code, the worst first, with their times; never who was sampled."""
    return {
        "stage": told.stage,
        "level": told.level,
        "total": told.total,
        "open": told.open,
        "explained": told.explained,
        "worst_minutes": told.worst_minutes,
        "clocks": [
            {
                "subject": {"type": each.subject, "code": each.code},
                "category": each.category,
                "site_code": each.site_code,
                "lab_code": each.lab_code,
                "starts_at": each.starts_at,
                "due_at": each.due_at,
                "ended_at": each.ended_at,
                "state": each.state,
            }
            for each in told.clocks
        ],
    }
