"""Departments as a sheet to take out, contacts masked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.departments import service
from shared.context import Context
from shared.db import Session
from shared.sheets.listings import Listed, Listing, Wanted


async def page(
    session: Session, context: Context[Any], wanted: Wanted, after: str | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """Return departments inside the caller's area, by code."""
    rows = await service.page(
        session,
        context,
        who=wanted.who,
        after=after or "",
        limit=limit,
        level=None,
        role=None,
        parent_code=None,
    )
    return rows, rows[-1]["code"] if len(rows) == limit else None


LISTING: Final = Listing(
    name="departments",
    zh="部门",
    en="Departments",
    columns=(
        Listed("code", "部门代码", "Department code"),
        Listed("name", "部门名称", "Department name"),
        Listed("level", "级别", "Level"),
        Listed("role", "职责", "Role"),
        Listed("parent_code", "上级代码", "Parent code"),
        Listed("contact.name_masked", "联系人", "Contact"),
        Listed("contact.phone_masked", "联系电话", "Contact's phone"),
    ),
    page=page,
)
