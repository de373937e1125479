"""Reading a sheet that somebody has sent: in a process of its own, bounded in memory, time and number."""

import asyncio
import sys
from collections.abc import Collection
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec
import structlog

from shared.errors import CATALOGUE, MEDIA_TYPE, Problem
from shared.settings import Settings
from shared.sheets import errors
from shared.sheets.child import Wanted
from shared.sheets.decoding import CHARSETS
from shared.sheets.limits import MEGABYTE, Limits
from shared.sheets.rows import Rows

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANY: Final = "application/octet-stream"
# Beside its processor time: a machine under load takes longer by the clock.
_PATIENCE: Final = 4
# Each may take as much memory as the limits say.
_AT_ONCE: Final = 2
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_log = structlog.get_logger()


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings ask for."""
    return Limits(
        bytes=settings.sheet_most_megabytes * MEGABYTE,
        unpacked=settings.sheet_unpacked_megabytes * MEGABYTE,
        rows=settings.sheet_most_rows,
        columns=settings.sheet_most_columns,
        cells=settings.sheet_most_cells,
        memory=settings.sheet_reader_megabytes * MEGABYTE,
        seconds=settings.sheet_reader_seconds,
    )


def charset_of(content_type: str, allowed: Collection[str] = (CSV, XLSX, ANY)) -> tuple[str, str | None]:
    """Return the media type and the declared charset as it is known here; Problem 415 for others."""
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    given = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2].split(";")[0]
    if media_type not in allowed or (given and given not in CHARSETS):
        raise Problem(MEDIA_TYPE)
    return media_type, CHARSETS.get(given)


async def read_sheet(raw: bytes, limits: Limits, *, content_type: str) -> Rows:
    """Return the rows of a CSV or of the first worksheet of an XLSX; Problem 413, 415 or 422."""
    media_type, charset = charset_of(content_type)
    if not raw.strip():
        raise Problem(errors.SHEET_EMPTY)
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    async with turn:
        answer = await _ask(raw, limits, charset)
    if "code" in answer:
        raise Problem(CATALOGUE[answer["code"]], **answer["parameters"])
    rows = msgspec.convert(answer, Rows)
    if {CSV: "csv", XLSX: "xlsx"}.get(media_type, rows.format) != rows.format:
        raise Problem(MEDIA_TYPE)
    return rows


async def _ask(raw: bytes, limits: Limits, charset: str | None) -> dict[str, Any]:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    # Nothing of the environment: the keys are in it. What it says of its end may hold values.
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "shared.sheets.child", stdin=pipe, stdout=pipe, stderr=nowhere, env={}
    )
    head = msgspec.json.encode(Wanted(limits, charset)) + b"\n"
    try:
        async with asyncio.timeout(_PATIENCE * limits.seconds):
            answer, _ = await child.communicate(head + raw)
    except TimeoutError:
        answer = b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode or not answer:
        _log.warning("sheet_reader_ended", returncode=child.returncode, size=len(raw))
        raise Problem(errors.SHEET_TOO_COMPLEX)
    found: dict[str, Any] = msgspec.msgpack.decode(answer)
    return found
