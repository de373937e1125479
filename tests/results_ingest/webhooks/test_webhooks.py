"""A laboratory is called at its own address: signed, repeated, listed, and nowhere that is not allowed."""

import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx
import pytest

from deploy.local.ports import free_port
from results_ingest.webhooks import sending
from shared.webhooks import targets
from shared.webhooks.rules import may_be_called, target_of
from tests.results_ingest.support import Ingest, running_ingest
from tests.support.listening import served
from tests.support.servers import Address


@dataclass
class Receiver:
    """A laboratory's own server: keeps what it gets, answers as it is told."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take a call."""
        if scope["type"] != "http":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.calls.append((headers | {":path": scope["path"]}, body))
        status, more_headers = self.answers.pop(0) if self.answers else (204, {})
        sent = [(name.encode(), value.encode()) for name, value in more_headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    port = free_port()
    receiver = Receiver(f"http://127.0.0.1:{port}/in")
    async with served(receiver, port):
        yield receiver


@pytest.fixture
async def ingest(servers: Address, database: str) -> AsyncIterator[Ingest]:
    more = {
        "webhook_networks": ["127.0.0.1/32"], "webhook_plain_http": True, "webhook_attempts": 3,
        "webhook_first_seconds": 0.001, "webhook_longest_seconds": 0.002,
    }  # fmt: skip
    async with running_ingest(servers, database, **more) as running:
        yield running


async def register(ingest: Ingest, url: str, lab: str = "LAB01") -> httpx.Response:
    """Say where a laboratory wants to be called."""
    return await (await ingest.lab(lab)).put("/v1/webhook", json={"url": url})


async def send(ingest: Ingest) -> None:
    """Make every call that is due, as the worker does."""
    async with httpx.AsyncClient(trust_env=False) as http:
        while await sending.send_due(ingest.context, http):
            pass


async def deliveries(ingest: Ingest, lab: str = "LAB01", **query: str) -> list[dict[str, Any]]:
    """Return the calls that a laboratory sees."""
    answer = await (await ingest.lab(lab)).get("/v1/webhook-deliveries", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


def signed_by(secret: str, call: tuple[dict[str, str], bytes]) -> bool:
    """Check a call as a laboratory would."""
    headers, body = call
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, text, sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")


async def test_a_complete_batch_is_told_of_once_signed_with_its_counts(
    ingest: Ingest, receiver: Receiver
) -> None:
    made = await register(ingest, receiver.url)
    assert made.status_code == 200, made.text
    secret = made.json()["secret"]
    assert "secret" not in (await register(ingest, receiver.url)).json()
    assert "secret" not in (await (await ingest.lab("LAB01")).get("/v1/webhook")).json()

    await ingest.person("HC-0001")
    plain = await ingest.post(
        ingest.row(health_code_id="HC-0001", collected_at=ingest.at(hours=-2), mode="single"), settle=False
    )
    waits = await ingest.post(
        ingest.row(tube_code="T-1"), ingest.row(tube_code="T-2", outcome="positive"), settle=False
    )
    await send(ingest)
    [call] = receiver.calls
    told = json.loads(call[1])
    assert (told["batch_id"], told["rows"], told["matched"]) == (plain["batch_id"], 1, 1)
    assert call[0]["webhook-id"] == told["event_id"]
    assert signed_by(secret, call)
    assert not signed_by(secret, (call[0], call[1] + b" "))

    await ingest.settle()
    await ingest.post(ingest.row(tube_code="T-9"), lab="LAB02")
    await send(ingest)
    await send(ingest)
    assert len(receiver.calls) == 2
    told = json.loads(receiver.calls[1][1])
    assert (told["batch_id"], told["unmatched"], told["matched"]) == (waits["batch_id"], 2, 0)
    assert [(each["state"], each["attempts"]) for each in await deliveries(ingest)] == [("delivered", 1)] * 2
    assert await deliveries(ingest, "LAB02") == []
    [kept] = await ingest.run("SELECT secret, url FROM ingest.webhook")
    assert base64.b64decode(secret.removeprefix("whsec_")) not in bytes(kept["secret"])


async def test_it_is_repeated_under_the_same_id_given_up_and_sent_again_on_demand(
    ingest: Ingest, receiver: Receiver
) -> None:
    secret = (await register(ingest, receiver.url)).json()["secret"]
    receiver.answers = [(500, {}), (302, {"location": receiver.url}), (429, {"retry-after": "0"})]
    batch = await ingest.post(ingest.row(tube_code="T-1"))
    for _ in range(3):
        await send(ingest)
        await ingest.run(
            "UPDATE ingest.webhook_delivery SET due_at = clock_timestamp() WHERE state = 'waiting'"
        )
    [call] = await deliveries(ingest, state="failed")
    assert (call["attempts"], call["error"], call["next_at"]) == (3, "http_429", None)
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1
    assert [headers["webhook-attempt"] for headers, _ in receiver.calls] == ["1", "2", "3"]

    lab = await ingest.lab("LAB01")
    again = await lab.post(f"/v1/webhook-deliveries/{batch['batch_id']}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    await send(ingest)
    assert signed_by(secret, receiver.calls[3])
    [call] = await deliveries(ingest)
    assert (call["state"], call["attempts"]) == ("delivered", 4)


async def test_both_secrets_sign_until_the_old_one_ends(ingest: Ingest, receiver: Receiver) -> None:
    lab = await ingest.lab("LAB01")
    assert (await lab.post("/v1/webhook/secret", json={})).status_code == 404
    old = (await register(ingest, receiver.url)).json()["secret"]
    rotated = await lab.post("/v1/webhook/secret", json={"overlap_seconds": 3600})
    new = rotated.json()["secret"]
    assert rotated.json()["previous_secret_until"] is not None
    await ingest.post(ingest.row(tube_code="T-1"))
    await send(ingest)
    assert signed_by(old, receiver.calls[0])
    assert signed_by(new, receiver.calls[0])
    newest = (await lab.post("/v1/webhook/secret", json={"overlap_seconds": 0})).json()["secret"]
    await ingest.post(ingest.row(tube_code="T-2"))
    await send(ingest)
    assert [signed_by(each, receiver.calls[1]) for each in (old, new, newest)] == [False, False, True]


async def test_a_batch_from_before_can_be_asked_for_and_nobody_is_called_after_the_end(
    ingest: Ingest, receiver: Receiver
) -> None:
    lab = await ingest.lab("LAB01")
    batch = await ingest.post(ingest.row(tube_code="T-1"), settle=False)
    path = f"/v1/webhook-deliveries/{batch['batch_id']}/resend"
    assert (await lab.post(path)).json()["code"] == "no_webhook"
    await register(ingest, receiver.url)
    assert (await lab.post(path)).json()["code"] == "batch_not_complete"
    await ingest.settle()
    await send(ingest)
    assert len(receiver.calls) == 1
    other = await ingest.lab("LAB02")
    await register(ingest, receiver.url, "LAB02")
    assert (await other.post(path)).status_code == 404
    assert (await lab.post("/v1/webhook-deliveries/none/resend")).status_code == 404

    assert (await lab.post(path)).status_code == 202
    assert (await lab.delete("/v1/webhook")).status_code == 204
    await send(ingest)
    assert len(receiver.calls) == 1
    assert [each["state"] for each in await deliveries(ingest)] == ["dropped"]
    assert (await lab.get("/v1/webhook")).status_code == 404
    steps = await ingest.run("SELECT action, count(*) AS n FROM ingest.audit GROUP BY action ORDER BY action")
    assert {each["action"]: each["n"] for each in steps if each["action"].startswith("webhook.")} == {
        "webhook.put": 2,
        "webhook.resend": 1,
        "webhook.delete": 1,
    }
    admin = ingest.client("admin", "admin")
    assert (await admin.get("/v1/webhook")).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:1/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://0.0.0.0/",
        "http://user@127.0.0.1/",
        "http://no-such-host.invalid/",
        "http://127.0.0.1:99999/",
        "http://[::ffff:10.0.0.1]/",
    ],
)
async def test_an_address_outside_the_allowed_networks_is_refused(ingest: Ingest, url: str) -> None:
    answer = await register(ingest, url)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["errors"]] == ["webhook_target_refused"]
    assert url not in answer.text


async def test_a_name_that_leads_elsewhere_later_is_not_called(
    ingest: Ingest, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(ingest, receiver.url)
    await ingest.post(ingest.row(tube_code="T-1"))
    monkeypatch.setattr(targets, "may_be_called", lambda addresses, _: may_be_called(addresses, ()))
    await send(ingest)
    assert receiver.calls == []
    assert {each["error"] for each in await deliveries(ingest)} == {"webhook_target_refused"}


def test_only_https_is_called_unless_http_is_allowed() -> None:
    assert target_of("http://lab.example/x", plain=False) is None
    found = target_of("https://lab.example/x?y=1", plain=False)
    assert found is not None
    assert (found.host, found.port, found.path) == ("lab.example", 443, "/x?y=1")
    assert target_of("https://lab.example/#x", plain=True) is None
    assert target_of("ftp://lab.example/", plain=True) is None
    assert not may_be_called([], [])
