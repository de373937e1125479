"""A tube's content: its records for the store, and the digest by which the same content is known."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from results_ingest.matching.keys import code_key, document_key
from results_ingest.tubes.schemas import MemberIn, TubeIn
from shared.identifiers import normalise_id_no, normalise_name
from shared.security.sealing import BlindIndex, Sealer

MEMBER_CONTEXT: Final = "ingest.tube_member"
_HEADER: Final = (
    "tube_code", "mode", "capacity", "subject", "site_code", "lab_code", "unit_code",
    "sample_kind", "paired_with", "packet_code", "round_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tube that may be registered; `repeated` is the place of a member who is in it twice."""

    tube: TubeIn
    members: list[dict[str, Any]]
    digest: bytes
    result_due_at: datetime
    repeated: int | None


def wanted_of(tube: TubeIn, sealer: Sealer, index: BlindIndex, *, due_at: datetime) -> Wanted:
    """Return a tube with its members indexed and sealed; `due_at`: when its result is due."""
    members = [member_record(member, sealer, index) for member in tube.members]
    seen: set[str] = set()
    repeated = None
    for place, member in enumerate(members):
        if member["match_key"] in seen and repeated is None:
            repeated = place
        seen.add(member["match_key"])
    return Wanted(tube, members, _digest(tube, members, index), due_at, repeated)


def member_record(member: MemberIn, sealer: Sealer, index: BlindIndex) -> dict[str, Any]:
    """Return a member as stored, without tube and position: keys in clear, the rest sealed."""
    record: dict[str, Any] = {
        "health_code_id": member.health_code_id,
        "code_color": member.code_color,
        "travel_star": member.travel_star,
        "origin": member.origin,
        "destination": member.destination,
    }
    if member.health_code_id is not None:
        return record | {"match_key": code_key(member.health_code_id)}
    id_type, number, name = member.id_type or "", member.id_no or "", member.name or ""
    id_index = index.of(f"id:{id_type}", normalise_id_no(id_type, number))
    name_index = index.of("name", normalise_name(name))
    sealed = sealer.seal_json({"id_no": number, "name": name}, context=MEMBER_CONTEXT)
    return record | {
        "match_key": document_key(id_index),
        "id_type": id_type,
        "id_index": _bytea(id_index),
        "name_index": _bytea(name_index),
        "sealed": _bytea(sealed),
    }


def member_records(wanted: Wanted, tube_id: UUID, *, now: datetime) -> list[dict[str, Any]]:
    """Return the members of a new tube as stored."""
    return [
        {**member, "tube_id": str(tube_id), "position": position, "added_at": now.isoformat()}
        for position, member in enumerate(wanted.members, start=1)
    ]


def tube_record(wanted: Wanted, *, tube_id: UUID, client_id: str, now: datetime) -> dict[str, Any]:
    """Return a new tube as stored."""
    tube = wanted.tube
    return {name: getattr(tube, name) for name in _HEADER} | {
        "tube_id": str(tube_id),
        "collected_at": tube.collected_at.isoformat(),
        "dispatched_at": tube.dispatched_at.isoformat() if tube.dispatched_at else None,
        "members": len(wanted.members),
        "result_due_at": wanted.result_due_at.isoformat(),
        "digest": _bytea(wanted.digest),
        "client_id": client_id,
        "registered_at": now.isoformat(),
    }


def _digest(tube: TubeIn, members: list[dict[str, Any]], index: BlindIndex) -> bytes:
    said = [
        [
            m["match_key"],
            m.get("name_index"),
            m["code_color"],
            m["travel_star"],
            m["origin"],
            m["destination"],
        ]
        for m in sorted(members, key=lambda m: m["match_key"])
    ]
    times = [_instant(tube.collected_at), _instant(tube.dispatched_at)]
    content = [*(getattr(tube, name) for name in _HEADER), *times, said]
    return index.of("tube", json.dumps(content))


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _bytea(value: bytes) -> str:
    return "\\x" + value.hex()
