"""The processes of one run: which programs, with which environment, stopped in which order."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import postgres, redis_server
from deploy.local.accounts import server_account, server_home
from deploy.local.archive import archive_of, backup_dir
from deploy.local.ports import free_port, is_free
from deploy.local.state import State, secrets_of
from deploy.local.supervisor import Program

DATABASE: Final = "yingjian"
APIS: Final = {"registry": "registry", "results-ingest": "results_ingest", "notifier": "notifier"}
# Whoever accepts stops first, then who works on it, then what both stand on.
API_TURN, WORKER_TURN, REDIS_TURN, POSTGRES_TURN = range(4)
POOL_SIZE: Final = 8  # of a process for which nothing is said; a test compares it with the settings
OWN_SETTINGS: Final = ("DATA_KEYS", "INDEX_KEY", "ROLE_SECRET")


@dataclass(frozen=True)
class Plan:
    """What is to run. A server is None where the user's own is used."""

    state: State
    host: str
    ports: dict[str, int]
    postgres: postgres.Postgres | None
    redis: redis_server.Redis | None
    environment: dict[str, str]
    apis: int
    workers: int
    pool_size: int

    def url(self, service: str) -> str:
        """Return a service's base URL."""
        return f"http://{self.host}:{self.ports[service]}"


def make_plan(state: State, given: Mapping[str, str]) -> Plan:
    """Decide from the environment which servers are ours and where everything answers."""
    secrets = secrets_of(state)
    host = given.get("HOST") or "127.0.0.1"
    base = int(given.get("PORT_BASE") or 8000)
    ports = {service: base + number for number, service in enumerate(APIS, start=1)}
    server = None if given.get("DATABASE_URL") else _own_postgres(state, secrets["POSTGRES_PASSWORD"])
    redis = None if given.get("REDIS_URL") else _own_redis(state, secrets["REDIS_PASSWORD"])
    environment = {
        "ENVIRONMENT": "demo",
        "DATA_DIR": str(state.root),
        "LOG_FORMAT": given.get("LOG_FORMAT") or "console",
        "DATABASE_URL": server.url(DATABASE) if server else given["DATABASE_URL"],
        "REDIS_URL": redis.url if redis else given["REDIS_URL"],
        "PYTHONUNBUFFERED": "1",
        **{name: given.get(name) or secrets[name] for name in OWN_SETTINGS},
        **{f"{APIS[s].upper()}_URL": f"http://{host}:{port}" for s, port in ports.items()},
    }
    apis, workers = (int(given.get(name) or 1) for name in ("APIS", "WORKERS"))
    pool_size = int(given.get("POOL_SIZE") or POOL_SIZE)
    return Plan(state, host, ports, server, redis, environment, apis, workers, pool_size)


def _own_postgres(state: State, password: str) -> postgres.Postgres:
    account = server_account()
    home = server_home(state.root, account)
    return postgres.prepare(home, account=account, port=free_port(), password=password)


def _own_redis(state: State, password: str) -> redis_server.Redis:
    return redis_server.prepare(state.root / "redis", port=free_port(), password=password)


def taken_ports(plan: Plan) -> list[int]:
    """Return the ports that somebody else listens on."""
    return [port for port in plan.ports.values() if not is_free(plan.host, port)]


def postgres_program(plan: Plan, server: postgres.Postgres) -> Program:
    """Return the embedded PostgreSQL; SIGINT is its fast and orderly stop."""
    archive = archive_of(backup_dir(server_home(plan.state.root, server.account)), server.data)
    connections = postgres.connections_for(len(APIS) * (plan.apis + plan.workers), pool_size=plan.pool_size)
    return Program(
        name="postgres",
        command=server.command(**archive.settings(), max_connections=str(connections)),
        log=plan.state.logs / "postgres.log",
        turn=POSTGRES_TURN,
        cwd=server.data,
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        account=server.account,
        stop_signal=signal.SIGINT,
        grace=30,
        quiet=True,
    )


def redis_program(plan: Plan, server: redis_server.Redis) -> Program:
    """Return the embedded Redis."""
    return Program(
        name="redis",
        command=server.command,
        log=plan.state.logs / "redis.log",
        turn=REDIS_TURN,
        cwd=server.data,
        environment={"PATH": os.defpath},
        quiet=True,
    )


def service_programs(plan: Plan) -> list[Program]:
    """Return the processes of the services: an API and a worker of each, or as many as are asked for."""
    apis = [
        _python(plan, name, *serving(f"{APIS[service]}.app:create", host=plan.host, port=plan.ports[service]))
        for service in APIS
        for name in _names(service, plan.apis)
    ]
    workers = [
        _python(plan, name, "-m", f"{package}.worker", turn=WORKER_TURN)
        for service, package in APIS.items()
        for name in _names(f"{service}-worker", plan.workers)
    ]
    return apis + workers


def _names(name: str, count: int) -> list[str]:
    return [name, *(f"{name}-{number}" for number in range(2, count + 1))]


def serving(factory: str, *, host: str, port: int) -> list[str]:
    """Return the arguments by which Python serves an app."""
    return ["-m", "deploy.local.serve", factory, host, str(port)]


def step(plan: Plan, module: str, *arguments: str, data_dir: Path | None = None) -> Program:
    """Return a command that runs once, such as the migrations."""
    return _python(plan, module.rpartition(".")[2], "-m", module, *arguments, data_dir=data_dir)


def _python(
    plan: Plan, name: str, *arguments: str, turn: int = API_TURN, data_dir: Path | None = None
) -> Program:
    more = {"DATA_DIR": str(data_dir)} if data_dir else {}
    return Program(
        name=name,
        command=[sys.executable, *arguments],
        log=plan.state.logs / f"{name}.log",
        turn=turn,
        environment={**os.environ, **plan.environment, **more},
    )
