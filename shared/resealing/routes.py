"""How far re-sealing is: whether the old key may be taken out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from shared.resealing.service import progress
from shared.security.access import Principal, needs, require_whole_district
from shared.web.deps import ContextDep, SessionDep

router = APIRouter(prefix="/v1/sealing", tags=["运行 Operation"])


class ColumnOut(BaseModel):
    """A column of envelopes; clean: nothing under another key was found in a whole pass over it."""

    column_name: str
    target: str
    passes: int
    looked_at: int
    resealed: int
    stale_at: datetime | None
    clean_at: datetime | None
    clean: bool


class SealingOut(BaseModel):
    """What seals now, and whether everything of this service is sealed so."""

    target: str
    clean: bool
    columns: list[ColumnOut]


@router.get(
    "",
    summary="密钥轮换进度 Progress of a key's rotation",
    description="三个服务都返回 `clean:true` 之后,才可移除旧密钥。\n\n"
    "Take the old key out only after all three services have answered `clean: true`.",
)
async def read_sealing(
    who: Annotated[Principal, needs("admin")], session: SessionDep, context: ContextDep
) -> SealingOut:
    """Tell how far re-sealing is."""
    require_whole_district(who)
    columns = [ColumnOut(**each) for each in await progress(session, context)]
    clean = bool(columns) and all(column.clean for column in columns)
    return SealingOut(target=context.sealer.target, clean=clean, columns=columns)
