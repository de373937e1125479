"""From sent rows to checked ones with keyed indexes: no database, may run in a thread."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from registry.people.rows import Document, Row
from registry.people.schemas import HealthCodeIn, PersonIn, RosterPerson
from shared.errors import DAY_IN_FUTURE, RowError
from shared.identifiers import check_id_no, normalise_id_no, normalise_name
from shared.security.sealing import BlindIndex
from shared.web.bodies import check_rows


def people_rows(index: BlindIndex, rows: Sequence[object], today: date) -> tuple[list[Row], list[RowError]]:
    """Check rows about people; return the good ones, in order, and what is wrong with the others."""
    checked, errors = check_rows(PersonIn, rows)
    good = []
    for number, person in checked:
        found = person_errors(person, today, row=number)
        errors.extend(found)
        if not found:
            good.append(person_row(index, person, number=number))
    return good, errors


def code_rows(
    index: BlindIndex, rows: Sequence[object], today: date
) -> tuple[list[tuple[int, Document, str]], list[RowError]]:
    """Check rows about health codes; return (row, document, code) of the good ones and the errors."""
    checked, errors = check_rows(HealthCodeIn, rows)
    good = []
    for number, item in checked:
        document = document_of(index, item, today)
        if isinstance(document, str):
            errors.append(RowError(number, "id_no", document))
        else:
            good.append((number, document, item.health_code_id))
    return good, errors


def roster_rows(
    index: BlindIndex, rows: Sequence[object], today: date
) -> tuple[list[tuple[int, Document]], list[RowError]]:
    """Check rows of a roster; return (row, document) of the good ones and the errors."""
    checked, errors = check_rows(RosterPerson, rows)
    good = []
    for number, item in checked:
        document = document_of(index, item, today)
        if isinstance(document, str):
            errors.append(RowError(number, "id_no", document))
        else:
            good.append((number, document))
    return good, errors


def document_of(index: BlindIndex, item: Any, today: date) -> Document | str:  # noqa: ANN401 - any model with a number
    """Return the keyed document of `id_type` and `id_no`, or the code of what is wrong with the number."""
    id_no = normalise_id_no(item.id_type, item.id_no)
    code = check_id_no(item.id_type, id_no, today)
    return code if code is not None else (item.id_type, index.of(f"id:{item.id_type}", id_no))


def person_errors(person: PersonIn, today: date, *, row: int | None) -> list[RowError]:
    """Return what is wrong beyond the shape of each field."""
    found = []
    code = check_id_no(person.id_type, normalise_id_no(person.id_type, person.id_no), today)
    if code is not None:
        found.append(RowError(row, "id_no", code))
    if person.vaccination_completed_on is not None and person.vaccination_completed_on > today:
        found.append(RowError(row, "vaccination_completed_on", DAY_IN_FUTURE.code))
    return found


def person_row(index: BlindIndex, person: PersonIn, *, number: int) -> Row:
    """Return a checked person as the rules take it."""
    id_no = normalise_id_no(person.id_type, person.id_no)
    return Row(
        number=number,
        document=(person.id_type, index.of(f"id:{person.id_type}", id_no)),
        id_no=id_no,
        name=person.name,
        name_index=index.of("name", normalise_name(person.name)),
        phone=person.phone,
        phone_index=None if person.phone is None else index.of("phone", person.phone),
        health_code_id=person.health_code_id,
        vaccination_completed_on=person.vaccination_completed_on,
        unit_code=person.unit_code,
        category_code=person.category_code,
        department_in_unit=person.department_in_unit,
        employment_type=person.employment_type,
        enrolled_on=person.enrolled_on,
        left_on=person.left_on,
    )
