"""A paper as WordprocessingML: five small parts in a ZIP, written here so that the bytes are always the same.

Sizes and margins are those of GB/T 9704-2012; a reader that lacks a font takes another Chinese one.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from notifier.documents.rules import Paper, Table

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# The earliest that a ZIP can say: no clock is asked.
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPACE: Final = "http://schemas.openxmlformats.org"
_MAIN: Final = f"{_SPACE}/wordprocessingml/2006/main"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Half points: 22 pt for the title, 16 pt for the text, 12 pt in tables.
_TITLE, _BODY, _CELL = 44, 32, 24


def docx_of(paper: Paper) -> bytes:
    """Return the file of a paper."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relation("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": _relation("styles", "styles.xml"),
        "word/styles.xml": _styles(),
        "word/document.xml": _document(paper),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, _WHEN), (_HEAD + content).encode())
    return out.getvalue()


def _content_types() -> str:
    return (
        f'<Types xmlns="{_SPACE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_TYPES}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>'
    )


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_SPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_SPACE}/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
    )


def _styles() -> str:
    fonts = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋"/>'
    return (
        f'<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="{_BODY}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
        "</w:styles>"
    )


def _document(paper: Paper) -> str:
    return (
        f'<w:document xmlns:w="{_MAIN}"><w:body>'
        + _paragraph(paper.title, align="center", size=_TITLE, font="小标宋", bold=True)
        + _paragraph(paper.number, align="center")
        + _paragraph(paper.to)
        + "".join(_paragraph(text, indent=True) for text in paper.paragraphs)
        + _paragraph(paper.issuer, align="right")
        + _paragraph(paper.dated, align="right")
        + "".join(_attachment(n, table) for n, table in enumerate(paper.tables, start=1))
        + '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" '
        'w:left="1588" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>'
    )


def _attachment(n: int, table: Table) -> str:
    rows = [_row(table.columns, head=True), *(_row(row) for row in table.rows)]
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        _paragraph(f"附件{n} {table.heading}", bold=True)
        + f'<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
        + f"<w:tblGrid>{'<w:gridCol/>' * len(table.columns)}</w:tblGrid>{''.join(rows)}</w:tbl>"
        + _paragraph("")
    )


def _row(cells: Iterable[str], *, head: bool = False) -> str:
    repeated = "<w:trPr><w:tblHeader/></w:trPr>" if head else ""
    inner = "".join(f"<w:tc><w:tcPr/>{_paragraph(each, size=_CELL, bold=head)}</w:tc>" for each in cells)
    return f"<w:tr>{repeated}{inner}</w:tr>"


def _paragraph(
    text: str,
    *,
    align: str = "",
    indent: bool = False,
    size: int = _BODY,
    font: str = "",
    bold: bool = False,
) -> str:
    layout = ('<w:ind w:firstLineChars="200" w:firstLine="640"/>' if indent else "") + (
        f'<w:jc w:val="{align}"/>' if align else ""
    )
    letters = (f'<w:rFonts w:eastAsia="{font}"/>' if font else "") + ("<w:b/>" if bold else "")
    words = escape(_FORBIDDEN.sub("", text))
    return (
        f'<w:p><w:pPr>{layout}</w:pPr><w:r><w:rPr>{letters}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{words}</w:t></w:r></w:p>'
    )
