"""A batch taken out row by row, some thousand read at a time: a slow reader holds nothing."""

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, Final, Literal
from uuid import UUID

import msgspec
from anyio import to_thread

from results_ingest.batches import read_queries, reads
from results_ingest.outcomes import queries
from results_ingest.outcomes.errors import ACCEPTED
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, fetch_all, fetch_value
from shared.errors import CATALOGUE, Language
from shared.result_ids import result_id
from shared.security.principal import Principal
from shared.sheets.cells import shielded
from shared.sheets.listings import Listed
from shared.sheets.writing import table

Form = Literal["csv", "xlsx", "ndjson"]
AT_ONCE: Final = 1_000
COLUMNS: Final = (
    Listed("row", "行号", "Row"),
    Listed("row_ref", "行标识", "Reference"),
    Listed("verdict", "结论", "Verdict"),
    Listed("code", "代码", "Code"),
    Listed("field", "字段", "Field"),
    Listed("message", "说明", "Message"),
    Listed("tube_code", "样本条形码", "Tube"),
    Listed("outcome", "检测结果", "Outcome"),
    Listed("collected_at", "采样时间", "Collected"),
    Listed("tested_at", "检测时间", "Tested"),
    Listed("result_id", "结果编号", "Result"),
    Listed("replaced_by", "被更正为", "Replaced by"),
    Listed("same_as", "同一样本", "Same sample as"),
    Listed("review", "复核", "Review"),
)
_WORDS: Final[Mapping[str, str]] = {
    "waiting": "等待匹配", "matched": "已匹配", "unmatched": "未匹配", "held": "挂起待核", "rejected": "拒收",
    "duplicate": "重复", "negative": "阴性", "positive": "阳性", "indeterminate": "可疑", "invalid": "无效",
    "open": "待复核", "confirmed": "确认", "refuted": "否定", "released": "解除", "replaced": "已被更正",
}  # fmt: skip
_IN_WORDS: Final = ("verdict", "outcome", "review")
Fate = dict[str, Any]


def fate_of(row: Mapping[str, Any], numbers: Sequence[int] | None, language: Language) -> Fate:
    """Return what became of a row, without what is not there, under the number that a person sees.

    `numbers`: those of a sheet's rows. No number, name or code of a person is in it.
    """
    accepted = row["verdict"] not in ("rejected", "duplicate")
    said = ACCEPTED.get(row["code"]) or CATALOGUE.get(row["code"])
    fate = {
        "row": row["row"] if numbers is None else numbers[row["row"] - 1],
        "row_ref": row["row_ref"],
        "verdict": row["verdict"],
        "code": row["code"],
        "field": row["field"],
        "message": None if said is None else said.text(language),
        "tube_code": row["tube_code"],
        "outcome": row["outcome"],
        "collected_at": _moment(row["collected_at"]),
        "tested_at": _moment(row["tested_at"]),
        "result_id": str(result_id(row["batch_id"], row["row"])) if accepted else None,
        "replaced_by": None if row["replaced_by"] is None else str(row["replaced_by"]),
        "same_as": None if row["same_as"] is None else str(row["same_as"]),
        "review": row["review"],
    }
    return {name: value for name, value in fate.items() if value is not None}


async def batch_of(context: Context[Any], who: Principal, batch_id: str) -> Mapping[str, Any]:
    """Return a batch of the caller's; Problem 404 for another laboratory's."""
    async with context.db.transaction(limits=who.limits) as session:
        return await reads.visible(session, who, batch_id)


async def lines(
    context: Context[Any], who: Principal, batch: Mapping[str, Any], *, language: Language
) -> AsyncIterator[bytes]:
    """Yield every row as a line of JSON, last of all a line with the counts: a cut answer lacks it."""
    counts: Counter[str] = Counter()
    async for fates in _pages(context, who, batch, language):
        counts.update(fate["verdict"] for fate in fates)
        yield b"".join(msgspec.json.encode(fate) + b"\n" for fate in fates)
    yield msgspec.json.encode({"rows": batch["rows"], "counts": counts}) + b"\n"


async def csv_text(
    context: Context[Any], who: Principal, batch: Mapping[str, Any], *, language: Language
) -> AsyncIterator[bytes]:
    """Yield every row as a line of a CSV that Excel opens as it should."""
    begin = "\ufeff".encode() + _csv([header(language)])
    async for fates in _pages(context, who, batch, language):
        yield begin + _csv([_cells(fate, language) for fate in fates])
        begin = b""


async def workbook(
    context: Context[Any], who: Principal, batch: Mapping[str, Any], *, language: Language
) -> bytes:
    """Return every row as an XLSX; what is refused or held is marked."""
    with TemporaryFile() as file:
        with table(file, "xlsx", header(language), title=batch["batch_no"]) as sheet:
            async for fates in _pages(context, who, batch, language):
                for fate in fates:
                    wrong = {2: None} if fate["verdict"] in ("rejected", "held") else None
                    sheet.add(_cells(fate, language), marked=wrong)
        return await to_thread.run_sync(_content, file)


def header(language: Language) -> list[str]:
    """Return the names of the columns."""
    return [column.zh if language == "zh" else column.en for column in COLUMNS]


async def _pages(
    context: Context[Any], who: Principal, batch: Mapping[str, Any], language: Language
) -> AsyncIterator[list[Fate]]:
    for first in range(1, batch["rows"] + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, batch["rows"])
        async with context.db.transaction(limits=who.limits) as session:
            fates = await of_batch(session, batch["batch_id"], first=first, last=last, language=language)
        yield fates


async def of_batch(
    session: Session, batch_id: UUID, *, first: int, last: int, language: Language
) -> list[Fate]:
    """Return what became of some rows of a batch that the caller may see."""
    numbers = await fetch_value(session, read_queries.ROW_NUMBERS, batch_id=batch_id)
    found = await fetch_all(session, queries.OF_BATCH, batch_id=batch_id, first=first, last=last)
    return [fate_of(dict(row), numbers, language) for row in found]


async def fates_of(session: Session, keys: Sequence[tuple[UUID, int]]) -> list[dict[str, Any]]:
    """Return what became of these rows, (batch id, row), as `fate_of` takes them."""
    found = await fetch_all(
        session, queries.OF_ROWS, batches=[key[0] for key in keys], rows=[key[1] for key in keys]
    )
    return [dict(row) for row in found]


def _cells(fate: Fate, language: Language) -> list[Any]:
    cells = [fate.get(column.field) for column in COLUMNS]
    if language == "en":
        return cells
    places = zip(COLUMNS, cells, strict=True)
    return [_WORDS.get(str(cell), cell) if each.field in _IN_WORDS else cell for each, cell in places]


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([shielded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def _moment(value: Any) -> str | None:  # noqa: ANN401 - a time or nothing
    return None if value is None else value.astimezone(SHANGHAI).isoformat()


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
