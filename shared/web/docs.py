"""The pages of a service: Swagger UI from local files, and a landing page that leads to all three.

Nothing on them comes from outside this origin: that is asserted to the browser by a policy, and by a
test in a real one. The token endpoint is therefore offered on every origin and passed on to registry.
"""

import html
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from shared.errors import NOT_FOUND, UNAVAILABLE, Problem
from shared.security.access import TOKEN_PATH
from shared.settings import Settings
from shared.web.bodies import raw_body
from shared.web.deps import ContextDep
from shared.web.limits import limit_tokens

SERVICES: Final[dict[str, tuple[str, str, str, str]]] = {
    "registry": (
        "人员登记",
        "Registry",
        "单位、人员、台账、上岗资格、状态及其变更",
        "Units, people, ledger, clearance, statuses and their changes",
    ),
    "results-ingest": (
        "结果接收",
        "Results ingest",
        "采样管、检测批次、匹配与复核",
        "Tubes, batches of results, matching and reviews",
    ),
    "notifier": (
        "通知督办",
        "Notifier",
        "提醒、预警、通报与督办",
        "Reminders, alerts, bulletins and cases",
    ),
}
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PAGE_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_ASSETS: Final[dict[str, tuple[str, str]]] = {
    "swagger-ui-bundle.js": ("fastapi_offline", "text/javascript; charset=utf-8"),
    "swagger-ui.css": ("fastapi_offline", "text/css; charset=utf-8"),
    "docs.js": ("shared", "text/javascript; charset=utf-8"),
    "pages.css": ("shared", "text/css; charset=utf-8"),
    "favicon.svg": ("shared", "image/svg+xml"),
}
_PASSED_ON: Final = ("authorization", "content-type", "accept-language", "sec-fetch-mode")
_PASSED_BACK: Final = ("content-type", "cache-control", "pragma", "www-authenticate", "retry-after")
MAX_TOKEN_REQUEST: Final = 16 * 1024


def add_docs(app: FastAPI, *, service: str, settings: Settings) -> None:
    """Add `/`, `/docs` and their assets; `app` must be made with docs_url and redoc_url None."""

    async def landing(request: Request) -> Response:
        return _page("landing.html", request, service=service, settings=settings)

    async def docs(request: Request) -> Response:
        return _page("docs.html", request, service=service, settings=settings)

    app.add_api_route("/", landing, include_in_schema=False)
    app.add_api_route("/docs", docs, include_in_schema=False)
    app.add_api_route("/docs/assets/{name}", _asset, include_in_schema=False)
    app.add_api_route("/favicon.ico", _favicon, include_in_schema=False)
    if service != "registry":
        app.add_api_route(TOKEN_PATH, _pass_on, methods=["POST"], include_in_schema=False)


def reachable(url: str, request: Request) -> str:
    """Return a service's base URL as this browser reaches it.

    A loopback address is right only on the machine itself; elsewhere the request's own host is meant.
    """
    parts = urlsplit(url.rstrip("/"))
    host = request.url.hostname
    if host and parts.hostname in {"127.0.0.1", "localhost", "::1"}:
        shown = f"[{host}]" if ":" in host else host
        parts = parts._replace(netloc=f"{shown}:{parts.port}" if parts.port else shown)
    return urlunsplit(parts)


async def _asset(name: str) -> Response:
    if name not in _ASSETS:
        raise Problem(NOT_FOUND)
    package, media_type = _ASSETS[name]
    root = files("fastapi_offline") / "static" if package == "fastapi_offline" else _own()
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response((root / name).read_bytes(), media_type=media_type, headers=headers)


async def _favicon() -> Response:
    return await _asset("favicon.svg")


async def _pass_on(request: Request, context: ContextDep) -> Response:
    """Hand a token request to registry, so that a browser needs no other origin."""
    limit_tokens(request, context)
    raw = await raw_body(request, max_bytes=MAX_TOKEN_REQUEST)
    url = context.settings.registry_url.rstrip("/") + TOKEN_PATH
    sent = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    try:
        answer = await context.http.post(url, content=raw, headers=sent, timeout=5.0)
    except httpx.HTTPError:
        raise Problem(UNAVAILABLE, headers={"Retry-After": "5"}) from None
    back = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
    return Response(answer.content, status_code=answer.status_code, headers=back)


def _own() -> Traversable:
    return files("shared") / "web" / "assets"


def links(request: Request, *, service: str, settings: Settings, page: str) -> str:
    """Return the links that lead to the same page of every service."""
    urls = _urls(request, settings)
    return "".join(_link(name, urls, service, page) for name in SERVICES)


def _urls(request: Request, settings: Settings) -> dict[str, str]:
    return {
        "registry": reachable(settings.registry_url, request),
        "results-ingest": reachable(settings.results_ingest_url, request),
        "notifier": reachable(settings.notifier_url, request),
    }


def _page(template: str, request: Request, *, service: str, settings: Settings) -> HTMLResponse:
    urls = _urls(request, settings)
    title_zh, title_en, _, _ = SERVICES[service]
    page = Template((_own() / template).read_text("utf-8")).substitute(
        title_zh=title_zh,
        title_en=title_en,
        links=links(request, service=service, settings=settings, page="docs"),
        cards="".join(_card(name, urls, service) for name in SERVICES),
        token_url=html.escape(urls["registry"] + TOKEN_PATH),
    )
    return HTMLResponse(page, headers=PAGE_HEADERS)


def _link(name: str, urls: Mapping[str, str], here: str, page: str) -> str:
    title_zh, title_en, _, _ = SERVICES[name]
    # The own page by a relative link: right behind any proxy or forwarded port.
    target = page if name == here else f"{urls[name]}/{page}"
    mark = ' aria-current="true"' if name == here else ""
    return f'<a href="{html.escape(target)}"{mark}>{title_zh} {title_en}</a>'


def _card(name: str, urls: Mapping[str, str], here: str) -> str:
    title_zh, title_en, about_zh, about_en = SERVICES[name]
    base = "" if name == here else f"{html.escape(urls[name])}/"
    mark = ' class="here"' if name == here else ""
    return (
        f'<li{mark}><h3>{title_zh} <span class="quiet">{title_en}</span></h3>'
        f'<p>{about_zh}<br><span class="quiet">{about_en}</span></p>'
        f'<a href="{base}docs">接口文档 API</a><a href="{base}figures">统计 Figures</a>'
        f'<a href="{base}openapi.json">OpenAPI</a>'
        f'<a href="{base}readyz">就绪 Ready</a></li>'
    )
