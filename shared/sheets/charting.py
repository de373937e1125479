"""A workbook with a native chart: the whole table on one sheet, what is drawn with its chart on another."""

from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

from shared.charts import Chart
from shared.errors import Language
from shared.sheets.cells import shielded
from shared.sheets.writing import Value, workbook

_WIDTH: Final = 18
_FORMATS: Final = {"share": "0.0%", "count": "#,##0", "hours": "0.0"}


def write_charted(
    file: IO[bytes], chart: Chart, rows: Iterable[Sequence[Value]], *, language: Language
) -> None:
    """Write every row to a first sheet and `chart` to a second; `rows` have its columns, after their names.

    The leading texts of a row may be more than one: those that the chart names its rows by are joined there.
    """
    with workbook(file) as book:
        _write(book, "数据" if language == "zh" else "Data", chart, rows, language)
        drawn = [(label, *numbers) for label, numbers in chart.rows]
        sheet = _write(book, "图表" if language == "zh" else "Chart", chart, drawn, language)
        if drawn:
            native = _native(book, sheet.get_name(), chart, language)
            sheet.insert_chart(0, len(chart.columns) + 2, native)


def headers(chart: Chart, language: Language) -> list[str]:
    """Return what stands over the columns."""
    return [each.zh if language == "zh" else each.en for each in (chart.first, *chart.columns)]


def _write(
    book: Any,  # noqa: ANN401 - has no types
    name: str,
    chart: Chart,
    rows: Iterable[Sequence[Value]],
    language: Language,
) -> Any:  # noqa: ANN401 - has no types
    sheet = book.add_worksheet(name)
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"bold": True, "num_format": "@"})
    formats = [text, *(book.add_format({"num_format": _FORMATS[each.unit]}) for each in chart.columns)]
    sheet.set_column(0, len(chart.columns), _WIDTH)
    sheet.freeze_panes(1, 0)
    for place, header in enumerate(headers(chart, language)):
        sheet.write_string(0, place, shielded(header), bold)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, shielded(value), text)
            elif value is not None:
                sheet.write_number(number, place, value, formats[place])
    return sheet


def _native(book: Any, name: str, chart: Chart, language: Language) -> Any:  # noqa: ANN401 - has no types
    last, column = len(chart.rows), chart.plotted + 1
    native = book.add_chart({"type": "line" if chart.kind == "line" else "bar"})
    native.add_series(
        {
            "name": headers(chart, language)[column],
            "categories": [name, 1, 0, last, 0],
            "values": [name, 1, column, last, column],
            "data_labels": {"value": True},
        }
    )
    native.set_title({"name": chart.zh if language == "zh" else chart.en})
    native.set_legend({"none": True})
    axis = "y_axis" if chart.kind == "line" else "x_axis"
    if chart.columns[chart.plotted].unit == "share":
        getattr(native, f"set_{axis}")({"min": 0, "max": 1, "num_format": "0%"})
    if chart.kind == "bars":
        native.set_y_axis({"reverse": True})
    native.set_size({"width": 720, "height": max(320, 22 * last + 120)})
    return native
