"""HTTP surface of what the organisation was before."""

from typing import Annotated, Any

from fastapi import APIRouter

from registry.organisation import service
from registry.organisation.schemas import OrganisationHistory, What
from shared.security.access import Principal, needs
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, number_after, page_of

router = APIRouter(prefix="/v1/organisation-history", tags=["部门 Departments"])


@router.get(
    "/{what}/{code}",
    response_model=OrganisationHistory,
    summary="组织沿革 What a department, duty, team or division was",
    description="部门、职责分工、采样队伍、区划的历次旧值:何时被何人更改;新的在前,联系人已脱敏;"
    "本辖区之外返回 404,职责分工限全区。查询留痕。\n\n"
    "Every version that was changed, when and by whom, newest first, contacts masked; 404 outside the "
    "caller's area, duties for the whole district only. The look is recorded.",
)
async def get_organisation_history(
    what: What,
    code: CodePath,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return a page of versions."""
    before = number_after(cursor, "history_id")
    rows = await service.history(
        session, context, what=what, code=code, who=who, before=before, limit=limit + 1, now=now
    )
    listed = page_of("versions", rows, limit=limit, position=lambda row: {"history_id": row["history_id"]})
    return {"what": what, "code": code, **listed}
