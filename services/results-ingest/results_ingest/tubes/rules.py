"""What may be in a tube, and where it stands. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from shared.identifiers import check_id_no, normalise_id_no

AHEAD: Final = timedelta(minutes=10)
# A sample without a result is no longer shown as pending after so long (contract §4).
PENDING_LAPSES: Final = timedelta(hours=72)

Fault = tuple[str | None, str]
"""(field, code)."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """The four times of a sample: 采 sampled, 送 delivered, 检 tested, 报 reported."""

    collected_at: datetime | None
    delivered_at: datetime | None
    tested_at: datetime | None
    reported_at: datetime | None


def pool_sizes_on(sizes: Mapping[date, Sequence[int]], day: date) -> Sequence[int]:
    """Return the sizes of mixed tubes that are allowed on a day: those that began last."""
    begun = [since for since in sizes if since <= day]
    return sizes[max(begun)] if begun else ()


def tube_faults(tube: Any, *, site_kind: str | None, now: datetime) -> list[Fault]:  # noqa: ANN401 - the wire model
    """Return everything that is wrong with a tube; the first one names the refusal."""
    faults = member_faults(
        tube.members, mode=tube.mode, capacity=tube.capacity, subject=tube.subject,
        at_checkpoint=at_checkpoint(tube.site_code, site_kind), today=now.date(),
    )  # fmt: skip
    if (tube.mode == "single") != (tube.capacity == 1):
        faults.append(("capacity", "capacity_mode"))
    if tube.subject != "person" and (tube.unit_code is None or tube.sample_kind is None):
        faults.append(("sample_kind" if tube.unit_code else "unit_code", "thing_needs_unit_and_kind"))
    if tube.subject == "person" and tube.sample_kind is not None:
        faults.append(("sample_kind", "person_has_no_sample_kind"))
    if tube.collected_at > now + AHEAD:
        faults.append(("collected_at", "time_in_future"))
    if tube.dispatched_at is not None:
        if tube.dispatched_at > now + AHEAD:
            faults.append(("dispatched_at", "time_in_future"))
        if tube.dispatched_at < tube.collected_at:
            faults.append(("dispatched_at", "dispatched_before_collected"))
    return faults


def at_checkpoint(site_code: str | None, site_kind: str | None) -> bool:
    """Whether a tube is taken at a checkpoint; a named site that nobody has registered may be one."""
    return site_kind == "checkpoint" or (site_code is not None and site_kind is None)


def member_faults(
    members: Sequence[Any],
    *,
    mode: str,
    capacity: int,
    subject: str,
    at_checkpoint: bool,
    today: date,
) -> list[Fault]:
    """Return what is wrong with these members of a tube."""
    faults: list[Fault] = []
    if members and subject != "person":
        return [("members", "thing_has_no_members")]
    for place, member in enumerate(members):
        found = _member_faults(member, mode=mode, at_checkpoint=at_checkpoint, today=today)
        faults.extend(
            (f"members.{place}.{field}" if field else f"members.{place}", code) for field, code in found
        )
    if len(members) > capacity:
        faults.append(("members", "pool_full"))
    return faults


def _member_faults(member: Any, *, mode: str, at_checkpoint: bool, today: date) -> list[Fault]:  # noqa: ANN401 - the wire model
    if member.tube_code is not None:
        return [("tube_code", "pool_of_pools")]
    if member.code_color == "red" and at_checkpoint:
        return [("code_color", "to_isolation_point")]
    if mode == "mixed" and member.code_color in ("yellow", "red"):
        return [("code_color", "single_only")]
    if mode == "mixed" and member.travel_star:
        return [("travel_star", "single_only")]
    document = (member.id_type, member.id_no, member.name)
    if (member.health_code_id is None) == (document == (None, None, None)):
        return [(None, "member_identifier")]
    if member.health_code_id is None:
        if None in document:
            return [(None, "member_identifier")]
        code = check_id_no(member.id_type, normalise_id_no(member.id_type, member.id_no), today)
        return [("id_no", code)] if code else []
    return []


def stands(stamps: Stamps, *, bound: bool, held: bool, retained: bool = False) -> str:
    """Return where a sample is: the last of its four stamps, or what keeps it.

    `retained`: a single that is kept beside a pool and only tested if the pool is not negative.
    """
    if held and stamps.reported_at is None:
        return "held"
    if not bound:
        return "not_bound"
    if stamps.reported_at is not None:
        return "reported"
    if stamps.tested_at is not None:
        return "tested"
    if retained:
        return "retained"
    if stamps.delivered_at is not None:
        return "delivered"
    return "sampled"


def stamp_faults(stamps: Stamps) -> list[dict[str, str]]:
    """Return which stamps are missing before a later one, or lie before an earlier one."""
    order = [
        ("collected", stamps.collected_at),
        ("delivered", stamps.delivered_at),
        ("tested", stamps.tested_at),
        ("reported", stamps.reported_at),
    ]
    last = max((n for n, (_, at) in enumerate(order) if at is not None), default=-1)
    faults: list[dict[str, str]] = []
    before: datetime | None = None
    for name, at in order[: last + 1]:
        if at is None:
            faults.append({"stage": name, "code": "stamp_missing"})
            continue
        if before is not None and at < before:
            faults.append({"stage": name, "code": "stamp_reversed"})
        before = at
    return faults
