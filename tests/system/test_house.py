"""The whole system answers, settles and stops."""

import httpx

from tests.support.system import System


async def test_every_service_is_ready(system: System) -> None:
    for service in system.apps:
        client = await system.client(service)
        answer = await client.get("/readyz")
        assert answer.status_code == httpx.codes.OK, answer.text
        assert answer.json()["degraded"] == []
    await system.settle()
    assert all(not task.done() for task in system.workers.values())
