"""HTTP surface of the duty matrix."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response, status

from registry.duties import service
from registry.duties.schemas import DutyEntryOut, DutyEntryPatch, DutyIn, DutyMatrix, DutyOut, DutyOwner
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known

router = APIRouter(prefix="/v1", tags=["职责 Duties"])


@router.get(
    "/duties",
    response_model=DutyMatrix,
    summary="职责分工表 The duty matrix",
    description="十项职责分工,及今天归口的消息和任务种类。\n\n"
    "The ten entries, and which kinds of message and task are each one's today.",
)
async def list_duties(
    _: Annotated[Principal, needs("records:read", "cases:respond")], session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """List the matrix."""
    return {"entries": await service.matrix(session, today=day_of(now))}


@router.get(
    "/duty-owners/{subject}",
    response_model=DutyOwner,
    summary="查询归口 Whose a message or task is",
    description="按消息或任务种类,如 `alert.positive`;未分配的归日常调度。\n\n"
    "By kind, such as `alert.positive`; what nobody was given is dispatched by the disease-control section.",
)
async def get_owner(
    subject: Annotated[str, Path(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$", description="种类 Kind")],
    _: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return whose it is."""
    return await service.owner(
        session, subject=subject, today=day_of(now), fallback=context.settings.duty_default_entry
    )


@router.patch(
    "/duties/{code}",
    response_model=DutyEntryOut,
    summary="修改职责分工 Change an entry",
    description="写明由哪个部门承担。\n\nSays which department stands behind it.",
    **documents(DutyEntryPatch, example={"department_code": "HEALTH-MED"}),
)
async def change_duty(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[DutyEntryPatch, body(DutyEntryPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Change an entry."""
    require_whole_district(who)
    await record(session, context, who=who, action="duty.change", now=now, subject=code)
    return await service.change(session, wanted, entry_code=code, who=who, now=now)


@router.post(
    "/duties/{code}/subjects",
    status_code=status.HTTP_201_CREATED,
    response_model=DutyOut,
    responses=known(DutyOut),
    summary="归口消息或任务 Give a kind to an entry",
    description="自某日起归该项负责;最新生效的为准。\n\n"
    "From a day on it is this entry's; the newest that has begun holds.",
    **documents(DutyIn, example={"subject": "alert.positive", "effective_from": "2026-12-01"}),
)
async def assign_duty(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[DutyIn, body(DutyIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Give a kind to an entry."""
    require_whole_district(who)
    await record(session, context, who=who, action="duty.assign", now=now, subject=code)
    stored, new = await service.assign(session, wanted, entry_code=code, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return stored
