"""Sampling sites as data: a code, a name, a kind."""

from typing import Any

from results_ingest.tubes import queries
from results_ingest.tubes.errors import OUTSIDE_AREA, SITE_IN_USE
from results_ingest.tubes.schemas import SiteIn
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import Problem, refusal_of
from shared.security.principal import Principal
from shared.web.paging import code_after, page_of


async def put(session: Session, who: Principal, site: SiteIn) -> bool:
    """Register a site; False if it was there with the same content.

    Problem 409 with other content, 422 outside the caller's area; a site lies in no department.
    """
    if who.limited and (who.township is None or site.township_code != who.township):
        raise refusal_of(OUTSIDE_AREA, "township_code")
    wanted = site.model_dump()
    if await execute(session, queries.PUT_SITE, **wanted):
        return True
    stored = await fetch_one(session, queries.SITE, site_code=site.site_code)
    if stored is None or dict(stored) != wanted:
        raise Problem(SITE_IN_USE)
    return False


async def page(session: Session, who: Principal, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return a page of sites within the caller's area."""
    after = code_after(cursor, "site")
    rows = await fetch_all(
        session, queries.SITES, after=after, limited=who.limited, township=who.township, limit=limit + 1
    )
    sites = [dict(row) for row in rows]
    return page_of("sites", sites, limit=limit, position=lambda site: {"site": site["site_code"]})
