"""Reading batches: receipts with their counts, lists, and verdicts row by row; a lab sees its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from results_ingest.batches import read_queries as queries
from results_ingest.batches.receipts import receipt
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import CURSOR_INVALID, NOT_FOUND, Language, Problem
from shared.result_ids import oldest_id, result_id
from shared.security.principal import Principal
from shared.web.paging import decode_cursor, encode_cursor, moment_of

_LAST_ID: Final = UUID(int=2**128 - 1)
_FIRST_ID: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list, as they were sent."""

    batch_no: str | None
    lab_code: str | None
    received_from: str | None
    received_to: str | None


async def one(session: Session, who: Principal, batch_id: str, language: Language) -> dict[str, Any]:
    """Return a receipt and where its rows stand; Problem 404 for another lab's."""
    batch = await visible(session, who, batch_id)
    stands = await fetch_one(session, queries.STANDS, batch_id=batch["batch_id"])
    if stands is None:
        raise Problem(NOT_FOUND)
    waiting = batch["accepted"] - stands["matched"] - stands["unmatched"] - stands["held"]
    return {
        **receipt(batch, language),
        "status": _status(waiting),
        "waiting": waiting,
        **stands,
    }


async def page(
    session: Session, who: Principal, wanted: Wanted, *, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of batches, newest first."""
    sees_all, own = _sees(who)
    since = moment_of("received_from", wanted.received_from)
    until = moment_of("received_to", wanted.received_to)
    found = await fetch_all(
        session,
        queries.PAGE,
        every=sees_all,
        own=own,
        lab_code=wanted.lab_code,
        batch_no=wanted.batch_no,
        since=since,
        until=until,
        floor=_FIRST_ID if since is None else oldest_id(since),
        before=_LAST_ID if cursor is None else _uuid_of(decode_cursor(cursor).get("before")),
        limit=limit + 1,
    )
    last = str(found[limit - 1]["batch_id"]) if len(found) > limit else None
    return {
        "batches": [_item(dict(batch)) for batch in found[:limit]],
        "next_cursor": None if last is None else encode_cursor({"before": last}),
    }


async def rows(
    session: Session, who: Principal, batch_id: str, *, verdict: str | None, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of a batch's rows that have a verdict, in their order."""
    batch = await visible(session, who, batch_id)
    after = 0 if cursor is None else decode_cursor(cursor).get("after")
    if type(after) is not int or not 0 <= after <= 10_000:  # noqa: PLR2004 - the last row there is
        raise Problem(CURSOR_INVALID)
    found = await fetch_all(
        session, queries.ROWS, batch_id=batch["batch_id"], verdict=verdict, after=after, limit=limit + 1
    )
    more = len(found) > limit
    numbers = await fetch_value(session, queries.ROW_NUMBERS, batch_id=batch["batch_id"])
    return {
        "rows": [_row(batch["batch_id"], dict(row), numbers) for row in found[:limit]],
        "next_cursor": encode_cursor({"after": found[limit - 1]["row"]}) if more else None,
    }


async def visible(session: Session, who: Principal, batch_id: str) -> Mapping[str, Any]:
    """Return a stored batch; Problem 404 for another lab's."""
    try:
        wanted = UUID(batch_id)
    except ValueError:
        raise Problem(NOT_FOUND) from None
    batch = await fetch_one(session, queries.ONE, batch_id=wanted)
    sees_all, own = _sees(who)
    if batch is None or not (sees_all or batch["lab_code"] == own):
        raise Problem(NOT_FOUND)
    return dict(batch)


def _sees(who: Principal) -> tuple[bool, str | None]:
    """Return whether the caller sees every lab's batches, and its own lab.

    A batch lies in no township or department: a client of one of these sees none.
    """
    everything = who.holds("records:read") and not who.limited
    return everything, who.lab_code if who.holds("results:write") else None


def _item(batch: Mapping[str, Any]) -> dict[str, Any]:
    path = f"/v1/batches/{batch['batch_id']}"
    return {
        "batch_id": str(batch["batch_id"]),
        "batch_no": batch["batch_no"],
        "lab_code": batch["lab_code"],
        "received_at": batch["received_at"].astimezone(SHANGHAI).isoformat(),
        "sha256": bytes(batch["sha256"]).hex(),
        "status": _status(batch["waiting"]),
        "rows": batch["rows"],
        "accepted": batch["accepted"],
        "rejected": batch["rejected"],
        "duplicates": batch["duplicates"],
        "waiting": batch["waiting"],
        "errors_total": batch["errors_total"],
        "warnings_total": batch["warnings_total"],
        "links": {"self": path, "rows": f"{path}/rows"},
    }


def _row(batch_id: UUID, row: Mapping[str, Any], numbers: Sequence[int] | None) -> dict[str, Any]:
    """Return a row's verdict, under the number that a person sees (`numbers`, of a sheet)."""
    number = row["row"] if numbers is None else numbers[row["row"] - 1]
    item = {"row": number, "verdict": row["verdict"]}
    if row["row_ref"] is not None:
        item["row_ref"] = row["row_ref"]
    if row["verdict"] not in ("rejected", "duplicate"):
        item["result_id"] = str(result_id(batch_id, row["row"]))
    if row["code"] is not None:
        item["code"] = row["code"]
    return item


def _status(waiting: int) -> str:
    return "matched" if waiting == 0 else "received"


def _uuid_of(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise Problem(CURSOR_INVALID) from None
