"""What the OpenAPI document of a service says beyond its routes: bodies, problems, every refusal.

A route declares what is its own (`responses=`); which refusals follow from a token, parameters or a
body is the same everywhere and is added here, so that every status that can be answered is documented.
"""

from typing import Any, Final

from fastapi import FastAPI

from shared.errors import CATALOGUE
from shared.web.bodies import body_schemas
from shared.web.glossary import explain

PROBLEM: Final[dict[str, Any]] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
DEFAULT: Final[dict[int | str, dict[str, Any]]] = {
    # Kept out of the finished document; without it FastAPI would add its own 422.
    "default": {"description": "问题说明 Problem (RFC 9457)", "content": PROBLEM}
}
_WAIT: Final[dict[str, Any]] = {
    "Retry-After": {
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "description": "秒 Seconds",
    }
}
_LIMITED: Final[dict[str, Any]] = {
    **_WAIT,
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "各类额度 The allowances (draft-ietf-httpapi-ratelimit-headers)",
    },
    "RateLimit": {
        "schema": {"type": "string"},
        "description": "剩余额度与恢复秒数 What is left, and the seconds until it is whole again",
    },
}
_TEXTS: Final[dict[str, str]] = {
    "400": "不是严格的 JSON、编码错误或压缩数据损坏 Not strict JSON, wrong encoding or damaged gzip",
    "401": "令牌缺失、无效或过期 No valid token",
    "403": "没有所需的权限范围 The needed scope is missing",
    "404": "不存在,或不在本机构、本辖区之内 Not there, or not inside the own laboratory or area",
    "408": "请求体发送过慢 The body arrives too slowly",
    "409": "与已有内容冲突 It conflicts with what is stored",
    "413": "字节或行数超过上限 Too many bytes or rows",
    "415": "不支持的内容类型 This media type is not supported",
    "422": "内容或参数不符合要求 The content or a parameter does not meet the rules",
    "429": "超过额度,整个请求未被处理 Over a limit; nothing of the request was done",
    "500": "内部错误,已记录 Internal error; it has been logged",
    "503": "服务暂不可用 Temporarily unavailable",
}
_WRITES: Final = frozenset({"post", "put", "patch", "delete"})


def known(model: Any = None) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401 - a model or a union of them
    """Return the declaration that what stood there already is answered with 200: `responses=known(M)`."""
    said: dict[str, Any] = {"description": "已有相同内容 It stood there already"}
    return {200: said if model is None else {**said, "model": model}}


def describe(app: FastAPI) -> None:
    """Let the app's document hold the declared bodies, the shape of a problem and every refusal."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in (body_schemas() | {"Problem": _problem_schema()}).items():
                schemas.setdefault(name, schema)
            for methods in document["paths"].values():
                for method, operation in methods.items():
                    _complete(method, operation)
            explain(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # the way FastAPI documents


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add the refusals of an operation, and say that a query parameter without a value counts as absent."""
    responses = operation["responses"]
    responses.pop("default", None)
    for status in _refusals(method, operation):
        responses.setdefault(status, {"description": _TEXTS[status]})
    for status, said in responses.items():
        if status >= "400":
            said.setdefault("content", PROBLEM)
        if status in {"429", "503"}:
            said.setdefault("headers", _LIMITED if status == "429" else _WAIT)
    operation["responses"] = dict(sorted(responses.items()))
    for parameter in operation.get("parameters", ()):
        if method == "get" and parameter["in"] == "query":
            parameter["allowEmptyValue"] = True


def _refusals(method: str, operation: dict[str, Any]) -> set[str]:
    statuses = {"500", "503"}
    parameters = operation.get("parameters", ())
    if operation.get("security"):
        statuses |= {"401", "403", "429"}
    elif operation.get("operationId") == "issue_token":
        statuses.add("429")
    if any(parameter["in"] == "path" for parameter in parameters):
        statuses.add("404")
    if parameters:
        statuses.add("422")
    if "requestBody" in operation:
        statuses |= {"400", "408", "413", "415", "422"}
    if method in _WRITES:
        statuses.add("409")
    return statuses


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    item = {
        "type": "object",
        "required": ["row", "field", "code", "message"],
        "properties": {
            "row": {"type": ["integer", "null"], "description": "1 为首个数据行 1 is the first data row"},
            "row_ref": text,
            "field": {"type": ["string", "null"]},
            "code": text,
            "message": text,
        },
    }
    return {
        "type": "object",
        "description": "问题说明,不回显提交的值 A problem; submitted values are never repeated",
        "required": [
            "type", "title", "status", "detail", "instance", "code", "request_id", "errors", "errors_total",
        ],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": text,
            "code": {"type": "string", "enum": sorted(CATALOGUE)},
            "request_id": {"type": ["string", "null"]},
            "errors": {"type": "array", "items": item, "maxItems": 1000},
            "errors_total": {"type": "integer"},
        },
    }  # fmt: skip
