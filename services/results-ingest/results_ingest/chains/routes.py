"""HTTP surface of a result's history."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from results_ingest.chains import service
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.deps import ContextDep, NowDep, SessionDep

router = APIRouter(prefix="/v1/results", tags=["更正 Corrections"])
Reader = Annotated[Principal, needs("results:write", "records:read", "reviews:write")]

FIRST = "01a1ffb6-debc-7f61-bc69-ed646bea0001"
SECOND = "01a1ffb7-debc-7f61-bc69-ed646bea0001"
LINK = {
    "result_id": FIRST,
    "batch_no": "2026-11-21-0001",
    "row": 1,
    "lab_code": "LAB01",
    "outcome": "positive",
    "test_kind": "pcr",
    "mode": "single",
    "state": "matched",
    "code": None,
    "collected_at": "2026-11-21T08:30:00+08:00",
    "tested_at": "2026-11-21T12:00:00+08:00",
    "reported_at": "2026-11-21T12:10:00+08:00",
    "tube_code": "T-000123",
    "from_positive": False,
    "source_region": None,
    "replaces": None,
    "reason": None,
    "replaced_by": SECOND,
    "review": {
        "state": "closed",
        "verdict": "replaced",
        "opened_at": "2026-11-21T12:10:00+08:00",
        "steps": [],
    },
}
CORRECTION = LINK | {
    "result_id": SECOND,
    "batch_no": "2026-11-21-0002",
    "outcome": "negative",
    "from_positive": True,
    "source_region": None,
    "replaces": FIRST,
    "reason": "录入错误",
    "replaced_by": None,
    "review": None,
}


@router.get(
    "/{result_id}/history",
    summary="结果的更正历史 The history of a result",
    description="该结果所在的整条更正链,旧的在前:每一条替代了哪一条、为什么、何时,以及疾控各次复核结论。"
    "检测机构只看本机构的。\n\n"
    "The whole chain of corrections a result stands in, oldest first: what each replaces and why, and every "
    "verdict of the CDC. A laboratory sees its own.",
    **answers({"result_id": SECOND, "chain": [LINK, CORRECTION]}),
)
async def get_history(
    who: Reader, session: SessionDep, context: ContextDep, now: NowDep, result_id: UUID
) -> dict[str, Any]:
    """Show a result's history."""
    shown = await service.history(session, context, who, asked=result_id)
    await record(session, context, who=who, action="result.history", now=now, subject=str(result_id))
    return shown
