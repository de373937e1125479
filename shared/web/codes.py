"""Parameters that are codes (contract §3), as every list and path takes them."""

from typing import Annotated

from fastapi import Path, Query

from shared.identifiers import CODE_PATTERN

CodePath = Annotated[str, Path(pattern=CODE_PATTERN, description="代码 Code")]
CodeQuery = Annotated[str | None, Query(pattern=CODE_PATTERN, description="代码 Code")]
# Documented by the parameter's own name (`shared/web/glossary.py`).
CodePart = Annotated[str, Path(pattern=CODE_PATTERN)]
CodeFilter = Annotated[str | None, Query(pattern=CODE_PATTERN)]
