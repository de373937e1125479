"""A report as a sheet: every row, and a native chart of the weeks or of the lowest shares."""

from tempfile import TemporaryFile
from typing import IO, Any, Final

from anyio import to_thread

from registry.exports.errors import EXPORT_TOO_LARGE
from registry.figures import charts, service
from shared.audit.recording import record
from shared.charts import Chart
from shared.context import Context
from shared.db import Session
from shared.errors import Language, Problem
from shared.security.principal import Principal
from shared.sheets.charting import headers, write_charted
from shared.sheets.rows import Format
from shared.sheets.writing import table

AT_ONCE: Final = 1000
MOST_BARS: Final = 40
Row = list[str | float | int | None]


async def write(
    session: Session,
    context: Context[Any],
    *,
    asked: service.Asked,
    who: Principal,
    form: Format,
    language: Language,
) -> bytes:
    """Return the sheet of a report; Problem 422 for more rows than `SHEET_MOST_ROWS`."""
    now = await context.clock.now(session)
    rows: list[Row] = []
    after: str | None = None
    while True:
        page, _ = await service.report(session, asked=asked, who=who, after=after, limit=AT_ONCE, now=now)
        rows += [[charts.label_of(row), *charts.numbers_of(row)] for row in page]
        if len(rows) > context.settings.sheet_most_rows:
            raise Problem(EXPORT_TOO_LARGE, limit=context.settings.sheet_most_rows)
        if len(page) < AT_ONCE:
            break
        after = page[-1]["key"] or ""
    chart = await charts.chart_of(session, asked=asked, who=who, now=now, most=MOST_BARS)
    await record(
        session, context, who=who, action="export", subject="figures", purpose=form, rows=len(rows), now=now
    )
    return await to_thread.run_sync(_written, chart, rows, form, language)


def _written(chart: Chart, rows: list[Row], form: Format, language: Language) -> bytes:
    with TemporaryFile() as file:
        if form == "csv":
            with table(file, form, headers(chart, language), title=chart.en) as sheet:
                for row in rows:
                    sheet.add(row)
        else:
            write_charted(file, chart, rows, language=language)
        return _content(file)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
