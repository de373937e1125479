"""Whatever bytes come over a real socket: no 5xx, no 2xx for half a body, and the next request is served."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from deploy.local.plan import APIS, serving
from deploy.local.ports import free_port
from shared.clock import SHANGHAI
from shared.security.principal import Principal
from tests.support.servers import Address
from tests.support.system import System
from tests.system.wire_cases import EITHER, INNER, OUTER, REFUSED, TAKEN, Case, Target, cases, code_of

pytestmark = pytest.mark.timeout(600)
ANSWER_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 5.0
ATTEMPTS: Final = 20
BUSY: Final = 503
HEALTH: Final = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
STATUS: Final = re.compile(rb"HTTP/1\.[01] ([2-5][0-9][0-9]) ")
TESTED: Final = (datetime.now(SHANGHAI) - timedelta(hours=1)).replace(microsecond=0).isoformat()
TARGETS: Final = (
    Target(
        "results-ingest",
        "/v1/batches",
        {
            "batch_no": OUTER,
            "results": [{"health_code_id": OUTER, "outcome": "negative", "tested_at": TESTED}],
        },
    ),
    Target(
        "registry",
        "/v1/people/bulk",
        {"people": [{"health_code_id": OUTER, "id_type": "other", "id_no": OUTER, "name": "测试"}]},
    ),
    Target(
        "notifier",
        "/v1/notices/00000000-0000-7000-8000-000000000000/acknowledgement",
        {"by": "值班", "note": OUTER},
    ),
)
STORED: Final = {
    "results-ingest": "SELECT batch_no FROM ingest.batch",
    "registry": "SELECT health_code_id FROM registry.person WHERE health_code_id IS NOT NULL",
    "notifier": "SELECT CAST(notice_id AS text) FROM notifier.notice",
}


@dataclass
class Wire:
    """The three services behind real ports, in processes as they run."""

    system: System
    ports: dict[str, int]
    logs: dict[str, Path]

    @contextmanager
    def process(self, service: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
        """Run the API of a service as `make run` does."""
        command = serving(f"{APIS[service]}.app:create", host="127.0.0.1", port=self.ports[service])
        with self.logs[service].open("wb") as log:
            process = subprocess.Popen([sys.executable, *command], env=environment, stdout=log, stderr=log)
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)

    async def send(self, service: str, sent: bytes, *, ends: bool = False) -> list[int]:
        """Send bytes on a connection of their own; return the final statuses that came until it was closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[service])
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                try:
                    writer.write(sent)
                    await writer.drain()
                    if ends:
                        writer.write_eof()
                except OSError:
                    pass  # closed before it had all: what it said before is still to be read
                return [int(status) for status in STATUS.findall(await _until_closed(reader))]
        finally:
            writer.close()

    async def answers(self, service: str) -> bool:
        """Say whether a service serves the next request."""
        try:
            return await self.send(service, HEALTH) == [200]
        except ConnectionError:
            return False

    async def head_of(self, service: str) -> bytes:
        """Return the fields that a good request has, with a token that opens every door of the service."""
        scopes, lab = ({"results:write"}, "LAB01") if service == "results-ingest" else ({"admin"}, None)
        who = Principal(f"wire-{service}", "wire", "person", frozenset(scopes), lab_code=lab)
        fields = {
            "Host": "127.0.0.1",
            "Connection": "close",
            "Authorization": f"Bearer {await self.system.token(who)}",
            "Content-Type": "application/json",
        }
        return "\r\n".join(f"{name}: {value}" for name, value in fields.items()).encode()


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    said = b""
    try:
        while part := await reader.read(65_536):
            said += part
    except ConnectionError:
        pass
    return said


@pytest.fixture
async def wire(
    request: pytest.FixtureRequest, system: System, servers: Address, database: str, tmp_path: Path
) -> AsyncIterator[Wire]:
    """Run API processes on the database of a system that gives out the tokens: the target's, and registry's."""
    await system.stop_workers()
    services = {"registry", request.getfixturevalue("target").service}
    ports = {service: free_port() for service in services}
    urls = {f"{APIS[service]}_url": f"http://127.0.0.1:{port}" for service, port in ports.items()}
    more = {**urls, "data_dir": str(tmp_path), "queue_prefix": f"{database}:", "log_level": "WARNING"}
    environment = servers.environment(database, **more, body_grace_seconds=str(GRACE_SECONDS))
    made = Wire(system, ports, {service: tmp_path / f"{service}.log" for service in services})
    with ExitStack() as stack:
        processes = [stack.enter_context(made.process(service, environment)) for service in services]
        for service in services:
            while not await made.answers(service):
                assert all(process.poll() is None for process in processes), made.logs[service].read_text()
                await asyncio.sleep(0.1)
        yield made


async def judged(wire: Wire, target: Target, head: bytes) -> dict[str, str]:
    """Send every case; return what became of those that went wrong, by name."""
    wrong: dict[str, str] = {}
    codes: dict[str, Case] = {}
    for number, case in enumerate(cases(target, head)):
        statuses = await answered(wire, target, case)
        fault = faulty(case, statuses, target)
        if fault:
            wrong[case.name] = f"{fault}: {statuses}"
        if not await wire.answers(target.service):
            wrong[case.name] = "the next request was not served"
        codes |= {code_of(INNER, number): case, code_of(OUTER, number): case}
    stored = {row[0] for row in await wire.system.owner.fetch(STORED[target.service])}
    for code in sorted(stored & codes.keys()):
        if code.startswith(INNER[:5]) or codes[code].becomes == REFUSED:
            wrong[f"{codes[code].name} ({code})"] = "was stored"
    return wrong


async def answered(wire: Wire, target: Target, case: Case) -> list[int]:
    """Return the answers to a case; a machine that is busy may say 503, and is asked again as a client would."""
    statuses: list[int] = []
    for _ in range(ATTEMPTS):
        statuses = await wire.send(target.service, case.sent, ends=case.ends)
        if BUSY not in statuses:
            break
    return statuses


def faulty(case: Case, statuses: list[int], target: Target) -> str | None:
    """Return what is wrong with the answers to a case."""
    if any(status >= 500 for status in statuses):
        return "failed"
    if case.becomes == EITHER:
        return None
    taken = any(status < 300 for status in statuses)
    if case.becomes == TAKEN:
        # Nobody has the notice that is acknowledged: 404 says that the request was read to its end.
        return None if taken or (target.service == "notifier" and statuses == [404]) else "not taken"
    return "taken" if taken else None


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.service)
async def test_no_bytes_bring_a_failure_or_half_a_body_in(
    wire: Wire, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = await wire.system.client("results-ingest", scopes=["admin"])
    assert (await admin.post("/v1/labs", json={"lab_code": "LAB01", "name": "LAB01"})).status_code == 201
    head = await wire.head_of(target.service)
    known = b"GET /v1/dead-letters HTTP/1.1\r\n" + head + b"\r\n\r\n"
    while BUSY in await wire.send(target.service, known):  # until it has registry's keys
        await asyncio.sleep(0.1)
    async with slow(wire, target, head) as late:
        wrong = await judged(wire, target, head)
        assert wrong == {}
        assert {each.result() for each in await late()} == {408}
    log = wire.logs[target.service].read_text()
    assert "Traceback" not in log
    with capsys.disabled():
        sys.stdout.write(f" {target.service}: {len(list(cases(target, head)))} cases")


SLOW: Final = 20


@asynccontextmanager
async def slow(
    wire: Wire, target: Target, head: bytes
) -> AsyncIterator[Callable[[], Awaitable[set["asyncio.Task[int]"]]]]:
    """Keep heads and bodies half sent while others are served; yield who waits for what became of the bodies."""
    start = f"POST {target.path} HTTP/1.1\r\n".encode() + head
    async with AsyncExitStack() as stack:

        async def begin(sent: bytes) -> asyncio.StreamReader:
            reader, writer = await asyncio.open_connection("127.0.0.1", wire.ports[target.service])
            stack.callback(writer.close)
            writer.write(sent)
            await writer.drain()
            return reader

        for _ in range(SLOW):
            await begin(start[:-20])
        bodies = [await begin(start + b"\r\nContent-Length: 4000\r\n\r\n{") for _ in range(SLOW)]

        async def status_of(reader: asyncio.StreamReader) -> int:
            return int(STATUS.findall(await _until_closed(reader))[0])

        async def late() -> set[asyncio.Task[int]]:
            tasks = [asyncio.create_task(status_of(reader)) for reader in bodies]
            done, left = await asyncio.wait(tasks, timeout=2 * ANSWER_SECONDS)
            assert not left
            return done

        yield late
