"""From the rows of a spot check to keyed documents: no database, may run in a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.people.rows import Document
from registry.spot_checks.errors import IDENTITY_NEEDED, PERSON_TWICE
from registry.spot_checks.schemas import FoundAtWork
from shared.errors import RowError
from shared.identifiers import check_id_no, normalise_id_no, normalise_name
from shared.security.sealing import BlindIndex
from shared.web.bodies import check_rows


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A checked row; `id_no` is in its normal form."""

    number: int
    document: Document | None
    id_no: str | None
    health_code_id: str | None
    name: str | None
    name_index: bytes | None


def found_rows(
    index: BlindIndex, rows: Sequence[object], today: date
) -> tuple[list[FoundRow], list[RowError]]:
    """Check rows; return the good ones in order and what is wrong with the others."""
    checked, errors = check_rows(FoundAtWork, rows)
    good: list[FoundRow] = []
    seen: set[object] = set()
    for number, each in checked:
        row = _row(index, number, each, today)
        if isinstance(row, RowError):
            errors.append(row)
            continue
        key = row.document or row.health_code_id
        if key in seen:
            errors.append(RowError(number, _field(row), PERSON_TWICE.code))
            continue
        seen.add(key)
        good.append(row)
    return good, errors


def same_person_twice(rows: Sequence[FoundRow], people: Sequence[object]) -> list[RowError]:
    """Return an error for each row whose person an earlier row has named in another way."""
    seen: set[object] = set()
    errors = []
    for row, person in zip(rows, people, strict=True):
        if person is not None and person in seen:
            errors.append(RowError(row.number, _field(row), PERSON_TWICE.code))
        seen.add(person)
    return errors


def _row(index: BlindIndex, number: int, each: FoundAtWork, today: date) -> FoundRow | RowError:
    name_index = None if each.name is None else index.of("name", normalise_name(each.name))
    by_number = each.id_type is not None and each.id_no is not None
    partly = (each.id_type is None) != (each.id_no is None)
    if partly or by_number == (each.health_code_id is not None):
        return RowError(number, "id_no", IDENTITY_NEEDED.code)
    if each.id_type is None or each.id_no is None:
        return FoundRow(number, None, None, each.health_code_id, each.name, name_index)
    id_no = normalise_id_no(each.id_type, each.id_no)
    code = check_id_no(each.id_type, id_no, today)
    if code is not None:
        return RowError(number, "id_no", code)
    document = (each.id_type, index.of(f"id:{each.id_type}", id_no))
    return FoundRow(number, document, id_no, None, each.name, name_index)


def _field(row: FoundRow) -> str:
    return "health_code_id" if row.document is None else "id_no"
