"""What a row about a person does, given what is known. Pure: rows in, verdicts and new states out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from registry.people.rows import Document, Enrolment, Known, Person, Place, Row, Verdicts

UNKNOWN_UNIT: Final = "unknown_unit_code"
UNKNOWN_CATEGORY: Final = "unknown_category_code"
HEALTH_CODE_TAKEN: Final = "health_code_taken"
LEFT_BEFORE_ENROLLED: Final = "left_before_enrolled"
LEFT_NOWHERE: Final = "left_without_enrolment"
UNKNOWN_PERSON: Final = "unknown_person"
UNIT_NEEDED: Final = "unit_needed_in_area"


def apply_rows(rows: list[Row], people: dict[Document, Person], known: Known) -> Verdicts:
    """Apply rows in order to `people`, adding new ones; a refused row changes nothing."""
    verdicts = Verdicts()
    for sent in rows:
        person = people.get(sent.document)
        row, entry_id = placed(sent, person, known)
        refusal = _refusal(row, person, known)
        if refusal is not None:
            verdicts.refused.append((row.number, *refusal))
            continue
        if person is None:
            person = Person(new=True, name_index=row.name_index or b"", new_name=row.name)
            person.changed.update(("name", "identity"))
            people[row.document] = person
            verdicts.accepted += 1
        else:
            verdicts.updated += 1
        _apply(row, person, known, entry_id)
    return verdicts


def assign_codes(
    rows: list[tuple[int, Document, str]], people: dict[Document, Person], holders: dict[str, Document]
) -> Verdicts:
    """Give known people their codes in order; accepted: a person's first code."""
    verdicts = Verdicts()
    for number, document, code in rows:
        person = people.get(document)
        if person is None:
            verdicts.refused.append((number, "id_no", UNKNOWN_PERSON))
            continue
        if holders.get(code, document) != document:
            verdicts.refused.append((number, "health_code_id", HEALTH_CODE_TAKEN))
            continue
        if person.health_code_id is None:
            verdicts.accepted += 1
        else:
            verdicts.updated += 1
        if person.health_code_id != code:
            _take_code(code, document, person, holders)
    return verdicts


def enrolment_after(row: Row, stored: Enrolment | None, *, today: date) -> Enrolment | None:
    """Return the enrolment that a row asks for, or None if it would end before it begins.

    A row without `left_on` about somebody who left enrols them again, unless it is an older row:
    one whose `enrolled_on` lies before the day they left, or one without it on that very day.
    """
    begins = row.enrolled_on
    ends = row.left_on
    if stored is None:
        begins = begins or (min(today, ends) if ends is not None else today)
    elif ends is None and stored.left_on is not None:
        again = today > stored.left_on if begins is None else stored.enrolled_on < begins >= stored.left_on
        begins, ends = (begins or today, None) if again else (stored.enrolled_on, stored.left_on)
    else:
        begins = begins or stored.enrolled_on
    if ends is not None and ends < begins:
        return None
    return Enrolment(
        begins,
        ends,
        row.department_in_unit or (stored.department_in_unit if stored else None),
        row.employment_type or (stored.employment_type if stored else None),
        stored.derived_from if stored else None,
    )


def placed(row: Row, person: Person | None, known: Known) -> tuple[Row, int | None]:
    """Return the row at the place it means, and the entry that derived its category (row 10).

    A category that is given wins, in the row or in another stay of the unit. Without one the department
    decides; a name that the list does not know says nothing, and leaves a derived stay its category. A
    department that follows another begins today, or on a later day of the row.
    """
    unit, department = row.unit_code, row.department_in_unit
    if unit is None or row.category_code is not None:
        return row, None
    stays = {} if person is None else {place: e for place, e in person.enrolments.items() if place[0] == unit}
    going = {place: e for place, e in stays.items() if e.ends_after(known.today)}
    if any(place[1] is not None and e.derived_from is None for place, e in going.items()):
        return row, None
    derived = known.departments.get((unit, department or ""))
    if derived is None or (row.left_on is not None and (unit, derived.category_code) not in stays):
        return _as_it_stands(row, stays if row.left_on is not None else going)
    place = unit, derived.category_code
    others = {other: e for other, e in stays.items() if other != place and (e.derived_from or not other[1])}
    begins = row.enrolled_on
    if row.left_on is None:
        open_since = [e.enrolled_on for other, e in others.items() if other in going]
        ended = [e.left_on for e in others.values() if e.left_on is not None]
        if open_since and (begins is None or begins <= max(open_since)):
            begins = known.today
        elif begins is not None:
            begins = max([begins, *ended])
    return replace(row, category_code=derived.category_code, enrolled_on=begins), derived.entry_id


def _as_it_stands(row: Row, stays: Mapping[Place, Enrolment]) -> tuple[Row, int | None]:
    mine = [(e.enrolled_on, place, e) for place, e in stays.items() if e.derived_from is not None]
    if not mine:
        return row, None
    _, (_, category_code), latest = max(mine, key=lambda each: each[0])
    begins = row.enrolled_on and max(row.enrolled_on, latest.enrolled_on)
    return replace(row, category_code=category_code, enrolled_on=begins), latest.derived_from


def stay(person: Person, place: Place, wanted: Enrolment, *, today: date) -> None:
    """Put a stay on a person; in its unit it ends whatever a department had said before."""
    put(person, place, wanted)
    unit, category_code = place
    if unit is None or category_code is None or not wanted.ends_after(today):
        return
    for other, e in list(person.enrolments.items()):
        gives_way = e.derived_from is not None or (other[1] is None and wanted.derived_from is not None)
        if other != place and other[0] == unit and gives_way and e.ends_after(today):
            put(person, other, replace(e, left_on=max(e.enrolled_on, wanted.enrolled_on)))


def put(person: Person, place: Place, wanted: Enrolment) -> None:
    """Put a stay on a person and note whether that changed anything."""
    if wanted != person.enrolments.get(place):
        person.enrolments[place] = wanted
        person.changed_places.add(place)
        person.changed.add("enrolment")


def units_of(enrolments: Mapping[Place, Enrolment], today: date) -> tuple[str, ...]:
    """Return the units somebody has not left, in order."""
    return tuple(sorted({unit for (unit, _), e in enrolments.items() if unit and e.ends_after(today)}))


def _refusal(row: Row, person: Person | None, known: Known) -> tuple[str, str] | None:
    if person is None and row.name_index is None:
        return "id_no", UNKNOWN_PERSON
    if row.unit_code is not None and row.unit_code not in known.units:
        return "unit_code", UNKNOWN_UNIT
    if row.unit_code is None and known.unit_needed:
        return "unit_code", UNIT_NEEDED
    if row.category_code is not None and row.category_code not in known.categories:
        return "category_code", UNKNOWN_CATEGORY
    code = row.health_code_id
    if code is not None and known.holders.get(code, row.document) != row.document:
        return "health_code_id", HEALTH_CODE_TAKEN
    place = row.place
    if place is None:
        return None if row.left_on is None else ("left_on", LEFT_NOWHERE)
    stored = person.enrolments.get(place) if person else None
    if enrolment_after(row, stored, today=known.today) is None:
        return "left_on", LEFT_BEFORE_ENROLLED
    return None


def _apply(row: Row, person: Person, known: Known, entry_id: int | None) -> None:
    if row.name_index is not None and person.name_index != row.name_index:
        person.name_index, person.new_name = row.name_index, row.name
        person.changed.update(("name", "identity"))
    if row.phone is not None and person.phone_index != row.phone_index:
        person.phone_index, person.new_phone = row.phone_index, row.phone
        person.changed.add("phone")
    if row.health_code_id is not None and person.health_code_id != row.health_code_id:
        _take_code(row.health_code_id, row.document, person, known.holders)
    vaccinated = row.vaccination_completed_on
    if vaccinated is not None and person.vaccination_completed_on != vaccinated:
        person.vaccination_completed_on = vaccinated
        person.changed.add("vaccination")
    place = row.place
    if place is not None:
        wanted = enrolment_after(row, person.enrolments.get(place), today=known.today)
        if wanted is not None:
            stay(person, place, replace(wanted, derived_from=entry_id), today=known.today)


def _take_code(code: str, document: Document, person: Person, holders: dict[str, Document]) -> None:
    old = person.health_code_id
    if old is not None:
        holders.pop(old, None)
        person.lost_codes.append(old)
    holders[code] = document
    if code in person.lost_codes:
        person.lost_codes.remove(code)
    person.health_code_id = code
    person.changed.update(("health_code_id", "identity"))
