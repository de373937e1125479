"""Issues `task.answer`: once for each sending and body, whatever comes again."""

from datetime import datetime
from typing import Any

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices.rules import Content, draft_to
from notifier.notices.service import Notifier, issue
from notifier.texts.render import both
from shared.db import Session
from shared.messages import ContactLapsed, GapsSent

KIND = "task.answer"


async def ask_about_gaps(session: Session, context: Notifier, message: GapsSent) -> None:
    """Tell a body how many gaps it has to answer and until when; they are listed at registry."""
    counts = {
        kind: sum(each.gaps for each in message.counts if each.kind == kind)
        for kind in ("only_licensed", "only_surveyed", "absent_unit")
    }
    facts = {"round": message.round_name, "due_on": message.due_on, **counts}
    texts = both("task.answer.gaps", facts)
    evidence: dict[str, Any] = {
        "round_code": message.round_code,
        "due_on": message.due_on,
        "counts": [
            {"trade_code": each.trade_code, "kind": each.kind, "gaps": each.gaps} for each in message.counts
        ],
    }
    await issue(
        session,
        context,
        [
            draft_to(
                body,
                kind=KIND,
                key=f"gaps:{message.sending_id}",
                subject=("survey_round", message.round_code),
                content=Content(**texts, evidence=evidence),
                as_of=datetime.fromisoformat(message.as_of),
                source_id=message.sending_id,
            )
            for body in await _bodies(session, message.recipient_type, message.recipient_code)
        ],
        now=await context.clock.now(session),
    )


async def ask_for_a_contact(session: Session, context: Notifier, message: ContactLapsed) -> None:
    """Tell township and department, or headquarters, that a unit's named person does not hold any more."""
    facts = {"unit": message.unit_code, "reason": message.reason, "confirmed_on": message.confirmed_on}
    texts = both("task.answer.contact", facts)
    now = await context.clock.now(session)
    bodies = (
        Body("township", message.township_code),
        *await _bodies(session, "department", message.department_code),
    )
    await issue(
        session,
        context,
        [
            draft_to(
                body,
                kind=KIND,
                key=f"contact:{message.unit_code}:{message.reason}:{message.day}",
                subject=("unit", message.unit_code),
                content=Content(**texts, evidence={**facts, "day": message.day}),
                as_of=now,
            )
            for body in bodies
        ],
        now=now,
    )


async def _bodies(session: Session, kind: str, code: str | None) -> tuple[Body, ...]:
    """Return the body, or every headquarters where no department is settled."""
    if code is not None:
        return (Body(kind, code),)
    return (await directory(session)).headquarters_bodies()
