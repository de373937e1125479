"""HTTP surface of the re-check list."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from registry.rechecks import service
from registry.rechecks.schemas import RecheckList
from shared.security.access import Principal, needs
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/rechecks", tags=["复核 Re-checks"])
LateOnly = Annotated[bool, Query(description="只看已超时限 Only those past their time")]


@router.get(
    "",
    response_model=RecheckList,
    summary="待单采复核人员 Members of pools under re-check",
    description="混采管阳性或可疑后,每名成员逐人列出:用留样单管(`retained`)还是重新单采(`new`)、哪一支管、"
    "各自的时限。姓名已脱敏,只含本辖区;无混采原因的待复核不在此列。\n\n"
    "After a pool that is not negative: each member with the retained single or a new one, the tube, and a "
    "deadline of their own. Names masked, inside the area; who is under re-check for another reason is not "
    "listed.",
)
async def list_rechecks(
    who: Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    unit_code: CodeQuery = None,
    overdue: LateOnly = False,  # noqa: FBT002 - a query parameter
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List members under re-check."""
    rows = await service.members(
        session,
        context,
        who=who,
        unit_code=unit_code,
        late_only=overdue,
        after=uuid_after(cursor, "person_id"),
        limit=limit + 1,
        now=now,
    )
    return page_of("members", rows, limit=limit, position=lambda row: {"person_id": str(row["person_id"])})
