"""A list written as a sheet, page by page, each in a short transaction inside the caller's area."""

from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, Final

from anyio import to_thread

from registry.departments.listing import LISTING as DEPARTMENTS
from registry.exports import errors
from registry.exports.schemas import ExportIn
from registry.ledger.listing import LISTING as LEDGER
from registry.overdue.listing import PEOPLE as OVERDUE
from registry.overdue.listing import UNITS as OVERDUE_UNITS
from registry.people.listing import LISTING as PEOPLE
from registry.units.listing import LISTING as UNITS
from registry.units.listing import MAP_LISTING as INDUSTRY_MAP
from shared.audit.recording import record
from shared.context import Context
from shared.errors import Language, Problem
from shared.security.access import Principal
from shared.sheets.listings import Listing, Wanted, cell
from shared.sheets.writing import Table, table

LISTINGS: Final[dict[str, Listing]] = {
    listing.name: listing
    for listing in (DEPARTMENTS, UNITS, INDUSTRY_MAP, PEOPLE, OVERDUE, OVERDUE_UNITS, LEDGER)
}
AT_ONCE: Final = 1_000


async def write(context: Context[Any], wanted: ExportIn, *, who: Principal, language: Language) -> bytes:
    """Return the sheet; Problem 403 for a system that asks for clear text, 422 for too many rows.

    Opens its own transactions. What is shown in clear is recorded before it is written.
    """
    listing = LISTINGS[wanted.list]
    if wanted.disclosure is not None and not listing.discloses:
        raise Problem(errors.NOTHING_TO_DISCLOSE)
    header = [column.zh if language == "zh" else column.en for column in listing.columns]
    title = listing.zh if language == "zh" else listing.en
    with TemporaryFile() as file:
        with table(file, wanted.format, header, title=title) as sheet:
            rows = await _pages(context, listing, wanted, sheet, who=who)
        async with context.db.transaction(limits=who.limits) as session:
            now = await context.clock.now(session)
            await record(
                session, context, who=who, action="export", subject=listing.name, purpose=wanted.format,
                rows=rows, now=now,
            )  # fmt: skip
        return await to_thread.run_sync(_content, file)


async def _pages(
    context: Context[Any], listing: Listing, wanted: ExportIn, sheet: Table, *, who: Principal
) -> int:
    most: int = context.settings.sheet_most_rows
    disclosure = wanted.disclosure
    count, after = 0, None
    while True:
        async with context.db.transaction(limits=who.limits) as session:
            asked = Wanted(
                who=who,
                now=await context.clock.now(session),
                township_code=wanted.township_code,
                department_code=wanted.department_code,
                unit_code=wanted.unit_code,
                clear=frozenset(disclosure.fields) if disclosure else frozenset(),
                reason=disclosure.reason if disclosure else None,
            )
            rows, after = await listing.page(session, context, asked, after, AT_ONCE)
        count += len(rows)
        if count > most:
            raise Problem(errors.EXPORT_TOO_LARGE, limit=most)
        await to_thread.run_sync(_add, sheet, listing, rows)
        if after is None:
            return count


def _add(sheet: Table, listing: Listing, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        sheet.add([cell(row, column.field) for column in listing.columns])


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
