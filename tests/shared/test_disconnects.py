"""A client that gives up while its body is read is no failure of ours."""

from typing import Any

from fastapi import FastAPI, Request
from structlog.testing import capture_logs

from shared.web.problems import add_problem_handlers


async def test_a_client_that_gives_up_is_neither_an_error_nor_a_500() -> None:
    app = FastAPI()
    add_problem_handlers(app)

    @app.post("/")
    async def read(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    with capture_logs() as logs:
        await app(scope, receive, send)

    assert statuses == [400]
    assert logs == []
