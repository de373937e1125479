"""Headers and words of a laboratory's own, saved under a name; no laboratory sees another's."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from results_ingest.sheets import errors, queries
from results_ingest.sheets.columns import COLUMNS
from results_ingest.sheets.reading import Saved
from results_ingest.sheets.schemas import ResultMappingIn
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, json_of
from shared.errors import INVALID_BODY, NOT_ALLOWED, NOT_FOUND, Problem, RowError
from shared.sheets.errors import MAPPING_UNKNOWN
from shared.sheets.mapping import COLUMN_UNKNOWN, HEADERS, wrong_in


async def named(session: Session, *, lab_code: str, name: str | None) -> Saved:
    """Return the mapping of a name, nothing without a name; Problem 422 if there is none."""
    if name is None:
        return Saved()
    found = await listed(session, lab_code=lab_code, name=name)
    if not found:
        raise Problem(MAPPING_UNKNOWN)
    return Saved(found[0]["columns"], found[0]["constants"], found[0]["words"])


async def listed(session: Session, *, lab_code: str, name: str | None = None) -> list[dict[str, Any]]:
    """Return the mappings of a laboratory."""
    rows = await fetch_all(session, queries.MAPPINGS, lab_code=lab_code, name=name)
    return [_shown(dict(row)) for row in rows]


async def put(
    session: Session, wanted: ResultMappingIn, *, lab_code: str, name: str, by: str, now: datetime
) -> dict[str, Any]:
    """Keep a mapping; Problem 422 for fields and values that there are not, or for one too many."""
    wrong = [*wrong_in(COLUMNS, wanted.columns, wanted.constants), *_wrong(wanted)]
    if await fetch_value(session, queries.COUNT_MAPPINGS, lab_code=lab_code, name=name) >= HEADERS:
        wrong.append(RowError(None, "name", errors.TOO_MANY_MAPPINGS.code))
    if wrong:
        raise Problem(INVALID_BODY, errors=wrong)
    stored = await fetch_one(
        session,
        queries.PUT_MAPPING,
        lab_code=lab_code,
        name=name,
        columns=json.dumps(wanted.columns, ensure_ascii=False),
        constants=json.dumps(wanted.constants, ensure_ascii=False),
        words=json.dumps(wanted.words, ensure_ascii=False),
        by=by,
        now=now,
    )
    if stored is None:
        raise Problem(NOT_FOUND)
    return _shown(dict(stored))


async def delete(session: Session, *, lab_code: str, name: str) -> None:
    """Forget a mapping; Problem 404."""
    if not await execute(session, queries.DELETE_MAPPING, lab_code=lab_code, name=name):
        raise Problem(NOT_FOUND)


def _wrong(wanted: ResultMappingIn) -> Iterator[RowError]:
    """Yield what is wrong with constants and words: only what the rules of rows know may stand there."""
    choices = {column.field: set(column.choices.values()) for column in COLUMNS}
    for name, value in wanted.constants.items():
        if choices.get(name) and value not in choices[name]:
            yield RowError(None, name, NOT_ALLOWED.code)
    for name, words in wanted.words.items():
        if name not in choices:
            yield RowError(None, "words", COLUMN_UNKNOWN.code)
        elif not choices[name]:
            yield RowError(None, name, errors.WORDS_UNUSED.code)
        elif not choices[name].issuperset(words.values()):
            yield RowError(None, name, NOT_ALLOWED.code)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{name: json_of(row[name]) for name in ("columns", "constants", "words")}}
