"""HTTP surface of taking a laboratory's client on."""

from typing import Annotated, Final

from fastapi import APIRouter, Response

from registry.identity.parameters import Identifier, RealNow
from registry.identity.schemas import Client
from registry.onboarding import service
from registry.onboarding.schemas import ReleaseBody, Report, ReportBody, ReportList
from shared.audit.recording import record
from shared.security.access import ADMIN, Principal, needs, require_whole_district
from shared.security.principal import ONBOARDING
from shared.web.bodies import body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, uuid_after

router = APIRouter(tags=["身份 Identity"])
MAX_REPORT: Final = 512 * 1024
EXAMPLE: Final = {
    "script": "2026-11",
    "run": "CONF1121090000",
    "lab_code": "LAB01",
    "client_id": "lab01",
    "at": "2026-11-21T09:00:00+08:00",
    "passed": True,
    "cases": [
        {
            "case": "batch",
            "zh": "上传一个批次",
            "en": "A batch is taken",
            "passed": True,
            "steps": [
                {
                    "step": 0,
                    "expected": {"status": 202, "accepted": 3, "rejected": 0, "duplicates": 0},
                    "got": {"status": 202, "accepted": 3, "rejected": 0, "duplicates": 0},
                    "passed": True,
                }
            ],
        }
    ],
}


@router.post(
    "/v1/conformance-reports",
    status_code=201,
    summary="提交符合性检查报告 Send the report of a conformance check",
    description="接入阶段(`onboarding`)的检测机构客户端提交 `python -m deploy.simulator check --report` "
    "所写的报告。是否通过按各项应为与实得重新判定;同一次检查再次提交返回 200,内容不同返回 409。\n\n"
    "By a laboratory's client that is being taken on: the file that the check writes. Whether it was passed "
    "is worked out anew from its cases. The same run again: 200; with other content: 409.",
    responses=known(Report),
    **documents(ReportBody, example=EXAMPLE),
)
async def send_report(
    who: Annotated[Principal, needs(ONBOARDING)],
    payload: Annotated[ReportBody, body(ReportBody, max_bytes=MAX_REPORT)],
    session: SessionDep,
    context: ContextDep,
    response: Response,
    now: RealNow,
) -> Report:
    """Keep a report."""
    report, new = await service.keep(session, context, payload, who=who, now=now)
    await record(session, context, who=who, action="conformance.report", now=now, subject=who.client_id)
    response.status_code = 201 if new else 200
    return report


@router.get(
    "/v1/conformance-reports",
    summary="符合性检查报告列表 List conformance reports",
    description="最新的在前;接入中的客户端只看到自己的。\n\n"
    "The newest first; a client that is being taken on sees its own.",
)
async def list_reports(
    who: Annotated[Principal, needs(ADMIN, ONBOARDING)],
    session: SessionDep,
    client_id: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReportList:
    """List reports."""
    require_whole_district(who)
    before = uuid_after(cursor, "report", start=LAST)
    return await service.page(session, who, client_id=client_id, before=before, limit=limit)


@router.post(
    "/v1/clients/{client_id}/release",
    summary="放行检测机构客户端 Release a laboratory's client",
    description="凭一份已通过且未过期(`CONFORMANCE_DAYS`)的报告,把接入中的客户端转为正式:"
    "权限改为 `results:write`,此后只认签名、不认密钥,故须已登记公钥。留痕。\n\n"
    "On a report that was passed and is not too old: the client may post from now on, and proves itself by "
    "its key alone, so one must be registered. Kept.",
    **documents(ReleaseBody, example={"report_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e16355"}),
)
async def release_client(
    client_id: Identifier,
    who: Annotated[Principal, needs(ADMIN)],
    payload: Annotated[ReleaseBody, body(ReleaseBody, max_bytes=MAX_REPORT)],
    session: SessionDep,
    context: ContextDep,
    now: RealNow,
) -> Client:
    """Release a client."""
    require_whole_district(who)
    await record(session, context, who=who, action="client.release", now=now, subject=client_id)
    return await service.release(
        session, context, client_id=client_id, report_id=payload.report_id, who=who, now=now
    )
