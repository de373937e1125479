"""The page of charts of a service: `/figures`, drawn here, with nothing from outside and without a script.

It is opened in a browser by client id and secret, or with a token. The answer to that form is the page; it
carries the token, which lives minutes, in its own form for the next question. There is no cookie, so no
other site can ask in somebody's name, and nothing is left in the browser or in an address (decision 0031).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic_core import PydanticCustomError

from shared.charts import Chart
from shared.clock import day_of
from shared.context import Context
from shared.db import Session
from shared.errors import INVALID_PARAMETER, UNAUTHENTICATED, UNAVAILABLE, Problem
from shared.security.access import TOKEN_PATH, authorise
from shared.security.principal import Principal
from shared.web.bodies import raw_body
from shared.web.deps import ContextDep
from shared.web.docs import PAGE_HEADERS, SERVICES, links
from shared.web.drawing import figure
from shared.web.limits import limit_tokens
from shared.web.types import parse_day

Draw = Callable[[Session, Context[Any], Principal, date, datetime], Awaitable[Sequence[Chart]]]
MOST_BYTES: Final = 16 * 1024
TOO_MANY: Final = 429
OF_SERVER: Final = 500
HEADERS: Final = {**PAGE_HEADERS, "Cache-Control": "no-store"}
_SIGN_IN: Final = """
<p><label for="client_id">客户端编号 <span class="quiet">Client id</span></label>
<input id="client_id" name="client_id" maxlength="200"></p>
<p><label for="client_secret">密钥 <span class="quiet">Secret</span></label>
<input id="client_secret" name="client_secret" type="password" maxlength="500"></p>
<p><label for="token">或访问令牌 <span class="quiet">or an access token</span></label>
<input id="token" name="token" type="password" maxlength="8000"></p>
"""


def figures_page(*, service: str, scopes: Sequence[str], draw: Draw) -> APIRouter:
    """Return the routes of a service's page; `draw` makes its charts, up to a day, inside the area."""
    router = APIRouter()

    async def shown(request: Request, context: ContextDep) -> Response:
        """Show the form, or the charts to whoever sends a token as usual."""
        header = request.headers.get("authorization")
        if header is None:
            return _page(request, context, service=service, fields=_SIGN_IN)
        return await _charts(request, context, header, {}, service=service, scopes=scopes, draw=draw)

    async def asked(request: Request, context: ContextDep) -> Response:
        """Answer the form with the charts, or with the form again and the reason."""
        form = dict(parse_qsl((await raw_body(request, max_bytes=MOST_BYTES)).decode("latin-1")))
        try:
            token = form.get("token") or await _token(request, context, form)
            return await _charts(
                request, context, f"Bearer {token}", form, service=service, scopes=scopes, draw=draw
            )
        except Problem as problem:
            zh, en = (problem.message.text(each, problem.parameters) for each in ("zh", "en"))
            message = f"{escape(zh)} <span class='quiet'>{escape(en)}</span>"
            page = _page(
                request, context, service=service, fields=_SIGN_IN, to=form.get("to", ""),
                message=f"<p class='refused' role='alert'>{message}</p>", status=problem.message.status,
            )  # fmt: skip
            page.headers.update({k: v for k, v in problem.headers.items() if k == "Retry-After"})
            return page

    router.add_api_route("/figures", shown, methods=["GET"], include_in_schema=False)
    router.add_api_route("/figures", asked, methods=["POST"], include_in_schema=False)
    return router


async def _charts(
    request: Request,
    context: Context[Any],
    header: str,
    form: Mapping[str, str],
    *,
    service: str,
    scopes: Sequence[str],
    draw: Draw,
) -> Response:
    who = await authorise(request, context, header, scopes)
    async with context.db.transaction(limits=who.limits) as session:
        now = await context.clock.now(session)
        to = _day(form.get("to")) or day_of(now)
        charts = await draw(session, context, who, min(to, day_of(now)), now)
    token = escape(header.partition(" ")[2].strip())
    return _page(
        request,
        context,
        service=service,
        fields=f"<input type='hidden' name='token' value='{token}'>",
        to=to.isoformat(),
        charts="".join(figure(chart, number) for number, chart in enumerate(charts)),
    )


async def _token(request: Request, context: Context[Any], form: Mapping[str, str]) -> str:
    """Exchange id and secret at registry, as every client does; Problem 401, 429 or 503."""
    if not form.get("client_id") or not form.get("client_secret"):
        raise Problem(UNAUTHENTICATED)
    limit_tokens(request, context, form["client_id"])
    url = context.settings.registry_url.rstrip("/") + TOKEN_PATH
    sent = {
        "grant_type": "client_credentials",
        **{name: form[name] for name in ("client_id", "client_secret")},
    }
    try:
        answer = await context.http.post(url, data=sent, timeout=5.0)
    except httpx.HTTPError:
        raise Problem(UNAVAILABLE, headers={"Retry-After": "5"}) from None
    if answer.status_code == TOO_MANY or answer.status_code >= OF_SERVER:
        raise Problem(UNAVAILABLE, headers={"Retry-After": answer.headers.get("Retry-After", "5")})
    if not answer.is_success:
        raise Problem(UNAUTHENTICATED)
    token: str = answer.json()["access_token"]
    return token


def _day(text: str | None) -> date | None:
    try:
        return parse_day(text) if text else None
    except PydanticCustomError:
        raise Problem(INVALID_PARAMETER) from None


def _page(
    request: Request,
    context: Context[Any],
    *,
    service: str,
    fields: str,
    to: str = "",
    message: str = "",
    charts: str = "",
    status: int = 200,
) -> HTMLResponse:
    title_zh, title_en, _, _ = SERVICES[service]
    template = Template((files("shared") / "web" / "assets" / "figures.html").read_text("utf-8"))
    page = template.substitute(
        title_zh=title_zh,
        title_en=title_en,
        links=links(request, service=service, settings=context.settings, page="figures"),
        fields=fields,
        to=escape(to),
        message=message,
        charts=charts,
    )
    return HTMLResponse(page, status, headers=HEADERS)
