"""A paper as PDF, by ReportLab (the extra `documents`).

The font is STSong-Light, which every PDF reader maps to a Chinese font of its own: no font file is shipped or
fetched, so it works behind an air gap. What else differs from run to run, times and ids, is switched off.
"""

import io
from typing import Any, Final
from xml.sax.saxutils import escape

from notifier.documents.rules import Paper, Table

MEDIA_TYPE: Final = "application/pdf"
FONT: Final = "STSong-Light"


class NotInstalled(Exception):  # noqa: N818 - says what is the matter
    """The extra `documents` is not installed."""


def pdf_of(paper: Paper) -> bytes:
    """Return the file of a paper; NotInstalled without ReportLab."""
    try:
        # Loaded when first needed: it takes a while, and is an extra.
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import SimpleDocTemplate
    except ImportError:
        raise NotInstalled from None
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        topMargin=37 * mm,
        bottomMargin=35 * mm,
        leftMargin=28 * mm,
        rightMargin=26 * mm,
        title=paper.title,
        author=paper.issuer,
        invariant=1,
    )
    document.build(_story(paper, width=A4[0] - 54 * mm))
    return out.getvalue()


def _story(paper: Paper, *, width: float) -> list[Any]:
    from reportlab.platypus import Spacer

    title, centred, body, right, plain = (
        _style("title", size=22, align=1),
        _style("centred", align=1),
        _style("body", indent=32),
        _style("right", align=2),
        _style("plain"),
    )
    return [
        _words(paper.title, title),
        _words(paper.number, centred),
        Spacer(1, 16),
        _words(paper.to, plain),
        *(_words(text, body) for text in paper.paragraphs),
        Spacer(1, 16),
        _words(paper.issuer, right),
        _words(paper.dated, right),
        *(part for n, table in enumerate(paper.tables, start=1) for part in _attachment(n, table, width)),
    ]


def _style(name: str, *, size: float = 16, align: int = 0, indent: float = 0) -> Any:  # noqa: ANN401 - ReportLab has no types
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle(
        name,
        fontName=FONT,
        fontSize=size,
        leading=size * 1.75,
        alignment=align,
        firstLineIndent=indent,
        wordWrap="CJK",
    )


def _words(text: str, style: Any) -> Any:  # noqa: ANN401 - ReportLab has no types
    from reportlab.platypus import Paragraph

    return Paragraph(escape(text), style)


def _attachment(n: int, table: Table, width: float) -> list[Any]:
    from reportlab.lib import colors
    from reportlab.platypus import LongTable, Spacer, TableStyle

    cell = _style("cell", size=10.5)
    rows = [[_words(each, cell) for each in row] for row in (table.columns, *table.rows)]
    drawn = LongTable(rows, colWidths=[width / len(table.columns)] * len(table.columns), repeatRows=1)
    drawn.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )
    return [Spacer(1, 16), _words(f"附件{n} {table.heading}", _style("heading", size=14)), drawn]
