"""HTTP surface of orders."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query

from results_ingest.orders import service
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix="/v1", tags=["应采未采 Orders"])
Reader = Annotated[Principal, needs("samples:write", "records:read", "reviews:write")]
State = Literal["open", "sampled", "resulted", "ended"]
KindFilter = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

EXAMPLE: Final = {
    "order_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e16391",
    "kind": "arrival",
    "person_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e16392",
    "unit_code": "12350100488000000X",
    "township_code": "TOWN-01",
    "opened_at": "2026-11-21T09:00:00+08:00",
    "registered_at": "2026-11-21T09:05:00+08:00",
    "state": "open",
    "sampled_at": None,
    "resulted_at": None,
    "tube_code": None,
    "lab_code": None,
    "clocks": [
        {
            "stage": "sampling",
            "due_at": "2026-11-21T13:00:00+08:00",
            "ended_at": None,
            "state": "running",
            "minutes_late": 0,
        }
    ],
}


@router.get(
    "/test-orders",
    summary="应采样本及其时限 Tests that are owed",
    description="来人登记、发热就诊、疑似病例一经登记即开单计时,先于采样管。`state=open` 为尚未采样;"
    "`sampled` 已采样待结果;`resulted` 已出结果;`ended` 已撤销。镇街和部门只看到本辖区的。\n\n"
    "混采阳性或可疑后,每名成员也各有一单:`recheck_retained` 检测留样单管(由 `lab_code` 负责)、"
    "`recheck_new` 重新单采,`tube_code` 为该混采管,环节为 `recheck`。\n\n"
    "An arrival, a fever visit or a suspected case opens an order, whose clocks run before there is a tube. "
    "So does each member of a pool that was not negative, for the retained single or a new one, at the "
    "stage `recheck`. `open`: not sampled yet; an area sees its own.",
    **answers({"orders": [EXAMPLE], "next_cursor": None}),
)
async def list_orders(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    state: State | None = None,
    kind: KindFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List orders."""
    found = await service.page(session, who, state=state, kind=kind, cursor=cursor, limit=limit, now=now)
    await record(session, context, who=who, action="orders.list", rows=len(found["orders"]), now=now)
    return found
