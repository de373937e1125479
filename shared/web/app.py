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
from shared.limits.limiter import settling_beside
from shared.logging import configure_logging
from shared.resealing.routes import router as sealing
from shared.selfcheck.looking import SafeStart
from shared.settings import Settings
from shared.web import health
from shared.web.docs import add_docs
from shared.web.health import Gauge
from shared.web.limits import open_limiter
from shared.web.openapi import DEFAULT, describe
from shared.web.overload import Load
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
    gauges: Sequence[Gauge] = (),
) -> FastAPI:
    """Return the app of a service; `opened` replaces the context (tests), `gauges` fill the metrics."""
    load = Load(settings.most_requests, settings.longest_lag_seconds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logging(service=service, level=settings.log_level, form=settings.log_format)
        spare_collector()
        async with opened() if opened else open_context(settings, service=service) as context:
            app.state.context = context
            app.state.limiter = limiter = open_limiter(context, service=service)
            if on_start is not None:
                await on_start(context)
            keeping = asyncio.create_task(_keep_keys_fresh(app))
            async with settling_beside(limiter), load.watched():
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
        responses=DEFAULT,
    )
    app.state.gauges = gauges
    # Before the pages of documentation: a request asks each route in turn whether it is meant.
    for router in (*routers, dead_letters, audit, sealing, health.router):
        app.include_router(router)
    add_docs(app, service=service, settings=settings)
    add_problem_handlers(app)
    describe(app)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(RequestLayer, service=service, load=load, body_grace=settings.body_grace_seconds)
    app.add_middleware(faults.watched_app)
    app.add_middleware(SafeStart, settings=settings, service=service)
    return app


async def _keep_keys_fresh(app: FastAPI) -> None:
    """Know registry's next key before it signs, also where nobody has called in the meantime."""
    pause = FIRST_REFRESH
    while True:
        await asyncio.sleep(pause)
        pause = await app.state.context.tokens.keys.refresh()


def _operation_id(route: APIRoute) -> str:
    return route.name
