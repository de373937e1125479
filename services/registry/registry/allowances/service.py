"""Reads and sets the limits of single clients; every process follows within seconds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.allowances import queries
from registry.allowances.schemas import Allowed, ClientLimitsOut, LimitAlarm
from registry.identity.service import get_client
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.limits.rules import Kind, class_of, rates_of
from shared.security.principal import Principal


async def limits_of(
    session: Session, context: Context[Any], *, client_id: str, maker: Principal
) -> ClientLimitsOut:
    """Return what a client may; Problem 404 if it is unknown or outside the administrator's area."""
    client = await get_client(session, context, client_id=client_id, maker=maker)
    rows = await fetch_all(session, queries.OWN, client_id=client_id)
    own = {row["kind"]: (row["per_second"], row["burst"]) for row in rows}
    rates = rates_of(class_of(client.scopes), context.settings.limits, own)
    alarms = await fetch_all(session, queries.ALARMS, client_id=client_id)
    return ClientLimitsOut(
        client_id=client_id,
        limits={kind: Allowed(per_second=one.per_second, burst=one.burst) for kind, one in rates.items()},
        own=[row["kind"] for row in rows],
        alarms=[LimitAlarm.model_validate(dict(row)) for row in alarms],
    )


async def set_limits(
    session: Session,
    context: Context[Any],
    *,
    client_id: str,
    limits: Mapping[Kind, Allowed],
    maker: Principal,
    now: datetime,
) -> ClientLimitsOut:
    """Replace a client's own limits; the change is kept in the audit trail."""
    await get_client(session, context, client_id=client_id, maker=maker)
    await execute(session, queries.CLEAR, client_id=client_id)
    for kind, allowed in limits.items():
        await execute(
            session,
            queries.PUT,
            client_id=client_id,
            kind=kind,
            per_second=allowed.per_second,
            burst=allowed.burst,
            set_by=maker.client_id,
            now=now,
        )
    await record(
        session,
        context,
        who=maker,
        action="client.limits",
        subject=client_id,
        rows=len(limits),
        now=now,
    )
    return await limits_of(session, context, client_id=client_id, maker=maker)
