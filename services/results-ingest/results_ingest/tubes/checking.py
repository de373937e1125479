"""What the district's own lists say against a tube: areas, drills, sizes of pools, pools of pools."""

from collections.abc import Iterable, Sequence

from results_ingest.settings import ResultsIngestSettings
from results_ingest.tubes import queries
from results_ingest.tubes.errors import OUTSIDE_AREA, POOL_SIZE
from results_ingest.tubes.rules import Fault, pool_sizes_on
from results_ingest.tubes.schemas import MemberIn, TubeIn
from shared.clock import day_of
from shared.db import Session, fetch_all
from shared.security.principal import Principal


async def drills_among(session: Session, codes: Sequence[str | None]) -> frozenset[str]:
    """Return which of these rounds are drills, which have no tubes."""
    wanted = sorted({code for code in codes if code is not None})
    rows = await fetch_all(session, queries.DRILLS, codes=wanted) if wanted else []
    return frozenset(row["round_code"] for row in rows)


async def outside_of(session: Session, who: Principal, tubes: Sequence[TubeIn]) -> frozenset[Fault]:
    """Return the named units and sites that lie outside the caller's area, as (field, code)."""
    if not who.limited:
        return frozenset()
    units = sorted({tube.unit_code for tube in tubes if tube.unit_code is not None})
    found = {
        ("unit_code", row["code"])
        for row in await fetch_all(session, queries.UNITS_OUTSIDE, codes=units, **who.area)
    }
    if who.township is not None:
        sites = sorted({tube.site_code for tube in tubes if tube.site_code is not None})
        rows = await fetch_all(session, queries.SITES_OUTSIDE, codes=sites, township=who.township)
        found |= {("site_code", row["code"]) for row in rows}
    return frozenset(found)


def area_faults(tube: TubeIn, outside: frozenset[Fault]) -> list[Fault]:
    """Return the unit and the site of a tube that lie outside."""
    named = (("unit_code", tube.unit_code), ("site_code", tube.site_code))
    return [(field, OUTSIDE_AREA.code) for field, code in named if (field, code) in outside]


def size_faults(settings: ResultsIngestSettings, tube: TubeIn) -> list[Fault]:
    """Refuse a pool of a size that was not allowed on its day."""
    if tube.mode == "single" or tube.capacity in pool_sizes_on(
        settings.pool_sizes, day_of(tube.collected_at)
    ):
        return []
    return [("capacity", POOL_SIZE.code)]


async def tubes_among(session: Session, pools: Iterable[Sequence[MemberIn]]) -> frozenset[str]:
    """Return which of the members' health codes are codes of tubes."""
    codes = {member.health_code_id for pool in pools for member in pool}
    wanted = sorted(code for code in codes if code is not None)
    rows = await fetch_all(session, queries.TUBES_AMONG, codes=wanted) if wanted else []
    return frozenset(row["tube_code"] for row in rows)


def pool_faults(members_in: Sequence[MemberIn], pools: frozenset[str]) -> list[Fault]:
    """Refuse members that are tubes themselves."""
    return [
        (f"members.{place}.health_code_id", "pool_of_pools")
        for place, member in enumerate(members_in)
        if member.health_code_id in pools
    ]
