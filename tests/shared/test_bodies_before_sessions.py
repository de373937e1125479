"""No route holds a connection while it waits for a body, and none takes a thread for what it asks for."""

import importlib
from collections.abc import Iterable, Iterator
from inspect import isasyncgenfunction, iscoroutinefunction, isfunction
from typing import Any, Final

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.web import deps
from tests.support.servers import Address
from tests.support.system import PACKAGES, settings_of

OPENS: Final = {deps.get_session, deps.business_now, deps.get_fetch, deps.fetched_now}


def routes_of(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """Yield the operations of an app, those of its routers included."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from routes_of(included.routes)


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_every_body_is_read_before_a_transaction_is_opened(service: str, servers: Address) -> None:
    module = importlib.import_module(f"{PACKAGES[service]}.app")
    app = module.create(settings_of(service, servers.values("none")))
    wrong, bodies = [], 0
    for route in routes_of(app.routes):
        calls = [each.call for each in route.dependant.dependencies]
        reads = [at for at, call in enumerate(calls) if "body.<locals>" in getattr(call, "__qualname__", "")]
        opens = [at for at, call in enumerate(calls) if call in OPENS]
        bodies += len(reads)
        if reads and opens and opens[0] < reads[0]:
            wrong.append(f"{route.name}: name the body before the session")
    assert bodies
    assert wrong == []


def asked_for(dependant: Dependant) -> Iterator[Any]:
    """Yield whatever is called for a route before its own function."""
    for each in dependant.dependencies:
        yield each.call if isfunction(each.call) else type(each.call).__call__
        yield from asked_for(each)


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_nothing_that_a_route_asks_for_is_called_in_a_thread(service: str, servers: Address) -> None:
    module = importlib.import_module(f"{PACKAGES[service]}.app")
    app = module.create(settings_of(service, servers.values("none")))
    calls = {call for route in routes_of(app.routes) for call in asked_for(route.dependant)}
    assert calls
    # FastAPI calls a plain function in a thread, which costs more than all else of a small request.
    assert [call for call in calls if not (iscoroutinefunction(call) or isasyncgenfunction(call))] == []
