"""Sending sheets over HTTP, and the worker's part of it."""

from typing import Any

import httpx

from registry.sheets.running import run
from shared.sheets.reading import CSV, XLSX
from tests.support.district import District

TYPES = {"csv": CSV, "xlsx": XLSX}


async def send(
    district: District,
    raw: bytes,
    kind: str = "people",
    *,
    form: str = "csv",
    http: httpx.AsyncClient | None = None,
    charset: str = "",
    **query: Any,
) -> httpx.Response:
    """Send a sheet."""
    content_type = f"{TYPES[form]}; charset={charset}" if charset else TYPES[form]
    return await (http or district.http).post(
        "/v1/imports", params={"kind": kind, **query}, content=raw, headers={"Content-Type": content_type}
    )


async def work(district: District) -> None:
    """Do what a worker would, until there is nothing left."""
    context = district.system.context("registry")
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await run(session, context)


async def imported(district: District, raw: bytes, kind: str = "people", **more: Any) -> dict[str, Any]:
    """Send a sheet, have it taken in, and return the import with its `errors` as (row, field, code)."""
    answer = await send(district, raw, kind, **more)
    assert answer.status_code == 202, answer.text
    await work(district)
    http = more.get("http") or district.http
    path = answer.headers["Location"]
    shown: dict[str, Any] = (await http.get(path)).json()
    listed = (await http.get(f"{path}/errors", params={"limit": 1000})).json()["errors"]
    shown["errors"] = [(error["row"], error["field"], error["code"]) for error in listed]
    return shown
