"""Sealing packets: each list is taken whole or not at all, and no tube lies in two of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from results_ingest.packets import errors, queries
from results_ingest.packets.rules import Fault, list_faults
from results_ingest.packets.schemas import PacketIn
from results_ingest.tubes.errors import OUTSIDE_AREA
from results_ingest.tubes.rules import AHEAD
from shared.context import Context
from shared.db import Session, execute, fetch_all, full_sight
from shared.errors import INVALID_BODY, Problem, RowError
from shared.ids import new_id
from shared.security.principal import Principal

ACCEPTED: Final = "accepted"
UPDATED: Final = "updated"
Verdict = str | list[Fault]


async def seal(
    session: Session, context: Context[Any], packets: Sequence[PacketIn], *, who: Principal, now: datetime
) -> list[Verdict]:
    """Keep packets; return for each `accepted`, `updated` (the same again) or what is wrong with it."""
    known = await _Known.of(session, packets)
    good: dict[str, PacketIn] = {}
    digests: dict[str, bytes] = {}
    verdicts: list[Verdict] = []
    for packet in packets:
        faults = known.faults(packet, who) or list_faults(
            packet.tube_codes, sealed_at=packet.sealed_at, latest=now + AHEAD
        )
        digest = context.index.of("packet", json.dumps(packet.model_dump(mode="json")))
        if faults:
            verdicts.append(faults)
        elif packet.packet_code not in good:
            good[packet.packet_code], digests[packet.packet_code] = packet, digest
            verdicts.append(ACCEPTED)
        else:
            verdicts.append(_compared(digests[packet.packet_code], digest))
    reuse_after = timedelta(days=context.settings.tube_reuse_days)
    outcomes = await _store(session, good, digests, reuse_after=reuse_after, client_id=who.client_id, now=now)
    return [
        outcomes[packet.packet_code] if verdict == ACCEPTED else verdict
        for packet, verdict in zip(packets, verdicts, strict=True)
    ]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise the Problem of these faults, if there are any; the first of packets' own codes names it."""
    if not faults:
        return
    own = next((errors.OWN[code] for _, code in faults if code in errors.OWN), INVALID_BODY)
    raise Problem(own, errors=[RowError(None, field, code) for field, code in faults])


def _compared(stored: bytes, wanted: bytes) -> Verdict:
    return UPDATED if stored == wanted else [("packet_code", errors.PACKET_CODE_IN_USE.code)]


class _Known:
    """What is registered of what packets name."""

    def __init__(
        self, sites: Mapping[str, str | None], labs: frozenset[str], tubes: Mapping[str, Any]
    ) -> None:
        self._sites = sites
        self._labs = labs
        self._tubes = tubes

    @classmethod
    async def of(cls, session: Session, packets: Sequence[PacketIn]) -> "_Known":
        """Look everything up at once, past the caller's limits: it is compared, not shown."""
        tube_codes = sorted({code for packet in packets for code in packet.tube_codes})
        async with full_sight(session):
            sites = await fetch_all(session, queries.SITES, codes=sorted({p.site_code for p in packets}))
            labs = await fetch_all(session, queries.LABS, codes=sorted({p.lab_code for p in packets}))
            tubes = await fetch_all(session, queries.TUBES, codes=tube_codes)
        return cls(
            {row["site_code"]: row["township_code"] for row in sites},
            frozenset(row["lab_code"] for row in labs),
            {row["tube_code"]: row for row in tubes},
        )

    def faults(self, packet: PacketIn, who: Principal) -> list[Fault]:
        """Return what is unknown, outside the caller's area, or later than the seal."""
        if who.limited and (who.township is None or self._sites.get(packet.site_code) != who.township):
            return [("site_code", OUTSIDE_AREA.code)]
        faults: list[Fault] = []
        if packet.site_code not in self._sites:
            faults.append(("site_code", errors.SITE_UNKNOWN.code))
        if packet.lab_code not in self._labs:
            faults.append(("lab_code", errors.LAB_UNKNOWN.code))
        for place, code in enumerate(packet.tube_codes):
            tube = self._tubes.get(code)
            if tube is None:
                continue
            if who.limited and not tube["nowhere"] and tube["township_code"] != who.township:
                faults.append((f"tube_codes.{place}", OUTSIDE_AREA.code))
            elif tube["collected_at"] > packet.sealed_at:
                faults.append((f"tube_codes.{place}", errors.SEALED_EARLY.code))
        return faults


async def _store(
    session: Session,
    good: Mapping[str, PacketIn],
    digests: Mapping[str, bytes],
    *,
    reuse_after: timedelta,
    client_id: str,
    now: datetime,
) -> dict[str, Verdict]:
    fresh = {new_id(now): good[code] for code in sorted(good)}
    packets = list(fresh.values())
    inserted = {
        row["packet_id"]
        for row in await fetch_all(
            session,
            queries.INSERT,
            packet_ids=list(fresh),
            packet_codes=[p.packet_code for p in packets],
            site_codes=[p.site_code for p in packets],
            lab_codes=[p.lab_code for p in packets],
            sealed_ats=[p.sealed_at for p in packets],
            samples=[p.samples for p in packets],
            paper_forms=[p.paper_forms for p in packets],
            digests=[digests[p.packet_code] for p in packets],
            client_id=client_id,
            now=now,
        )
    }
    standing = sorted(p.packet_code for packet_id, p in fresh.items() if packet_id not in inserted)
    stored = {
        row["packet_code"]: row["digest"]
        for row in (await fetch_all(session, queries.DIGESTS, codes=standing) if standing else [])
    }
    # One that is not seen lies outside the caller's area: its code is taken all the same.
    outcomes = {code: _compared(stored.get(code, b""), digests[code]) for code in standing}
    new = {packet_id: packet for packet_id, packet in fresh.items() if packet_id in inserted}
    return outcomes | await _fill(
        session, new, digests, before=now - reuse_after, client_id=client_id, now=now
    )


async def _fill(
    session: Session,
    new: Mapping[UUID, PacketIn],
    digests: Mapping[str, bytes],
    *,
    before: datetime,
    client_id: str,
    now: datetime,
) -> dict[str, Verdict]:
    """Put the tubes into new packets; drop those of which a tube lies in another one."""
    if not new:
        return {}
    placed: dict[UUID, set[str]] = {packet_id: set() for packet_id in new}
    pairs = [(packet_id, code) for packet_id, packet in new.items() for code in packet.tube_codes]
    for packet_id, code in await put_tubes(session, pairs, standing="listed", before=before):
        placed[packet_id].add(code)
    outcomes: dict[str, Verdict] = {}
    dropped = []
    for packet_id, packet in new.items():
        taken: list[Fault] = [
            (f"tube_codes.{place}", errors.TUBE_IN_OTHER_PACKET.code)
            for place, code in enumerate(packet.tube_codes)
            if code not in placed[packet_id]
        ]
        outcomes[packet.packet_code] = taken or ACCEPTED
        if taken:
            dropped.append(packet_id)
    if dropped:
        await execute(session, queries.DROP_TUBES, packet_ids=dropped)
        await execute(session, queries.DROP, packet_ids=dropped)
    kept = [packet_id for packet_id in new if packet_id not in dropped]
    await execute(
        session,
        queries.ADD_STEPS,
        kind="sealed",
        packet_ids=kept,
        ns=[1] * len(kept),
        ats=[new[each].sealed_at for each in kept],
        contents=[_content(new[each]) for each in kept],
        digests=[digests[new[each].packet_code] for each in kept],
        sealed_notes=[None] * len(kept),
        client_id=client_id,
        now=now,
    )
    return outcomes


async def put_tubes(
    session: Session, pairs: Sequence[tuple[UUID, str]], *, standing: str, before: datetime
) -> list[tuple[UUID, str]]:
    """Put tubes into packets; return those that lay in no other one. `before`: older lists hold no more."""
    codes = [code for _, code in pairs]
    async with full_sight(session):
        await execute(session, queries.LET_GO, codes=codes, before=before)
        rows = await fetch_all(
            session,
            queries.PUT_TUBES,
            packet_ids=[packet_id for packet_id, _ in pairs],
            codes=codes,
            standing=standing,
        )
    return [(row["packet_id"], row["tube_code"]) for row in rows]


def _content(packet: PacketIn) -> str:
    said = {
        "sealer_code": packet.sealer_code,
        "samples": packet.samples,
        "paper_forms": packet.paper_forms,
        "listed": len(packet.tube_codes),
    }
    return json.dumps(said)
