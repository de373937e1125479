"""Charts as HTML: inline SVG with the table of the same numbers under it. No script, no style, no address."""

from html import escape
from typing import Final

from shared.charts import Chart, shown

WIDTH: Final = 720
LABEL: Final = 220
VALUE: Final = 90
BAR: Final = 26
PLOT: Final = 180
MARGIN: Final = 40


def figure(chart: Chart, number: int) -> str:
    """Return a chart, its title, and its table; `number` tells it from the others of the page."""
    title = f"{escape(chart.zh)} <span class='quiet'>{escape(chart.en)}</span>"
    note = f"<p>{escape(chart.note_zh)} <span class='quiet'>{escape(chart.note_en)}</span></p>"
    if not chart.rows:
        empty = "<p class='empty'>没有数据 <span class='quiet'>No data</span></p>"
        return f"<section><h2>{title}</h2>{note}{empty}</section>"
    drawn = _line(chart, number) if chart.kind == "line" else _bars(chart, number)
    return f"<section><h2>{title}</h2>{note}<figure>{drawn}</figure>{_table(chart)}</section>"


def _opened(chart: Chart, number: int, height: int) -> str:
    name = f"chart-{number}"
    return (
        f"<svg role='img' aria-labelledby='{name}' viewBox='0 0 {WIDTH} {height}' class='chart'>"
        f"<title id='{name}'>{escape(chart.zh)} {escape(chart.en)}</title>"
    )


def _bars(chart: Chart, number: int) -> str:
    unit = chart.columns[chart.plotted].unit
    room = WIDTH - LABEL - VALUE
    parts = [_opened(chart, number, BAR * len(chart.rows))]
    for place, ((label, _), value) in enumerate(zip(chart.rows, chart.values, strict=True)):
        top = place * BAR
        length = room * (value or 0) / chart.largest
        parts.append(
            f"<text x='{LABEL - 8}' y='{top + 18}' class='label'>{escape(_short(label))}</text>"
            f"<rect x='{LABEL}' y='{top + 4}' width='{length:.1f}' height='{BAR - 8}' class='bar-of'/>"
            f"<text x='{LABEL + length + 6:.1f}' y='{top + 18}'>{escape(shown(value, unit))}</text>"
        )
    return "".join((*parts, "</svg>"))


def _line(chart: Chart, number: int) -> str:
    unit = chart.columns[chart.plotted].unit
    step = (WIDTH - 2 * MARGIN) / max(len(chart.rows) - 1, 1)
    places = [
        (MARGIN + place * step, MARGIN + PLOT * (1 - value / chart.largest), value)
        for place, value in enumerate(chart.values)
        if value is not None
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    base = MARGIN + PLOT
    parts = [
        _opened(chart, number, base + MARGIN),
        f"<line x1='{MARGIN}' y1='{base}' x2='{WIDTH - MARGIN}' y2='{base}' class='axis'/>",
        f"<polyline points='{points}' class='line-of'/>",
    ]
    parts += (
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4' class='point'/>"
        f"<text x='{x:.1f}' y='{y - 10:.1f}' class='middle'>{escape(shown(value, unit))}</text>"
        for x, y, value in places
    )
    parts += (
        f"<text x='{MARGIN + place * step:.1f}' y='{base + 20}' class='middle'>"
        f"{escape(label[5:] or label)}</text>"
        for place, (label, _) in enumerate(chart.rows)
    )
    return "".join((*parts, "</svg>"))


def _table(chart: Chart) -> str:
    header = "".join(
        f"<th scope='col'>{escape(each.zh)}<br><span class='quiet'>{escape(each.en)}</span></th>"
        for each in (chart.first, *chart.columns)
    )
    rows = "".join(
        f"<tr><th scope='row'>{escape(label)}</th>"
        + "".join(
            f"<td>{escape(shown(value, column.unit))}</td>"
            for value, column in zip(numbers, chart.columns, strict=True)
        )
        + "</tr>"
        for label, numbers in chart.rows
    )
    return f"<table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"


def _short(label: str) -> str:
    most = 26
    return label if len(label) <= most else label[: most - 1] + "…"
