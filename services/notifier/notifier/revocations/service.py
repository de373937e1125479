"""Revokes a notice by hand; a bulletin with everything that follows from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from notifier.ladder import queries
from notifier.ladder import service as ladder
from notifier.notices import reading
from notifier.notices.rules import sight
from notifier.notices.service import Notifier
from shared.db import Session, fetch_one
from shared.errors import Language
from shared.security.access import require_whole_district
from shared.security.principal import Principal


async def take_back(
    session: Session,
    context: Notifier,
    *,
    notice_id: UUID,
    who: Principal,
    said: dict[str, str],
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Revoke a notice; again changes nothing. Problem 404 outside the area, 403 for an area's bulletin."""
    seen = sight(who.scopes, township=who.township, department=who.department, to_act=True)
    if who.limited:
        if await reading.kind_of(session, notice_id=notice_id, sight=seen) == ladder.BULLETIN:
            require_whole_district(who)
    elif (breach := await fetch_one(session, queries.OF_NOTICE, notice_id=notice_id)) is not None:
        await ladder.take_back(session, context, breach, client_id=who.client_id, said=said, now=now)
    return await reading.take_back(
        session,
        context,
        notice_id=notice_id,
        sight=seen,
        client_id=who.client_id,
        step=said,
        now=now,
        language=language,
    )
