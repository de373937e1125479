"""Files in requests and answers, as the OpenAPI document shows them."""

from typing import Any, Final

from fastapi import Response

from shared.sheets.reading import ANY, CSV, XLSX
from shared.sheets.rows import Format
from shared.sheets.writing import MEDIA_TYPES

_BINARY: Final = {"type": "string", "format": "binary"}
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "文件 The file",
        "content": {
            CSV: {"schema": {"type": "string"}, "example": "样本条形码,校验结果,问题\r\nT1,通过,\r\n"},
            XLSX: {"schema": _BINARY},
        },
    }
}
FILE_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {media_type: {"schema": _BINARY} for media_type in (CSV, XLSX, ANY)},
    }
}


def file_response(raw: bytes, form: Format, *, name: str) -> Response:
    """Return a file to be saved, kept by nobody on the way."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Cache-Control": "no-store",
    }
    return Response(raw, media_type=MEDIA_TYPES[form], headers=headers)
