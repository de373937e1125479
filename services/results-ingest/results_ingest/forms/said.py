"""What a body of another standard says: rows as JSON would send them, and what is wrong beside them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from results_ingest.forms import errors, terms
from results_ingest.sheets.reading import Fault, Saved
from shared.errors import BAD_FORMAT, NOT_ALLOWED, TOO_MANY_ROWS, Problem, RowError
from shared.identifiers import is_code
from shared.result_ids import MOST_ROWS

_NUMBER: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,9})?", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_ROW: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
Row = dict[str, Any]


@dataclass(slots=True)
class Told:
    """Rows numbered from 1; `unreadable` faults by the row's number, `source` what that row was.

    `notes` are what the receipt has to say; `origin` is for the answer in the same standard.
    """

    batch_no: str | None
    origin: Any
    rows: list[Row] = field(default_factory=list)
    unreadable: dict[int, list[Fault]] = field(default_factory=dict)
    source: dict[int, str] = field(default_factory=dict)
    notes: list[RowError] = field(default_factory=list)
    offset_assumed: bool = False

    def add(self, row: Row, wrong: Sequence[Fault], source: str) -> int:
        """Add a row with what cannot be read of it; return its number. Problem 413 for one too many."""
        if len(self.rows) >= MOST_ROWS:
            raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
        self.rows.append(row)
        if wrong:
            self.unreadable[len(self.rows)] = list(wrong)
            self.source[len(self.rows)] = source
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Words:
    """The published codes below those that a laboratory has saved; keys in lower case."""

    tests: Mapping[str, str]
    outcomes: Mapping[str, str]
    identifiers: Mapping[str, str]
    fields: Mapping[str, str]
    constants: Mapping[str, str]

    def kind_of(self, names: Sequence[str]) -> str | None:
        """Return the kind of test that codes or texts name, None for a test of another programme."""
        if "outcome" in (self.fields.get(name.lower()) for name in names):
            return self.constants.get("test_kind", "pcr")
        return next((self.tests[name.lower()] for name in names if name.lower() in self.tests), None)

    def value_of(self, names: Sequence[str]) -> str | None:
        """Return the field of a Ct value, None for anything else."""
        found = next((self.fields[name.lower()] for name in names if name.lower() in self.fields), None)
        return found if found in ("ct_n", "ct_orf1ab") else None

    def outcome_of(self, names: Sequence[str]) -> str | Fault | None:
        """Return the outcome that codes and texts say, or what is wrong; None if they say nothing."""
        given = [name.strip().lower() for name in names if name.strip()]
        found = {self.outcomes[name] for name in given if name in self.outcomes}
        if len(found) > 1:
            return "outcome", errors.OUTCOME_CONTRADICTS.code
        if given and not found:
            return "outcome", NOT_ALLOWED.code
        return found.pop() if found else None


def words_of(saved: Saved) -> Words:
    """Return every code and word that a body of this laboratory may use."""

    def over(published: Mapping[str, str], name: str) -> Mapping[str, str]:
        own = saved.words.get(name, {})
        return {**published, **{word.lower(): meant for word, meant in own.items()}}

    own = {header.lower(): name for header, name in saved.columns.items()}
    return Words(
        over(terms.TESTS, "test_kind"),
        over(terms.OUTCOME_CODES, "outcome"),
        over(terms.IDENTIFIERS, "id_type"),
        {**terms.CT_VALUES, **own},
        saved.constants,
    )


def code_or_none(text: str) -> str | None:
    """Return a text that may be a code of the contract, such as a row's own reference."""
    return text if is_code(text) else None


def put_number(row: Row, wrong: list[Fault], name: str, text: str) -> None:
    """Put a Ct value into a row."""
    if not _NUMBER.fullmatch(text):
        wrong.append((name, BAD_FORMAT.code))
    else:
        row[name] = float(text) if "." in text else int(text)


def put_identity(row: Row, wrong: list[Fault], found: Sequence[tuple[str, str]], name: str) -> None:
    """Put the known identifiers (kind, number) of a person into a row, and the name beside them."""
    codes = {number for kind, number in found if kind == terms.HEALTH_CODE}
    papers = {(kind, number) for kind, number in found if kind != terms.HEALTH_CODE}
    if len(codes) > 1 or len(papers) > 1:
        wrong.append(("id_no" if len(papers) > 1 else terms.HEALTH_CODE, errors.SEVERAL_IDENTITIES.code))
        return
    for code in codes:
        row[terms.HEALTH_CODE] = code
    for kind, number in papers:
        row["id_type"], row["id_no"] = kind, number
    if name and found:
        row["name"] = name


def written_name(parts: Sequence[str]) -> str:
    """Return family, given and further names as one: Chinese without blanks, others with them."""
    given = [part.strip() for part in parts if part.strip()]
    return (" " if all(part.isascii() for part in given) else "").join(given)


def put_correction(row: Row, wrong: list[Fault], named: tuple[str, str], reason: str) -> None:
    """Put what a correction replaces into a row: a result id, or a row of a batch."""
    first, batch_no = named
    corrects: Row = {"reason": reason} if reason else {}
    if _UUID.fullmatch(first):
        corrects["result_id"] = first
    elif batch_no and _ROW.fullmatch(first):
        corrects["batch_no"], corrects["row"] = batch_no, int(first)
    else:
        wrong.append(("corrects", errors.CORRECTION_UNNAMED.code))
        return
    row["corrects"] = corrects


def put_constants(row: Row, words: Words) -> None:
    """Put a laboratory's values for every row where a row says nothing itself."""
    for name, value in words.constants.items():
        row.setdefault(name, value)
    if "id_no" not in row:
        row.pop("id_type", None)
