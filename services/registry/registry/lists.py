"""The parameters that name things in paths and queries of registry."""

from typing import Annotated, Final

from fastapi import Path, Query

from shared.web.paging import LARGEST

CODE_PATTERN: Final = "^[A-Za-z0-9._-]{1,64}$"
HEALTH_CODE_PATTERN: Final = "^[A-Za-z0-9_-]{4,64}$"

CodePath = Annotated[str, Path(pattern=CODE_PATTERN, description="代码 Code")]
CodeQuery = Annotated[str | None, Query(pattern=CODE_PATTERN, description="代码 Code")]
SlugPath = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="属性 Attribute")]
NumberPath = Annotated[int, Path(ge=1, le=LARGEST, description="编号 Number")]
HealthCodePath = Annotated[str, Path(pattern=HEALTH_CODE_PATTERN, description="健康码标识 Health-code id")]
