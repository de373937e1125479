"""Rows of this batch against what was accepted before: duplicates, conflicts, and corrected rows."""

import json
from typing import Final
from uuid import UUID

from results_ingest.batches import queries
from results_ingest.batches.draft import Accepted, Draft, Key, Prints, drop, prints_of
from results_ingest.batches.fingerprints import WINDOW, Remembered, judge, remember
from shared.db import Session, execute, fetch_all, json_of
from shared.result_ids import oldest_id, result_id, split

_CHUNK: Final = 2000
"""Keys a statement: encoding their arrays holds the event loop."""


async def find_corrected(session: Session, draft: Draft) -> bool:
    """Find what corrections name; reject those that name nothing. True if the draft changed."""
    asking = [one for one in draft.accepted if one.is_correction]
    if not asking:
        return False
    named = [_named(one) for one in asking]
    found = await fetch_all(
        session,
        queries.CORRECTED,
        lab_code=draft.lab_code,
        numbers=[batch_no for batch_no, _, _ in named],
        ids=[batch_id for _, batch_id, _ in named],
        rows=[row for _, _, row in named],
    )
    for match in found:
        asking[match["n"] - 1].corrected = result_id(match["batch_id"], match["row"])
    for one in asking:
        if one.corrected is None:
            draft.reject(one.number, one.row.values.get("row_ref"), [("corrects", "corrects_not_found")])
    drop(draft, lambda one: not one.is_correction or one.corrected is not None)
    return True


def repeat_corrections(draft: Draft) -> None:
    """Count a row that says what a correction in the same batch says: that one was accepted."""
    said = {(*one.key, one.outcome) for one in draft.accepted if one.is_correction}
    if not said:
        return

    def is_new(one: Accepted) -> bool:
        return one.is_correction or (*one.key, one.outcome) not in said

    for one in draft.accepted:
        if not is_new(one):
            draft.count_double(one.number, one.row.values.get("row_ref"))
    drop(draft, is_new)


async def compare(session: Session, draft: Draft, *, keep: bool) -> bool:
    """Compare with earlier batches and, with `keep`, remember what is accepted.

    True if a row turned out a duplicate or is held. Keys are taken in one order by every writer.
    """
    prints = draft.prints or prints_of(draft)
    if not prints.groups:
        return False
    if keep and await _insert(session, prints) == len(draft.accepted):
        return False
    oldest = oldest_id(draft.now - WINDOW)
    known = await _known(session, prints, lock=keep, own=draft.batch_id)
    changed = _judge(draft, prints, known, oldest)
    if keep:
        await _update(session, draft, prints, known, oldest)
    return changed


async def _insert(session: Session, prints: Prints) -> int:
    new = 0
    for start in range(0, len(prints.keys), _CHUNK):
        part = slice(start, start + _CHUNK)
        new += await execute(
            session,
            queries.INSERT_FINGERPRINTS,
            tested=prints.tested[part],
            keys=prints.keys[part],
            outcomes=prints.outcomes[part],
            ids=prints.ids[part],
        )
    return new


async def _known(session: Session, prints: Prints, *, lock: bool, own: UUID) -> dict[Key, Remembered]:
    known: dict[Key, Remembered] = {}
    keys = list(prints.groups)
    for start in range(0, len(keys), _CHUNK):
        part = slice(start, start + _CHUNK)
        found = await fetch_all(
            session,
            queries.REMEMBERED_LOCKED if lock else queries.REMEMBERED,
            tested=prints.tested[part],
            keys=prints.keys[part],
        )
        for row in found:
            if split(row["result_id"])[0] != own:
                others = {int(outcome): UUID(one) for outcome, one in (json_of(row["others"]) or {}).items()}
                known[keys[start + row["n"] - 1]] = Remembered(row["outcome"], row["result_id"], others)
    return known


def _judge(draft: Draft, prints: Prints, known: dict[Key, Remembered], oldest: UUID) -> bool:
    double: set[int] = set()
    held = False
    for key, before in known.items():
        for one in prints.groups[key]:
            if one.is_correction:
                continue
            verdict = judge(before, one.outcome, oldest)
            if verdict == "duplicate":
                double.add(one.number)
                draft.count_double(one.number, one.row.values.get("row_ref"))
            elif verdict == "conflict":
                one.hold, held = "conflicting_outcome", True
    drop(draft, lambda one: one.number not in double)
    return held or bool(double)


async def _update(
    session: Session, draft: Draft, prints: Prints, known: dict[Key, Remembered], oldest: UUID
) -> None:
    kept = {one.number for one in draft.accepted}
    keys: list[Key] = []
    stored: list[Remembered] = []
    for key, rows in prints.groups.items():
        accepted = [(one.outcome, draft.id_of(one)) for one in rows if one.number in kept]
        if accepted and (key in known or len(rows) > 1):
            keys.append(key)
            stored.append(remember(known.get(key), accepted, oldest))
    if keys:
        await execute(
            session,
            queries.UPDATE_FINGERPRINTS,
            tested=[tested_at for tested_at, _ in keys],
            keys=[key for _, key in keys],
            outcomes=[one.outcome for one in stored],
            ids=[one.result_id for one in stored],
            others=[_text(one) for one in stored],
        )


def _named(one: Accepted) -> tuple[str | None, UUID | None, int]:
    corrects = one.row.values["corrects"]
    if corrects.get("result_id") is not None:
        batch_id, row = split(UUID(corrects["result_id"]))
        return None, batch_id, row
    return corrects["batch_no"], None, corrects["row"]


def _text(one: Remembered) -> str | None:
    if not one.others:
        return None
    return json.dumps({str(outcome): str(result) for outcome, result in one.others.items()})
