"""Health, readiness, version and metrics: no token, no data."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, Final

from alembic.config import Config
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client import Gauge as Metric
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

import migrations
from shared.bus import queries
from shared.context import Context
from shared.db import Session, fetch_all, fetch_value, sql
from shared.db_errors import OF_DATABASE
from shared.web.deps import ContextDep

router = APIRouter(tags=["运行 Operation"])

# Reads what a service shows of itself beside its bus.
Gauge = Callable[[Session, Context[Any]], Awaitable[None]]

REDIS_SECONDS: Final = 1.0
SCHEMA_VERSION: Final = sql("SELECT version_num FROM public.alembic_version")

DEPTH: Final = Metric("yingjian_bus_depth", "Deliveries not done", ["consumer", "urgent"])
OLDEST: Final = Metric("yingjian_bus_oldest_seconds", "Age of the oldest delivery", ["consumer", "urgent"])
ATTEMPTS: Final = Metric("yingjian_bus_attempts", "Most attempts of a delivery", ["consumer", "urgent"])
DEAD: Final = Metric("yingjian_bus_dead", "Dead letters", ["consumer"])
PUT_OFF: Final = Metric(
    "yingjian_put_off", "Items that failed and wait for another attempt", ["consumer", "task"]
)


@router.get("/healthz", summary="进程存活 The process runs")
async def healthz() -> dict[str, str]:
    """进程在运行。 The process answers."""
    return {"status": "ok"}


@router.get("/version", summary="版本 Version")
async def get_version(context: ContextDep) -> dict[str, str]:
    """服务名称与版本。 Service and release."""
    return {"service": context.service, "version": version("yingjian")}


@router.get(
    "/readyz",
    summary="就绪状态 Readiness",
    responses={503: {"description": "未就绪 Not ready", "content": {"application/json": {}}}},
)
async def readyz(context: ContextDep) -> JSONResponse:
    """数据库与表结构就绪则 200;Redis 不可用时仍为 200,并列入 degraded。.

    200 with database and schema in order; without Redis still 200, with `degraded: ["redis"]`.
    """
    failing, redis = await asyncio.gather(_failing(context), _redis_answers(context))
    degraded = [] if redis else ["redis"]
    body: dict[str, Any] = {"status": "ready", "failing": failing, "degraded": degraded}
    if failing:
        return JSONResponse({**body, "status": "not_ready"}, 503, {"Retry-After": "2"})
    return JSONResponse(body)


@router.get("/metrics", summary="监控指标 Metrics", response_class=Response)
async def metrics(request: Request, context: ContextDep) -> Response:
    """Prometheus 文本格式。 In Prometheus' text format."""

    async def read(session: Session) -> None:
        await _read_bus(session, context.service)
        for gauge in request.app.state.gauges:
            await gauge(session, context)

    try:
        await context.db.run(read)
    except (*OF_DATABASE, SQLAlchemyError):
        DEPTH.clear()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _read_bus(session: Session, consumer: str) -> None:
    rows = {row["urgent"]: row for row in await fetch_all(session, queries.DEPTHS, consumer=consumer)}
    for urgent in (True, False):
        row = rows.get(urgent, {"depth": 0, "oldest": 0, "attempts": 0})
        labels = (consumer, str(urgent).lower())
        DEPTH.labels(*labels).set(row["depth"])
        OLDEST.labels(*labels).set(max(0.0, float(row["oldest"] or 0)))
        ATTEMPTS.labels(*labels).set(row["attempts"] or 0)
    DEAD.labels(consumer).set(await fetch_value(session, queries.DEAD_COUNT, consumer=consumer))
    PUT_OFF.clear()
    for row in await fetch_all(session, queries.PUT_OFF_COUNTS, consumer=consumer):
        PUT_OFF.labels(consumer, row["task"]).set(row["items"])


async def _failing(context: Context[Any]) -> list[str]:
    try:
        found = await context.db.run(lambda session: fetch_value(session, SCHEMA_VERSION))
    except SQLAlchemyError as error:
        undefined = getattr(getattr(error, "orig", None), "sqlstate", None) in {"42P01", "3F000"}
        return ["schema"] if undefined else ["database"]
    except OF_DATABASE:
        return ["database"]
    return [] if found == _head() else ["schema"]


def _head() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    return ScriptDirectory.from_config(config).get_current_head()


async def _redis_answers(context: Context[Any]) -> bool:
    try:
        await asyncio.wait_for(context.nudger.redis.ping(), REDIS_SECONDS)
    except (RedisError, OSError, TimeoutError):
        return False
    return True
