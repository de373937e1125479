"""The client renews its token and repeats what was not answered, a bounded number of times."""

from collections.abc import Callable

import httpx
import pytest

from deploy.demo.client import TRIES, Account, Api, RefusedError

Answer = Callable[[httpx.Request], httpx.Response]


def api_of(answers: list[Answer]) -> tuple[Api, list[httpx.Request]]:
    """Return a client whose calls are answered one after the other, and what it sent."""
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth/token":
            return httpx.Response(200, json={"access_token": f"t{len(sent)}", "expires_in": 600})
        sent.append(request)
        return answers.pop(0)(request)

    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    return Api(http, "http://lab", "http://lab/v1/oauth/token", Account("a", "b")), sent


def answer(status: int, **headers: str) -> Answer:
    """Return what answers with a status."""
    return lambda _: httpx.Response(status, json={"ok": True}, headers=headers)


def cut(request: httpx.Request) -> httpx.Response:
    """Break the connection."""
    message = "cut"
    raise httpx.ReadError(message, request=request)


async def test_a_cut_connection_and_a_503_are_sent_again() -> None:
    api, sent = api_of([cut, answer(503, **{"Retry-After": "0"}), answer(202)])
    assert (await api.call("POST", "/v1/batches", body={"batch_no": "1"})).status_code == 202
    assert len(sent) == 3
    assert len({request.content for request in sent}) == 1


async def test_a_rejected_token_is_renewed_once() -> None:
    api, sent = api_of([answer(401), answer(200)])
    await api.get("/v1/statuses/x")
    tokens = [request.headers["Authorization"] for request in sent]
    assert len(set(tokens)) == 2


async def test_a_refusal_is_not_repeated() -> None:
    api, sent = api_of([answer(422)])
    with pytest.raises(RefusedError):
        await api.post("/v1/batches", {})
    assert len(sent) == 1


async def test_it_gives_up_in_the_end() -> None:
    api, sent = api_of([answer(503, **{"Retry-After": "0"})] * TRIES)
    with pytest.raises(RefusedError, match="503"):
        await api.get("/v1/statuses/x")
    assert len(sent) == TRIES
