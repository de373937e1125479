"""The rules that only this project has are checked by machine."""

from pathlib import Path

from deploy.lints import findings

SERVICE = Path("services/registry/registry/people/service.py")


def test_a_commit_outside_the_database_module_is_found() -> None:
    assert list(findings(SERVICE, "async def f(s):\n    await s.commit()\n")) == [
        f"{SERVICE}:2: commits; only shared/db.py may"
    ]
    assert list(findings(Path("shared/db.py"), "session.commit()")) == []


def test_a_service_that_asks_its_own_clock_is_found() -> None:
    asks = "now = datetime.now(UTC)\n"
    assert list(findings(SERVICE, asks)) == [f"{SERVICE}:1: asks the process's own clock; ask PostgreSQL's"]
    assert list(findings(Path("services/registry/registry/identity/bootstrap.py"), asks)) == []
    assert list(findings(Path("deploy/local/run.py"), asks)) == []


def test_a_cast_that_hides_its_parameter_is_found() -> None:
    assert len(list(findings(SERVICE, 'sql("SELECT :ids::uuid[]")'))) == 1
    assert list(findings(SERVICE, 'sql("SELECT CAST(:ids AS uuid[]), now()::date")')) == []


def test_a_route_that_opens_a_transaction_without_limits_is_found() -> None:
    routes = SERVICE.with_name("disclosure_routes.py")
    opened = "async def f(c, who):\n    async with c.db.transaction({}) as s:\n        pass\n"
    assert list(findings(routes, opened.format("seconds=3"))) == [
        f"{routes}:2: opens a transaction without limits=who.limits"
    ]
    assert list(findings(routes, opened.format("limits=who.limits"))) == []
    assert list(findings(SERVICE, opened.format(""))) == [], "a service may: its caller has the limits"
