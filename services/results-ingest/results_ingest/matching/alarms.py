"""Who must hear of a result at once: alarms, re-checks, new samples, and the CDC's work list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from results_ingest.clocks import service as clocks
from results_ingest.clocks.rules import Limit, after, limit_for
from results_ingest.matching import rules
from results_ingest.matching.corrections import Replaced
from results_ingest.matching.tubes import Tube, current_tubes, retained_singles
from results_ingest.reviews.service import Opening, open_reviews
from shared.bus.publishing import publish
from shared.clock import day_of
from shared.db import Session, fetch_all, sql
from shared.messages import AlarmRaised, Message, RecheckOrdered, ResampleOrdered
from shared.result_ids import result_id

HEALTH_CODES: Final = sql("""
SELECT person_id, health_code_id FROM ingest.identity
WHERE person_id = ANY(CAST(:people AS uuid[])) AND health_code_id IS NOT NULL
""")
# Whom rows without a tube name; one who is named in two ways is found once.
NAMED: Final = sql("""
SELECT u.place, i.person_id
FROM unnest(CAST(:places AS int[]), CAST(:codes AS text[]), CAST(:indexes AS bytea[])) AS u (place, code, at)
CROSS JOIN LATERAL (
    SELECT c.person_id FROM ingest.identity_code c WHERE c.health_code_id = u.code
    UNION
    SELECT x.person_id FROM ingest.identity x WHERE x.id_index = u.at
    OFFSET 0
) i
""")
CONFLICTING_OUTCOME: Final = "conflicting_outcome"

Codes = Mapping[UUID, str]
Row = Any


class Told(NamedTuple):
    """A row with what is known about it when others are told."""

    row: Row
    tube: Tube | None
    before: Replaced | None
    codes: Codes
    named: UUID | None = None
    moved: bool = False

    @property
    def result_id(self) -> UUID:
        """Return the id of the result."""
        return result_id(self.row.batch_id, self.row.row)

    @property
    def people(self) -> tuple[UUID, ...]:
        """Return everybody it concerns who is known; of a tube also those who were told before."""
        if self.tube:
            return self.tube.everybody
        person = self.named if self.moved else self.row.person_id or self.named
        return (person,) if person else ()

    def doubted(self) -> "Told":
        """Return a correction of a positive as it concerns those whom the positive had concerned.

        Of a tube they are in it, whoever else the corrected row now names.
        """
        if self.tube is not None or self.before is None or not self.before.person_ids:
            return self
        return self._replace(named=self.before.person_ids[0], moved=True)

    @property
    def subject(self) -> tuple[str, str] | None:
        """Return type and code of what it is about; None for a single whose person is unknown."""
        tube = self.tube
        if tube is not None and tube.subject != "person":
            return "unit", tube.unit_code or ""
        if tube is not None and tube.mode == "mixed":
            return "tube", tube.tube_code
        people = self.people
        return ("person", self.codes.get(people[0], str(people[0]))) if people else None


async def raise_all(
    session: Session,
    rows: Sequence[Row],
    tubes: Mapping[UUID, Tube],
    replaced: Mapping[UUID, Replaced],
    *,
    now: datetime,
) -> None:
    """Tell of everything among these rows that is not an ordinary negative.

    Said again when a member becomes known late, under the same ids and with more people.
    """
    wanted = [r for r in rows if (r.outcome != "negative" or r.from_positive) and r.test_kind != "antibody"]
    if not wanted:
        return
    about = [
        Told(row, tubes.get(row.tube_id), replaced.get(result_id(row.batch_id, row.row)), {})
        for row in wanted
    ]
    concerned = {
        p for each in about for p in (*each.people, *(each.before.person_ids if each.before else ()))
    }
    codes = await _health_codes(session, concerned)
    about = [each._replace(codes=codes) for each in about]
    pools = [each.tube for each in about if each.tube and each.tube.mode == "mixed"]
    retained = await retained_singles(session, pools)
    limits = await clocks.limits_of(session) if pools else []
    openings: list[Opening] = []
    for each in about:
        for message in _messages(each, retained, limits, now=now):
            await publish(session, message, now=now, urgent=True)
        openings += _opening(each)
    await open_reviews(session, openings, now=now)


def _messages(
    each: Told, retained: Mapping[str, tuple[str, ...]], limits: Sequence[Limit], *, now: datetime
) -> list[Message]:
    row = each.row
    orders: list[Message] = [_resample(each, now=now)] if rules.needs_new_sample(row.outcome) else []
    doubted = each.doubted() if row.from_positive else each
    subject = doubted.subject
    if subject is None or not (row.from_positive or rules.alarms(row.outcome, row.test_kind)):
        return orders
    alarm = _alarm(doubted, subject)
    # What the laboratory takes back stands until a second person has agreed (contract §2).
    orders.append(replace(alarm, outcome="positive") if row.from_positive else alarm)
    if row.mode == "mixed" and subject[0] != "unit":
        orders.append(_recheck(doubted, retained, limits, now=now))
    return orders


def _alarm(each: Told, subject: tuple[str, str]) -> AlarmRaised:
    row, tube = each.row, each.tube
    return AlarmRaised(
        alarm_id=each.result_id,
        kind="pool" if subject[0] == "tube" else "positive",
        result_id=each.result_id,
        outcome=row.outcome,
        subject_type=subject[0],
        subject_code=subject[1],
        person_ids=each.people,
        unit_code=tube.unit_code if tube else None,
        lab_code=row.lab_code,
        collected_at=(row.collected_at or row.tested_at).isoformat(),
        tested_at=row.tested_at.isoformat(),
        received_at=row.reported_at.isoformat(),
        members=len(tube.members) if tube else len(each.people),
        members_unknown=len(tube.unknown) if tube else 0,
        tube_id=tube.tube_id if tube else None,
    )


def _recheck(
    each: Told, retained: Mapping[str, tuple[str, ...]], limits: Sequence[Limit], *, now: datetime
) -> RecheckOrdered:
    tube = each.tube
    kept = retained.get(tube.tube_code, ()) if tube else ()
    category = "recheck_retained" if kept else "recheck_new"
    limit = limit_for(limits, "recheck", {"category": category}, day=day_of(now))
    due_at = after(now, limit.minutes if limit else None)
    return RecheckOrdered(
        result_id=each.result_id,
        tube_code=tube.tube_code if tube else str(each.result_id),
        site_code=tube.site_code if tube else None,
        lab_code=each.row.lab_code,
        person_ids=each.people,
        retained_tubes=kept,
        at=now.isoformat(),
        due_at=None if due_at is None else due_at.isoformat(),
    )


def _resample(each: Told, *, now: datetime) -> ResampleOrdered:
    tube = each.tube
    return ResampleOrdered(
        result_id=each.result_id,
        tube_code=tube.tube_code if tube else None,
        site_code=tube.site_code if tube else None,
        unit_code=tube.unit_code if tube else None,
        lab_code=each.row.lab_code,
        person_ids=each.people,
        at=now.isoformat(),
    )


def _opening(each: Told) -> list[Opening]:
    row, tube, before = each.row, each.tube, each.before
    if not (rules.is_reviewed(row.outcome, row.mode, row.test_kind) or row.from_positive):
        return []
    subject = each.subject
    if subject is None and tube is not None and before is not None and before.person_ids:
        subject = ("tube", tube.tube_code)  # whom the replaced result concerned waits for this review
    if subject is None:
        return []
    people = (*each.people, *(before.person_ids if before else ()))
    return [
        Opening(
            result_id=each.result_id,
            person_ids=tuple(dict.fromkeys(people)),
            subject_type=subject[0],
            subject_code=subject[1],
            unit_code=tube.unit_code if tube else None,
            lab_code=row.lab_code,
            outcome=row.outcome,
            from_positive=row.from_positive,
            collected_at=row.collected_at,
            tested_at=row.tested_at,
        )
    ]


async def raise_held(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    """Tell of positives that are held: a contradiction must not hide one.

    Where it is in doubt whom the row is about, the CDC is told and nobody else.
    """
    wanted = [r for r in rows if r.outcome == "positive" and r.test_kind != "antibody"]
    if not wanted:
        return
    tubes = await current_tubes(session, [r.tube_code for r in wanted if r.tube_code])
    named = await _named(session, wanted)
    people = {person for tube in tubes.values() for person in tube.everybody} | set(named.values())
    codes = await _health_codes(session, people)
    for place, row in enumerate(wanted):
        alarm = _held_alarm(Told(row, tubes.get(row.tube_code), None, codes, named.get(place)))
        await publish(session, alarm, now=now, urgent=True)


def _held_alarm(each: Told) -> AlarmRaised:
    # A person on whom the row contradicts itself is named as the row names them.
    subject = each.subject or ("person", each.row.health_code_id or str(each.result_id))
    alarm = replace(_alarm(each, subject), alarm_id=uuid5(each.result_id, "conflict"), conflict=True)
    if each.row.code == CONFLICTING_OUTCOME:
        return alarm
    return replace(alarm, person_ids=(), unit_code=None)


async def _named(session: Session, rows: Sequence[Row]) -> Mapping[int, UUID]:
    """Return, by their place, the people of rows that name exactly one and are held for their outcome."""
    asked = [
        (place, row)
        for place, row in enumerate(rows)
        if row.tube_code is None and row.code == CONFLICTING_OUTCOME
    ]
    found: dict[int, set[UUID]] = {}
    if asked:
        named = await fetch_all(
            session,
            NAMED,
            places=[place for place, _ in asked],
            codes=[row.health_code_id for _, row in asked],
            indexes=[row.id_index for _, row in asked],
        )
        for each in named:
            found.setdefault(each["place"], set()).add(each["person_id"])
    return {place: people.pop() for place, people in found.items() if len(people) == 1}


async def _health_codes(session: Session, people: set[UUID]) -> Codes:
    if not people:
        return {}
    rows = await fetch_all(session, HEALTH_CODES, people=sorted(people))
    return {row["person_id"]: row["health_code_id"] for row in rows}
