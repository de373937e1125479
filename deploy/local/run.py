"""`make run`: servers, migrations, six processes, demonstration data, then stay until told to stop."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from deploy.local import postgres, redis_server
from deploy.local.console import Console
from deploy.local.greeting import greeting
from deploy.local.plan import (
    DATABASE,
    Plan,
    make_plan,
    postgres_program,
    redis_program,
    service_programs,
    step,
    taken_ports,
)
from deploy.local.state import AlreadyRunningError, State, data_dir, lock, open_state, write_private
from deploy.local.supervisor import Supervisor, end_orphans

READY_SECONDS: Final = 90.0
BOOTSTRAP: Final = "registry.identity.bootstrap"


class StartError(RuntimeError):
    """Something that is needed did not come up; the message says what, in one line."""


def main() -> int:
    """Run until Ctrl-C or SIGTERM; return the exit code."""
    os.umask(0o077)  # logs, sent notices and keys are for our own eyes
    console = Console()
    state = open_state(data_dir())
    try:
        with lock(state):
            return _run_locked(state, console)
    except AlreadyRunningError as error:
        console.say(f"{error}; stop that one first, or choose another DATA_DIR and PORT_BASE")
        return 1


def _run_locked(state: State, console: Console) -> int:
    state.credentials.unlink(missing_ok=True)
    end_orphans(state.roster, console)
    try:
        return asyncio.run(_run(state, console))
    except (StartError, RuntimeError, OSError) as error:
        console.say(f"could not start: {error}")
        return 1
    finally:
        state.credentials.unlink(missing_ok=True)
        state.environment.unlink(missing_ok=True)


async def _run(state: State, console: Console) -> int:
    told = asyncio.Event()
    supervisor = Supervisor(console, state.roster)
    _listen_for_signals(told, supervisor)
    plan = make_plan(state, os.environ)
    if taken := taken_ports(plan):
        message = f"port {taken[0]} is in use; choose others with PORT_BASE=9100"
        raise StartError(message)
    starting = asyncio.create_task(_start(plan, supervisor, console))
    waiting = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()  # an error ends the run
            await waiting
    finally:
        waiting.cancel()
        starting.cancel()
        with contextlib.suppress(BaseException):
            await starting
        console.say("stopping …")
        state.credentials.unlink(missing_ok=True)
        await supervisor.stop()
        console.say("stopped")
    return 0


def _listen_for_signals(told: asyncio.Event, supervisor: Supervisor) -> None:
    def stop() -> None:
        if told.is_set():  # asked twice: do not wait for anybody
            supervisor.kill()
        told.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)


async def _start(plan: Plan, supervisor: Supervisor, console: Console) -> None:
    await _start_servers(plan, supervisor)
    console.say("migrating the database")
    await _step(plan, supervisor, "migrations.migrate")
    for program in service_programs(plan):
        await supervisor.start(program)
    await _wait_until_ready(plan)
    write_private(plan.state.environment, plan.environment)
    await _seed_once(plan, supervisor, console)
    await _step(plan, supervisor, BOOTSTRAP, "--out", str(plan.state.credentials))
    console.plain(greeting(plan))


async def _start_servers(plan: Plan, supervisor: Supervisor) -> None:
    if plan.postgres is not None:
        await supervisor.start(postgres_program(plan, plan.postgres))
        await asyncio.to_thread(postgres.wait_until_ready, plan.postgres)
        await _create_database(plan.postgres)
    if plan.redis is not None:
        await supervisor.start(redis_program(plan, plan.redis))
        await asyncio.to_thread(redis_server.wait_until_ready, plan.redis)


async def _create_database(server: postgres.Postgres) -> None:
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


async def _seed_once(plan: Plan, supervisor: Supervisor, console: Console) -> None:
    """Fill a new installation, with credentials of its own: credentials.json says that all is ready."""
    if plan.state.seeded.exists():
        return
    console.say("first start: filling in a demonstration district")
    place = plan.state.root / "first-start"
    place.mkdir(mode=0o700, exist_ok=True)
    await _step(plan, supervisor, BOOTSTRAP, "--out", str(place / "credentials.json"))
    await _step(plan, supervisor, "deploy.demo.seed", place=place)
    shutil.rmtree(place)
    plan.state.seeded.touch()


async def _step(
    plan: Plan, supervisor: Supervisor, module: str, *arguments: str, place: Path | None = None
) -> None:
    code = await supervisor.run_to_end(step(plan, module, *arguments, data_dir=place))
    if code:
        message = f"python -m {module} ended with {code}; its own words are above"
        raise StartError(message)


async def _wait_until_ready(plan: Plan) -> None:
    """Wait until all three services say that they are ready."""
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        for service in plan.ports:
            while not await _answers(client, f"{plan.url(service)}/readyz"):
                if time.monotonic() > deadline:
                    message = f"{service} was not ready within {READY_SECONDS:g} s; see {plan.state.logs}"
                    raise StartError(message)
                await asyncio.sleep(0.1)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
