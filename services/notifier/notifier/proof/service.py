"""Everything a body was sent in a period, as a chained and signed export, in short transactions."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping

from notifier.notices.rules import Sight
from notifier.notices.service import STEP_CONTEXT, TEXT_CONTEXT, Notifier
from notifier.proof import queries
from shared.audit import heads
from shared.audit.proofs import About, Chain
from shared.clock import SHANGHAI, midnight
from shared.db import LONG_SECONDS, Session, fetch_all, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import mask_name
from shared.web.paging import FIRST

PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom and which days a proof is about, both days included."""

    body_type: str
    body_code: str
    first: date
    last: date


async def check_known(session: Session, wanted: Wanted, sight: Sight) -> None:
    """Refuse a body that is not there or lies outside the caller's area; Problem 404."""
    body = {"body_type": wanted.body_type, "body_code": wanted.body_code}
    if not await fetch_value(session, queries.KNOWN, **_of(sight), **body):
        raise Problem(NOT_FOUND)


async def export(
    context: Notifier, wanted: Wanted, sight: Sight, *, limits: Mapping[str, str] | None, now: datetime
) -> AsyncIterator[bytes]:
    """Yield the lines; each transaction is held to the caller's limits."""
    chain = Chain(about_of(context, wanted, now=now))
    yield chain.first + b"\n"
    after: UUID | None = FIRST
    while after is not None:
        async with context.db.transaction(seconds=LONG_SECONDS, limits=limits) as session:
            entries, after = await page(session, context, wanted, sight, after=after)
        yield b"".join(chain.add(entry) + b"\n" for entry in entries)
    yield chain.close(heads.signing_key(context.settings), now=context.db.now()) + b"\n"


def about_of(context: Notifier, wanted: Wanted, *, now: datetime) -> About:
    """Return the first line of a proof that is made now."""
    return About(
        service=context.service,
        body_type=wanted.body_type,
        body_code=wanted.body_code,
        first_day=wanted.first.isoformat(),
        last_day=wanted.last.isoformat(),
        made_at=_written(now),
    )


def parameters_of(wanted: Wanted, sight: Sight) -> dict[str, Any]:
    """Return what the statements ask for: the body, the time, and what the caller may see."""
    return {
        **_of(sight),
        "body_type": wanted.body_type,
        "body_code": wanted.body_code,
        "first_moment": midnight(wanted.first),
        "end_moment": midnight(wanted.last + timedelta(days=1)),
    }


async def page(
    session: Session, context: Notifier, wanted: Wanted, sight: Sight, *, after: UUID
) -> tuple[list[dict[str, Any]], UUID | None]:
    """Return the next entries, oldest notice first, and the notice to go on after, None behind the last."""
    rows = await fetch_all(session, queries.NOTICES, **parameters_of(wanted, sight), after=after, limit=PAGE)
    ids = [row["notice_id"] for row in rows]
    deliveries = _by(await fetch_all(session, queries.DELIVERIES, notice_ids=ids), "notice_id")
    attempts = _by(await fetch_all(session, queries.ATTEMPTS, notice_ids=ids), "delivery_id")
    seen = _by(await fetch_all(session, queries.SEEN, notice_ids=ids), "notice_id")
    answers = _by(await fetch_all(session, queries.ANSWERS, notice_ids=ids), "notice_id")
    documents = _by(await fetch_all(session, queries.DOCUMENTS, notice_ids=ids), "notice_id")
    entries = [
        _entry(context, row)
        | {
            "deliveries": [_delivery(each, attempts[each["delivery_id"]]) for each in deliveries[key]],
            "seen": [{"client_id": each["client_id"], "at": _moment(each["first_at"])} for each in seen[key]],
            "answers": [
                {"kind": each["kind"], "client_id": each["client_id"], "at": _moment(each["at"])}
                for each in answers[key]
            ],
            "documents": [
                {"format": each["format"], "sha256": each["sha256"], "first_at": _moment(each["first_at"])}
                for each in documents[key]
            ],
        }
        for row in rows
        for key in (row["notice_id"],)
    ]
    return entries, ids[-1] if len(rows) == PAGE else None


def _entry(context: Notifier, row: RowMapping) -> dict[str, Any]:
    """Return what was issued, and who took note of it or took it back; names of people are masked."""
    sealed = context.sealer.open_json(row["sealed"], context=TEXT_CONTEXT)
    said = msgspec.json.encode(sealed, order="deterministic")
    return {
        "notice_id": str(row["notice_id"]),
        "kind": row["kind"],
        "number": row["number"],
        "level": row["level"],
        "subject": {"type": row["subject_type"], "code": row["subject_code"]},
        "as_of": _moment(row["as_of"]),
        "issued_at": _moment(row["issued_at"]),
        "ack_due_at": _moment(row["ack_due_at"]),
        "status": row["status"],
        "text": sealed["zh"],
        "content_sha256": sha256(said).hexdigest(),
        "wording": sealed.get("wording"),
        "acknowledged": _step(
            context, row["acknowledged_at"], row["acknowledged_client"], row["acknowledgement"]
        ),
        "revoked": _step(context, row["revoked_at"], row["revoked_client"], row["revocation"]),
    }


def _step(
    context: Notifier, at: datetime | None, client_id: str | None, sealed: bytes | None
) -> dict[str, Any] | None:
    """Return who did something and when; without a client the system did, as when a positive is refuted."""
    if at is None:
        return None
    by = context.sealer.open_json(sealed, context=STEP_CONTEXT).get("by") if sealed else None
    return {"at": _moment(at), "client_id": client_id, "by_masked": mask_name(by) if by else None}


def _delivery(row: RowMapping, attempts: Sequence[RowMapping]) -> dict[str, Any]:
    return {
        "delivery_id": str(row["delivery_id"]),
        "sequence": row["sequence"],
        "channel": row["channel"],
        "reason": row["reason"],
        "state": row["state"],
        "queued_at": _moment(row["created_at"]),
        "handed_at": _moment(row["handed_at"]),
        "delivered_at": _moment(row["delivered_at"]),
        "read_at": _moment(row["read_at"]),
        "provider_ref": row["provider_ref"],
        "attempts": [
            {"attempt": a["attempt"], "at": _moment(a["at"]), "outcome": a["outcome"], "error": a["error"]}
            for a in attempts
        ],
    }


def _by(rows: Sequence[RowMapping], name: str) -> Mapping[Any, list[RowMapping]]:
    found: dict[Any, list[RowMapping]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _moment(at: datetime | None) -> str | None:
    return None if at is None else _written(at)


def _written(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def _of(sight: Sight) -> dict[str, Any]:
    return asdict(sight) | {"kinds": list(sight.kinds) if sight.kinds is not None else None}
