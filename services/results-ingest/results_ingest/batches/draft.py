"""A batch as it stands before the store is asked: rows accepted so far, rows refused, what is said.

Runs in a worker thread for large bodies: it must not touch the database or the event loop.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from results_ingest.batches.fingerprints import OUTCOME_NUMBER, key_of
from results_ingest.batches.reading import Sent
from results_ingest.batches.rules import DEFAULT_TEST_KIND, Row, check_row, code_in
from results_ingest.matching.plain import Plain
from results_ingest.sheets.reading import faults_of
from shared.errors import RowError
from shared.identifiers import normalise_id_no
from shared.result_ids import result_id
from shared.security.sealing import BlindIndex

REJECTED: Final = "rejected"
DUPLICATE: Final = "duplicate"
_PLAIN_FIELDS: Final = frozenset({"health_code_id", "outcome", "mode", "test_kind", "row_ref"})


Key = tuple[datetime, bytes]
"""The key of a fingerprint: time of testing first; every writer takes keys in this order."""


@dataclass(slots=True)
class Accepted:
    """A row that is good in itself; the store may still find it a duplicate, or hold it."""

    number: int
    row: Row
    key: Key
    outcome: int
    id_index: str | None
    hold: str | None = None
    corrected: UUID | None = None

    @property
    def is_correction(self) -> bool:
        """Tell whether the row replaces another."""
        return "corrects" in self.row.values


@dataclass(frozen=True, slots=True)
class Refused:
    """A row without effect, and the first reason."""

    number: int
    row_ref: str | None
    verdict: str
    code: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Prints:
    """The fingerprints of a draft's accepted rows by key, in the order in which every writer takes them."""

    groups: dict[Key, list[Accepted]]
    tested: list[datetime]
    keys: list[bytes]
    outcomes: list[int]
    ids: list[UUID]


@dataclass(slots=True)
class Draft:
    """A batch on its way to a receipt."""

    batch_id: UUID
    lab_code: str
    client_id: str
    now: datetime
    sent: Sent
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    notes: list[RowError] = field(default_factory=list)
    prints: "Prints | None" = None

    @property
    def rejected(self) -> int:
        """Return the number of rejected rows."""
        return sum(one.verdict == REJECTED for one in self.refused)

    def reject(self, number: int, row_ref: str | None, faults: list[tuple[str | None, str]]) -> None:
        """Refuse a row for everything that is wrong with it."""
        name, code = faults[0]
        self.refused.append(Refused(number, row_ref, REJECTED, code, name))
        self.errors.extend(RowError(number, name, code, row_ref) for name, code in faults)

    def count_double(self, number: int, row_ref: str | None) -> None:
        """Count a row that says nothing new."""
        self.refused.append(Refused(number, row_ref, DUPLICATE, "duplicate_row", None))

    def id_of(self, one: Accepted) -> UUID:
        """Return the result id of a row."""
        return result_id(self.batch_id, one.number)

    def copy(self) -> "Draft":
        """Return a draft that may be changed while this one stays for another attempt."""
        for one in self.accepted:
            one.hold = one.corrected = None
        return replace(self, accepted=[*self.accepted], refused=[*self.refused], errors=[*self.errors])


def accepted_of(number: int, values: object, *, lab_code: str, now: datetime) -> Accepted:
    """Return a plain row that is known to be good."""
    row = check_row(values, now)
    if isinstance(row, list):
        message = "a row that was plain is no longer good"
        raise TypeError(message)
    return _accepted(number, row, lab_code, None)


def plain_of(one: Accepted) -> Plain | None:
    """Return a row as a plain negative, or None if there is more to it."""
    values, row = one.row.values, one.row
    if (
        one.hold is not None
        or row.collected_at is None
        or values["outcome"] != "negative"
        or "health_code_id" not in values
        or row.test_kind != DEFAULT_TEST_KIND
        or not _PLAIN_FIELDS.issuperset(values)
    ):
        return None
    return Plain(
        one.number,
        values["health_code_id"],
        one.key[1],
        values.get("mode", "single"),
        row.collected_at.timestamp(),
        row.tested_at.timestamp(),
        None if row.received_at is None else row.received_at.timestamp(),
        None if row.released_at is None else row.released_at.timestamp(),
        values.get("row_ref"),
    )


def prepare(
    sent: Sent, *, batch_id: UUID, lab_code: str, client_id: str, now: datetime, index: BlindIndex
) -> Draft:
    """Check every row on its own and against the others of its batch."""
    draft = Draft(batch_id, lab_code, client_id, now, sent, notes=[*sent.notes])
    good: list[Accepted] = []
    for number, sent_row in enumerate(sent.rows, start=1):
        checked = check_row(sent_row, now)
        if number in sent.unreadable:
            checked = faults_of(sent.unreadable[number], checked)
        if isinstance(checked, list):
            draft.reject(number, code_in(sent_row, "row_ref"), checked)
        else:
            good.append(_accepted(number, checked, lab_code, _id_index(checked, index)))
    draft.accepted = list(_within(draft, good))
    draft.prints = prints_of(draft)
    return draft


def prints_of(draft: Draft) -> Prints:
    """Return the fingerprints of the rows that are accepted now."""
    groups: dict[Key, list[Accepted]] = {}
    for one in sorted(draft.accepted, key=_place):
        groups.setdefault(one.key, []).append(one)
    firsts = [rows[0] for rows in groups.values()]
    return Prints(
        groups,
        [tested_at for tested_at, _ in groups],
        [key for _, key in groups],
        [one.outcome for one in firsts],
        [draft.id_of(one) for one in firsts],
    )


def _place(one: Accepted) -> tuple[float, bytes]:
    # By the number of seconds: comparing times that carry an offset costs more than all the rest.
    return one.key[0].timestamp(), one.key[1]


def drop(draft: Draft, kept: Callable[[Accepted], bool]) -> None:
    """Keep only the accepted rows that `kept` names; the others have been refused by the caller."""
    draft.accepted = [one for one in draft.accepted if kept(one)]
    draft.prints = None


def _within(draft: Draft, good: list[Accepted]) -> Iterator[Accepted]:
    outcomes: dict[Key, set[int]] = {}
    for one in good:
        if not one.is_correction:
            outcomes.setdefault(one.key, set()).add(one.outcome)
    seen: set[Key] = set()
    for one in good:
        if one.is_correction:
            yield one
        elif len(outcomes[one.key]) > 1:
            draft.reject(one.number, one.row.values.get("row_ref"), [("outcome", "conflicting_outcome")])
        elif one.key in seen:
            draft.count_double(one.number, one.row.values.get("row_ref"))
        else:
            seen.add(one.key)
            yield one


def _accepted(number: int, row: Row, lab_code: str, id_index: str | None) -> Accepted:
    key = (row.tested_at, key_of(lab_code, row, id_index))
    return Accepted(number, row, key, OUTCOME_NUMBER[row.values["outcome"]], id_index)


def _id_index(row: Row, index: BlindIndex) -> str | None:
    id_type = row.values.get("id_type")
    if id_type is None:
        return None
    return index.of(f"id:{id_type}", normalise_id_no(id_type, row.values["id_no"])).hex()
