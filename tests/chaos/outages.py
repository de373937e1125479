"""Faults of PostgreSQL, its disk and the network between each pair."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.chaos.faults import Fault
from tests.chaos.scene import Listening, Scene

BACKEND: Final = """
    SELECT pid FROM pg_stat_activity WHERE application_name ~ '-(api|worker)$' ORDER BY random() LIMIT 1
"""
TERMINATE: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name ~ '-(api|worker)$'
"""
BACK: Final = "PostgreSQL back → a batch is taken"
CONNECTIONS: Final = 120


async def _stopped_with(scene: Scene, number: signal.Signals, what: str) -> None:
    """Stop PostgreSQL for seconds: every answer is 503 at once, and work goes on when it is back."""
    await scene.stand.postgres.stop(number)
    async with Listening(scene, what):
        await scene.pause(30 if scene.long else 4)
    await scene.stand.postgres.start()
    await scene.work_goes_on(BACK, since=time.monotonic())


async def postgres_immediate(scene: Scene) -> None:
    """An immediate stop and a start with crash recovery."""
    await _stopped_with(scene, signal.SIGQUIT, "immediate stop")


async def postgres_killed(scene: Scene) -> None:
    """The postmaster is killed."""
    await _stopped_with(scene, signal.SIGKILL, "postmaster killed")


async def backend_killed(scene: Scene) -> None:
    """One backend is killed: PostgreSQL throws everybody out and recovers."""
    for _ in range(3):
        pid = await scene.value(BACKEND)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        await scene.stand.postgres.start()
        await scene.work_goes_on(BACK, since=time.monotonic())


async def backends_terminated(scene: Scene) -> None:
    """Every connection of the services is ended by an administrator."""
    await scene.rows(TERMINATE)
    await scene.work_goes_on("connections ended → a batch is taken", since=time.monotonic())


async def postgres_paused(scene: Scene) -> None:
    """PostgreSQL hangs: it takes connections and says nothing."""
    scene.stand.postgres.send(signal.SIGSTOP)
    async with Listening(scene, "paused"):
        await scene.pause(30 if scene.long else 6)
    scene.stand.postgres.send(signal.SIGCONT)
    await scene.work_goes_on(BACK, since=time.monotonic())


async def connections_exhausted(scene: Scene) -> None:
    """Somebody else takes every connection that is left."""
    taken = await asyncio.gather(*(scene.stand.owner() for _ in range(CONNECTIONS)), return_exceptions=True)
    await scene.pause(2)
    for connection in taken:
        if not isinstance(connection, BaseException):
            connection.terminate()


async def disk_full(scene: Scene) -> None:
    """The database's disk is full: what cannot be stored is not acknowledged."""
    if not scene.stand.mounted:
        scene.not_run["disk full"] = "mounting a small disk is not permitted here"
        return
    async with Listening(scene, "disk full"):
        _fill(scene.stand.ballast)
        await scene.pause(20 if scene.long else 4)
    scene.stand.ballast.unlink()
    await scene.stand.postgres.start()
    await scene.work_goes_on(BACK, since=time.monotonic())


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass


async def network_cut(scene: Scene) -> None:
    """The line between each pair is cut for two seconds, one after the other."""
    for proxy in scene.stand.proxies.values():
        proxy.cut()
        await scene.pause(2)
        proxy.mend()
        await scene.work_goes_on("line mended → a batch is taken", since=time.monotonic())


async def network_slow(scene: Scene) -> None:
    """Each exchange takes 200 ms longer."""
    for proxy in scene.stand.proxies.values():
        proxy.delay = 0.2
    await scene.pause(4)
    for proxy in scene.stand.proxies.values():
        proxy.mend()


async def network_stalled(scene: Scene) -> None:
    """Each line carries nothing, then no answers only; connections stay open."""
    for proxy in scene.stand.proxies.values():
        for state in ("stalled", "deaf"):
            proxy.state = state
            await scene.pause(1.5)
            proxy.mend()


async def commit_unheard(scene: Scene) -> None:
    """PostgreSQL commits and its answer is lost, of requests and of jobs."""
    for name in ("api-postgres", "worker-postgres"):
        proxy = scene.stand.proxies[name]
        before = proxy.swallowed
        proxy.cut_answers = 40 if scene.long else 10
        until = time.monotonic() + 10
        while proxy.cut_answers and time.monotonic() < until:
            await asyncio.sleep(0.05)
        proxy.mend()
        scene.faults[f"commit unheard, {name}"] += proxy.swallowed - before


async def receipt_unheard(scene: Scene) -> None:
    """The receipt is lost on its way: the laboratory posts again and gets the same one."""
    proxy = scene.stand.proxies["lab-ingest"]
    proxy.marker, proxy.cut_answers = b"HTTP/1.1 202", 15
    until = time.monotonic() + 10
    while proxy.cut_answers and time.monotonic() < until:
        await asyncio.sleep(0.05)
    proxy.mend()


async def network(scene: Scene) -> None:
    """Everything that a network does, in an order of the seed, with a proxy between each pair."""
    usual, scene.driver.pace = scene.driver.pace, scene.driver.pace / 2
    try:
        async with scene.stand.behind_proxies():
            faults = list(NETWORK.items())
            scene.rng.shuffle(faults)
            for name, fault in faults:
                await fault(scene)
                scene.faults[name] += 1
    finally:
        scene.driver.pace = usual


NETWORK: Final[dict[str, Fault]] = {
    "network cut": network_cut,
    "network slow": network_slow,
    "network stalled": network_stalled,
    "commit unheard": commit_unheard,
    "receipt unheard": receipt_unheard,
}
OUTAGES: Final[dict[str, Fault]] = {
    "postgres immediate stop": postgres_immediate,
    "postgres killed": postgres_killed,
    "backend killed": backend_killed,
    "connections ended": backends_terminated,
    "postgres paused": postgres_paused,
    "connections exhausted": connections_exhausted,
    "disk full": disk_full,
    "network": network,
}
