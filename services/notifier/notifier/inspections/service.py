"""Records inspections with what they found; each finding is a problem with its order at once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from notifier.checklists import errors as checklist_errors
from notifier.checklists.service import in_force, kinds_of
from notifier.contacts.service import directory
from notifier.inspection_draws import errors as draw_errors
from notifier.inspection_draws.rules import Target, has_interest
from notifier.inspection_draws.service import drawn_for, inspectors
from notifier.inspections import errors, queries
from notifier.inspections.schemas import InspectionIn, ProblemIn
from notifier.notices.service import Notifier
from notifier.problems import errors as problem_errors
from notifier.problems.orders import Found, Visit, order
from shared.clock import day_of
from shared.db import Session, execute, fetch_one, full_sight
from shared.errors import DAY_IN_FUTURE, NOT_FOUND, Problem, body_refusal
from shared.ids import new_id
from shared.security.access import Principal

INSPECTION_CONTEXT: Final = "inspection"


async def record_inspection(
    session: Session, context: Notifier, wanted: InspectionIn, *, who: Principal, now: datetime
) -> tuple[UUID, bool]:
    """Keep an inspection and order what it found to be put right; the same again is the one that stands."""
    target = await _target(session, wanted, who=who)
    content = wanted.model_dump(mode="json")
    await execute(session, queries.ALONE, inspection_no=wanted.inspection_no)
    async with full_sight(session):
        stored = await fetch_one(session, queries.BY_NO, inspection_no=wanted.inspection_no)
    if stored is not None:
        if context.sealer.open_json(stored["sealed"], context=INSPECTION_CONTEXT) != content:
            raise Problem(errors.INSPECTION_IN_USE)
        return stored["inspection_id"], False
    if wanted.day > day_of(now):
        raise body_refusal(DAY_IN_FUTURE, "day")
    await _check_inspectors(session, wanted, target)
    checklist = await _checklist(session, wanted)
    found = await _found(session, wanted, checklist, today=day_of(now))
    inspection_id = new_id(now)
    lab = wanted.target_type == "lab"
    await execute(
        session,
        queries.ADD,
        inspection_id=inspection_id,
        **wanted.model_dump(
            include={
                "inspection_no",
                "kind",
                "target_type",
                "target_code",
                "day",
                "draw_no",
                "checklist_code",
            }
        ),
        department_code=target.department_code if lab else None,
        checklist_from=checklist["effective_from"] if checklist else None,
        sealed=context.sealer.seal_json(content, context=INSPECTION_CONTEXT),
        client_id=who.client_id,
        now=now,
    )
    if found:
        visit = Visit(
            inspection_id,
            wanted.target_type,
            wanted.target_code,
            target.department_code if lab else None,
            wanted.day,
        )
        await order(session, context, visit, found, now=now)
    return inspection_id, True


async def _target(session: Session, wanted: InspectionIn, *, who: Principal) -> Target:
    """Return what was inspected; Problem 404 for what nobody knows or lies outside the caller's area.

    A unit is its department's and township's; a laboratory the CDC's and the district's.
    """
    if wanted.target_type == "lab":
        async with full_sight(session):
            known = await directory(session)
        if who.limited and who.department not in known.cdc:
            raise Problem(NOT_FOUND)
        cdc = known.cdc[0] if known.cdc else None
        return Target(wanted.target_code, department_code=who.department or cdc)
    unit = await fetch_one(session, queries.UNIT, code=wanted.target_code)
    if unit is None or not who.holds("cases:respond"):
        raise Problem(NOT_FOUND)
    if not who.sees(township_code=unit["township_code"], department_code=unit["department_code"]):
        raise Problem(NOT_FOUND)
    return Target(unit["unit_code"], unit["township_code"], unit["department_code"])


async def _check_inspectors(session: Session, wanted: InspectionIn, target: Target) -> None:
    """Refuse inspectors who are none, have an interest, or were not drawn for this target."""
    staff = await inspectors(session, wanted.inspectors)
    if any(has_interest(one, target) for one in staff):
        raise body_refusal(draw_errors.INSPECTOR_RECUSED, "inspectors")
    if wanted.draw_no is None:
        return
    drawn = await drawn_for(session, draw_no=wanted.draw_no, target=(wanted.target_type, wanted.target_code))
    if drawn is None:
        raise body_refusal(errors.NOT_DRAWN, "draw_no")
    if set(drawn) != set(wanted.inspectors):
        raise body_refusal(errors.OTHER_INSPECTORS, "inspectors")


async def _checklist(session: Session, wanted: InspectionIn) -> Mapping[str, Any] | None:
    """Return the version of the check list that the inspection went through, every item answered."""
    if wanted.checklist_code is None:
        if wanted.answers:
            raise body_refusal(errors.CHECKLIST_NEEDED, "checklist_code")
        return None
    versions = await in_force(session, code=wanted.checklist_code, day=wanted.day)
    if not versions:
        raise body_refusal(checklist_errors.CHECKLIST_UNKNOWN, "checklist_code")
    items = {item["item"] for item in versions[0]["items"]}
    answered = [each.item for each in wanted.answers or ()]
    if len(set(answered)) < len(answered) or not items.issuperset(answered):
        raise body_refusal(errors.ITEM_UNKNOWN, "answers")
    if items.difference(answered):
        raise body_refusal(errors.ITEM_UNANSWERED, "answers")
    return versions[0]


async def _found(
    session: Session, wanted: InspectionIn, checklist: Mapping[str, Any] | None, *, today: date
) -> list[Found]:
    """Return the problems: those named, and one for each item answered `no`."""
    named = [*(wanted.problems or ()), *_from_answers(wanted, checklist)]
    known = await kinds_of(session, (each.kind_code for each in named))
    found = []
    for each in named:
        kind = known.get(each.kind_code)
        if kind is None:
            raise body_refusal(checklist_errors.KIND_UNKNOWN, "problems")
        if each.cause is not None and wanted.target_type != "lab":
            raise body_refusal(errors.CAUSE_OF_LABS, "problems")
        due_on = each.due_on or today + timedelta(days=kind["days"])
        if due_on < today:
            raise body_refusal(problem_errors.DAY_IN_PAST, "problems")
        evidence = tuple(one.model_dump() for one in each.evidence or ())
        severity = each.severity or kind["severity"]
        found.append(
            Found(each.kind_code, each.shape, severity, due_on, each.cause, each.note, each.measure, evidence)
        )
    return found


def _from_answers(wanted: InspectionIn, checklist: Mapping[str, Any] | None) -> list[ProblemIn]:
    if checklist is None:
        return []
    items = {item["item"]: item for item in checklist["items"]}
    return [
        ProblemIn(kind_code=items[each.item]["kind_code"], note=each.note or items[each.item]["text_zh"])
        for each in wanted.answers or ()
        if each.answer == "no"
    ]
