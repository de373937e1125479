"""HTTP surface of the addresses of laboratories and sampling sites."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from notifier.addresses import service
from notifier.addresses.schemas import EXAMPLE, SHOWN, AddressedType, AddressIn, AddressOut, AddressPage
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodePart
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix="/v1/addresses", tags=["通道 Channels"])
# A laboratory, and `admin`.
Keeper = Annotated[Principal, needs("results:write")]
Admin = Annotated[Principal, needs("admin")]
Reader = Annotated[Principal, needs("records:read", "cases:respond", "results:write")]
BodyType = Annotated[AddressedType, Path()]


@router.get(
    "",
    response_model=AddressPage,
    summary="检测机构和采样点的联系方式 How laboratories and sites are reached",
    description="联系人已脱敏。检测机构只看到本机构,镇街只看到本镇街的采样点。\n\n"
    "Contacts are masked. A laboratory sees its own, a township those of its sites.",
    **answers({"addresses": [SHOWN], "next_cursor": None}),
)
async def list_addresses(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    body_type: Annotated[AddressedType | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List addresses."""
    page = await service.page(session, context, who, body_type=body_type, cursor=cursor, limit=limit)
    await record(session, context, who=who, action="addresses.list", now=now, rows=len(page["addresses"]))
    return page


@router.get(
    "/{body_type}/{body_code}",
    response_model=AddressOut,
    summary="查询联系方式 How one of them is reached",
    description="联系人已脱敏。\n\nThe contact is masked.",
    **answers(SHOWN),
)
async def read_address(
    body_type: BodyType,
    body_code: CodePart,
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return one address."""
    await record(session, context, who=who, action="address.read", now=now, subject=body_code)
    return await service.one(session, context, who, body_type=body_type, code=body_code)


@router.put(
    "/{body_type}/{body_code}",
    response_model=AddressOut,
    summary="登记联系方式 Say how a laboratory or site is reached",
    description="通知按路由经短信、邮件发往此处;姓名、电话、邮箱密封保存。此前因无地址未送达的通知随即补发。"
    "检测机构可自行登记;采样点由管理员登记并指定镇街,此后该镇街管理员可修改其联系人。\n\n"
    "Notices go there by message and mail, in the order of their route; name, phone and e-mail are sealed. "
    "What reached nobody for want of an address is sent then. A laboratory keeps its own; a site is entered "
    "by an administrator with its township, whose administrator keeps its contact from then on.",
    **answers(SHOWN),
    **documents(AddressIn, example=EXAMPLE),
)
async def put_address(
    body_type: BodyType,
    body_code: CodePart,
    who: Keeper,
    wanted: Annotated[AddressIn, body(AddressIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Keep an address."""
    await record(session, context, who=who, action="address.put", now=now, subject=body_code)
    return await service.put(session, context, who, wanted, body_type=body_type, code=body_code, now=now)


@router.delete(
    "/{body_type}/{body_code}",
    status_code=204,
    summary="删除联系方式 Forget an address",
    description="如采样点已撤销。检测机构不能自行删除。\n\nAs when a site was closed; an administrator's.",
)
async def delete_address(
    body_type: BodyType,
    body_code: CodePart,
    who: Admin,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> None:
    """Forget an address."""
    await record(session, context, who=who, action="address.delete", now=now, subject=body_code)
    await service.delete(session, who, body_type=body_type, code=body_code)
