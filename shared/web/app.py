"""How a service becomes an app: one construction for all three."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from shared import faults
from shared.audit.routes import router as audit
from shared.bus.routes import router as dead_letters
from shared.context import Context, open_context, spare_collector
from shared.errors import CATALOGUE
from shared.logging import configure_logging
from shared.settings import Settings
from shared.web import health
from shared.web.bodies import body_schemas
from shared.web.docs import add_docs
from shared.web.problems import add_problem_handlers
from shared.web.requests import RequestLayer

# Registry may be starting at the same moment.
FIRST_REFRESH: Final = 1.0
OpenContext = Callable[[], AbstractAsyncContextManager[Context[Any]]]


def create_app(
    *,
    service: str,
    title: str,
    description: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    opened: OpenContext | None = None,
    on_start: Callable[[Context[Any]], Awaitable[None]] | None = None,
) -> FastAPI:
    """Return the app of a service; `opened` replaces the context (tests)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logging(service=service, level=settings.log_level, form=settings.log_format)
        spare_collector()
        async with opened() if opened else open_context(settings, service=service) as context:
            app.state.context = context
            if on_start is not None:
                await on_start(context)
            keeping = asyncio.create_task(_keep_keys_fresh(app))
            yield
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    faults.arm(settings, f"{service}-api")
    app = FastAPI(
        title=title,
        description=description,
        version=version("yingjian"),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        responses={
            "default": {
                "description": "问题说明 Problem (RFC 9457)",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
    )
    add_docs(app, service=service, settings=settings)
    for router in (*routers, dead_letters, audit, health.router):
        app.include_router(router)
    add_problem_handlers(app)
    _describe(app)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(RequestLayer, service=service)
    app.add_middleware(faults.watched_app)
    return app


async def _keep_keys_fresh(app: FastAPI) -> None:
    """Know registry's next key before it signs, also where nobody has called in the meantime."""
    pause = FIRST_REFRESH
    while True:
        await asyncio.sleep(pause)
        pause = await app.state.context.tokens.keys.refresh()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _describe(app: FastAPI) -> None:
    """Add the declared bodies and the shape of a problem to the OpenAPI document."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in (body_schemas() | {"Problem": _problem_schema()}).items():
                schemas.setdefault(name, schema)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # the way FastAPI documents


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    item = {
        "type": "object",
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
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": text,
            "code": {"type": "string", "enum": sorted(CATALOGUE)},
            "request_id": {"type": ["string", "null"]},
            "errors": {"type": "array", "items": item},
            "errors_total": {"type": "integer"},
        },
    }
