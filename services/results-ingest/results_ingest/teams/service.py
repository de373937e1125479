"""Teams are posted at sites, and what each has sampled follows from where it stood and when (row 85)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.nights import span
from results_ingest.reconciliation.service import Scope, parameters
from results_ingest.shown import shown_of
from results_ingest.teams import errors, queries, rules
from results_ingest.teams.rules import Posting
from results_ingest.teams.schemas import PostingIn
from shared.context import Context
from shared.db import Session, execute, fetch_all, full_sight
from shared.errors import Problem, RowError
from shared.ids import new_id
from shared.security.principal import Principal

COUNTED: Final = ("tubes", "samples", "faults", "faulty_tubes")
_SHOWN: Final = (
    "team_code", "township_code", "members", "grids", "site_codes", "sites", "tubes", "samples",
    "first_sample_at", "last_sample_at", "faults", "faulty_tubes",
)  # fmt: skip


async def post(
    session: Session, context: Context[Any], who: Principal, wanted: Sequence[PostingIn], *, now: datetime
) -> dict[str, int]:
    """Keep postings, all or none; return how many were added, replaced, withdrawn, unchanged.

    Problem 422 for a team or site that is unknown or outside the caller's area, and for two that meet.
    """
    asked = [
        (Posting(each.team_code, each.site_code, each.begins_at, each.ends_at), each.withdrawn)
        for each in wanted
    ]
    postings = [posting for posting, _ in asked]
    longest = timedelta(hours=context.settings.posting_hours)
    teams, sites = await _locked(session, who, postings)
    _refuse(
        rules.own_faults(posting, withdrawn=withdrawn, teams=teams, sites=sites, longest=longest)
        for posting, withdrawn in asked
    )
    stored = {_posting(row).place: row for row in await _standing(session, postings)}
    outcome = rules.settle(asked, {place: _posting(row) for place, row in stored.items()})
    _refuse(outcome.faults)
    gone = [stored[place]["posting_id"] for place in outcome.gone]
    await _write(session, who, outcome.fresh, gone, now=now)
    return outcome.counts


async def _locked(
    session: Session, who: Principal, asked: Sequence[Posting]
) -> tuple[frozenset[str], frozenset[str]]:
    teams = sorted({each.team_code for each in asked})
    sites = sorted({each.site_code for each in asked})
    found_teams = await fetch_all(session, queries.LOCK_TEAMS, codes=teams, **_sight(who))
    found_sites = await fetch_all(session, queries.LOCK_SITES, codes=sites, **_sight(who))
    return (
        frozenset(row["team_code"] for row in found_teams),
        frozenset(row["site_code"] for row in found_sites),
    )


async def _standing(session: Session, asked: Sequence[Posting]) -> Sequence[RowMapping]:
    """Return what stands at these sites or of these teams in that time, also beyond the caller's area."""
    async with full_sight(session):
        return await fetch_all(
            session,
            queries.STANDING,
            sites=sorted({each.site_code for each in asked}),
            teams=sorted({each.team_code for each in asked}),
            first=min(each.begins_at for each in asked),
            last=max(each.ends_at for each in asked),
        )


async def _write(
    session: Session, who: Principal, fresh: Sequence[Posting], gone: Sequence[UUID], *, now: datetime
) -> None:
    if gone:
        await execute(session, queries.WITHDRAW, postings=gone, client_id=who.client_id, now=now)
    if fresh:
        await execute(
            session,
            queries.POST,
            postings=[new_id(now) for _ in fresh],
            teams=[each.team_code for each in fresh],
            sites=[each.site_code for each in fresh],
            begins=[each.begins_at for each in fresh],
            ends=[each.ends_at for each in fresh],
            client_id=who.client_id,
            now=now,
        )


async def page(
    session: Session,
    who: Principal,
    *,
    day: date,
    filters: dict[str, Any],
    after: UUID,
    limit: int,
) -> list[dict[str, Any]]:
    """Return postings that touch a day, at the sites of the caller's area."""
    begins, ends = span(day)
    rows = await fetch_all(
        session, queries.PAGE, begins=begins, ends=ends, after=after, limit=limit, **filters, **_sight(who)
    )
    return [shown_of(row) for row in rows]


async def figures(
    session: Session, context: Context[Any], who: Principal, *, scope: Scope, now: datetime
) -> dict[str, Any]:
    """Return what each team has sampled, what nobody's team has, and the sums of both, of one moment."""
    given = parameters(context, scope, who, now=now) | {"horizon": context.settings.expectation_days}
    async with full_sight(session):
        rows = await fetch_all(session, queries.FIGURES[scope.which], **given)
    of_round = scope.which == "round"
    shown = [_figure(row, who, of_round=of_round) for row in rows]
    return {
        "sums": {name: sum(row[name] for row in rows) for name in COUNTED},
        "nobody": next(each for each in shown if each["team_code"] is None),
        "teams": [each for each in shown if each["team_code"] is not None],
    }


def _figure(row: RowMapping, who: Principal, *, of_round: bool) -> dict[str, Any]:
    """Return a team's figures; of one of another township only what it did in the caller's area."""
    own = not who.limited or (who.township is not None and row["township_code"] == who.township)
    shown = shown_of({name: row[name] for name in _SHOWN})
    return {
        **(shown if own else shown | {"township_code": None, "members": None}),
        "error_rate": rules.error_rate(row["faulty_tubes"], row["tubes"]),
        "flags": rules.flags_of(dict(row), of_round=of_round, own=own),
    }


def _posting(row: RowMapping) -> Posting:
    return Posting(row["team_code"], row["site_code"], row["begins_at"], row["ends_at"])


def _refuse(found: Iterable[Sequence[rules.Fault]]) -> None:
    faults = [
        RowError(None, f"postings.{place}.{field}", code)
        for place, each in enumerate(found)
        for field, code in each
    ]
    if faults:
        raise Problem(errors.OWN[faults[0].code], errors=faults)


def _sight(who: Principal) -> dict[str, Any]:
    return {"limited": who.limited, "township": who.township}
