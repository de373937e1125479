"""Keeping the projections: the highest version of a person or a unit wins, in any order."""

from collections.abc import Sequence
from datetime import datetime

from results_ingest.identities import queries
from results_ingest.matching import anchors, late
from results_ingest.matching.keys import code_key, person_keys
from shared.db import Session, execute, fetch_all
from shared.messages.identities import Identity


async def learn(session: Session, people: Sequence[Identity], *, now: datetime) -> None:
    """Take in new and changed people, then match what has waited for them."""
    newest = {p.person_id: p for p in sorted(people, key=lambda p: p.version)}
    ordered = [newest[person_id] for person_id in sorted(newest)]
    before = {
        row["person_id"]: row
        for row in await fetch_all(session, queries.LOCK_KNOWN, people=[p.person_id for p in ordered])
    }
    await _put(session, ordered)
    codes = {p.health_code_id for p in ordered} | {row["health_code_id"] for row in before.values()}
    codes.discard(None)
    keys = [key for p in people for key in person_keys(p.health_code_id, bytes.fromhex(p.id_index))]
    # Before the look for a code's holder: whoever is giving the code away at this moment must be done.
    await anchors.hold(session, [*keys, *map(code_key, filter(None, codes))])
    await execute(session, queries.POINT_CODES, codes=sorted(filter(None, codes)))
    await _keep_aliases(session, people)
    await late.people_arrived(session, keys, now=now)


async def _put(session: Session, ordered: Sequence[Identity]) -> None:
    await execute(
        session,
        queries.PUT,
        people=[p.person_id for p in ordered],
        codes=[p.health_code_id for p in ordered],
        types=[p.id_type for p in ordered],
        ids=[bytes.fromhex(p.id_index) for p in ordered],
        names=[bytes.fromhex(p.name_index) for p in ordered],
        versions=[p.version for p in ordered],
    )


async def _keep_aliases(session: Session, people: Sequence[Identity]) -> None:
    with_code = [p for p in people if p.health_code_id is not None]
    await execute(
        session,
        queries.KEEP_ALIASES,
        codes=[p.health_code_id for p in with_code],
        people=[p.person_id for p in with_code],
        versions=[p.version for p in with_code],
    )
