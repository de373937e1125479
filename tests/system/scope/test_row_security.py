"""The second wall: the database refuses what a query has forgotten to refuse (decision 0016)."""

import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from migrations.row_security import CLOSED, DECISIONS, Decision
from results_ingest.batches import reads
from shared.db import full_sight, narrow_role
from shared.db_errors import sqlstate
from shared.result_ids import oldest_id
from shared.security.principal import Principal
from tests.support.servers import Address, Clones
from tests.support.system import PACKAGES, running_system
from tests.system.scope import sample_pairs
from tests.system.scope.declared import DECLARED, built, send
from tests.system.scope.pairs import attackers, described
from tests.system.scope.test_object_scope import operations
from tests.system.scope.world import NOW, Who, World, area_of, lab_of, secrets_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMAS: Final = ("registry", "ingest", "notifier")
SIDES: Final = {side: (area_of(side, "TOWN"), area_of(side, "DEPT"), lab_of(side)) for side in "AB"}
NO_LIMIT: Final = {"lab": "", "township": "", "department": ""}
TABLES: Final = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = CAST($1 AS regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
ROLES: Final = """
    SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ANY ($1)
"""
OWNER: Final = "SELECT pg_get_userbyid(relowner), relrowsecurity FROM pg_class WHERE oid = $1::regclass"
# These open transactions of their own, in which the system acts on everybody's rows: what is sent is
# checked by the queries alone (decision 0016).
BY_QUERIES_ALONE: Final = {
    ("POST", "/v1/people"),
    ("POST", "/v1/people/bulk"),
    ("POST", "/v1/health-code-ids/bulk"),
    ("POST", "/v1/spot-checks/{spot_check_id}/enrolments"),
    ("POST", "/v1/tubes"),
    ("POST", "/v1/tubes/bulk"),
    ("POST", "/v1/tubes/{tube_code}/members"),
    ("POST", "/v1/unmatched/{entry_id}/resolution"),
    ("POST", "/v1/batches"),
    ("POST", "/v1/imports"),
    ("GET", "/v1/audit/export"),
    ("GET", "/v1/backlogs"),
}
# Who may do these is a matter of the client, not of a row.
WITHOUT_A_ROW: Final = {
    ("PUT", "/v1/clock"),
    ("POST", "/v1/status-acknowledgements"),
    ("GET", "/v1/audit/key"),
    # The shipped texts are in no row.
    ("GET", "/v1/templates"),
    ("POST", "/v1/templates/{key}/preview"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(servers: Address, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Build both sides, once: what a test adds to a side leaves the other tests of it alone."""
    async with Clones(servers, "rows") as clones:
        database = await clones.make()
        async with running_system(servers, database, data_dir=tmp_path_factory.mktemp("data")) as system:
            world = await built(system)
            await sample_pairs.build(world)
            yield world
        await clones.drop(database)


def protected(schema: str) -> dict[str, Decision]:
    """Return the tables with policies."""
    return {table: each for table, each in DECISIONS[schema].items() if each.rows is not None}


def limits_of(who: Who) -> dict[str, str]:
    """Return what its transactions are held to."""
    limits = Principal("c", "n", "system", who.scopes, who.lab, who.area, who.level).limits
    assert limits is not None
    return limits


async def seen(world: World, schema: str, table: str, limits: dict[str, str]) -> set[str]:
    """Return the rows that a plain `SELECT` of every column shows inside a transaction with these limits."""
    decision = DECISIONS[schema].get(table)
    some = re.search(r"SELECT \((.+?)\)", decision.rights) if decision else None
    columns = f"ROW({some[1]})" if some else "t"
    async with world.system.db(schema).transaction(limits=limits) as session:
        found = await session.execute(text(f"SELECT CAST({columns} AS text) FROM {schema}.{table} t"))
        return set(found.scalars())


async def test_every_table_has_a_decision_and_no_role_of_a_service_can_pass_by(world: World) -> None:
    system = world.system
    for schema, decisions in DECISIONS.items():
        tables = {row["relname"] for row in await system.owner.fetch(TABLES, schema)}
        assert tables == set(decisions), schema
    for schema in SCHEMAS:
        role = system.db(schema).engine.url.username
        assert role is not None
        rows = await system.owner.fetch(ROLES, [role, narrow_role(role)])
        assert {tuple(row) for row in rows} == {
            (role, False, False, True),
            (narrow_role(role), False, False, False),
        }
        for table in protected(schema):
            owner, on = await system.owner.fetchrow(OWNER, f"{schema}.{table}")
            assert on, table
            assert owner not in (role, narrow_role(role))


async def test_without_any_predicate_nothing_of_the_others_is_seen(world: World) -> None:
    never_seen, empty = [], []
    for schema in SCHEMAS:
        for table in protected(schema):
            mine = [await seen(world, schema, table, limits_of(who)) for who in SIDES["A"]]
            theirs = [await seen(world, schema, table, limits_of(who)) for who in SIDES["B"]]
            assert await seen(world, schema, table, NO_LIMIT) == set(), f"{schema}.{table} without limits"
            if table in ("lab", "lab_terms", "lab_origin"):  # an area sees every laboratory
                mine, theirs = mine[2:], theirs[2:]
            a, b = set().union(*mine), set().union(*theirs)
            assert a.isdisjoint(b), f"{schema}.{table}"
            assert not [row for row in b if re.search(r"(TOWN|DEPT|UNIT|LAB|SITE|TUBE|BATCH|HC)-A", row)]
            if not a:
                never_seen.append(f"{schema}.{table}")
                if not await world.system.owner.fetchval(f"SELECT count(*) FROM {schema}.{table}"):
                    empty.append(f"{schema}.{table}")
    # What waits for no tube belongs to no area yet.
    assert set(never_seen) - set(empty) <= {"ingest.unmatched"}, "these hold rows that no owner sees"
    assert set(empty) <= {
        "registry.client_key",
        "registry.disclosure",
        "registry.enrolment_history",
        "registry.vaccination_history",
        "registry.unit_place_history",
        "registry.event_history",
        "registry.organisation_history",
        "registry.share_finding",
        "registry.breach_share",
        "registry.appeal",
        "registry.appeal_step",
        "registry.spot_check",
        "registry.spot_check_person",
        "registry.exemption",
        "registry.exemption_history",
        "registry.health_code_history",
        "ingest.refused_row",
        "ingest.review_step",
        "ingest.venue",
        "ingest.venue_report",
        "ingest.venue_sample",
        "notifier.notice_seen",
        "notifier.notice_document",
        "notifier.document_disclosure",
    }


async def test_a_closed_table_refuses_a_narrow_request(world: World) -> None:
    system = world.system
    for schema, decisions in DECISIONS.items():
        db = system.db("ingest" if schema == "bus" else schema)
        for table in [table for table, decision in decisions.items() if decision is CLOSED]:
            with pytest.raises(DBAPIError) as refused:
                async with db.transaction(limits=NO_LIMIT) as session:
                    await session.execute(text(f"SELECT count(*) FROM {schema}.{table}"))
            assert sqlstate(refused.value) == "42501", table


@pytest.fixture
def first_wall_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every query and check believe that the caller is of the whole district and of no laboratory."""

    def limits(who: Principal) -> dict[str, str] | None:
        lab = who.lab_code if who.holds("results:write") else None
        area = {
            name: (who.area_code or "") if who.area_level == name else ""
            for name in ("township", "department")
        }
        found = {"lab": lab or "", **area}
        return found if any(found.values()) else None

    monkeypatch.setattr(Principal, "limits", property(limits))
    for name in ("township", "department"):
        monkeypatch.setattr(Principal, name, property(lambda _: None))
    monkeypatch.setattr(Principal, "limited", property(lambda _: False))
    monkeypatch.setattr(Principal, "sees", lambda *_, **__: True)
    monkeypatch.setattr(reads, "_sees", lambda _: (True, None))
    slices = ("results_ingest.", "notifier.")
    for module in [each for name, each in sys.modules.items() if name.startswith(slices)]:
        if hasattr(module, "own_lab"):
            monkeypatch.setattr(module, "own_lab", lambda *_: None)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("first_wall_removed")
async def test_with_the_first_wall_removed_everything_is_still_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    tried, wrong = 0, []
    for service in PACKAGES:
        for operation, scopes in (await operations(world.system, service)).items():
            if operation in BY_QUERIES_ALONE | WITHOUT_A_ROW:
                continue
            for number, pair in enumerate(DECLARED[service][operation]):
                if not pair.by_row:
                    continue
                asked = await pair.ask(world)
                for who in attackers(scopes, pair.against):
                    tried += 1
                    answer = await send(await world.client(service, who), operation, asked)
                    refused = answer.status_code in (403, 404, 409) or pair.refused(world, answer)
                    if not refused or secrets_in(answer.text):
                        wrong.append(f"{' '.join(operation)} #{number} by {who.name}: {described(answer)}")
    with capsys.disabled():
        print(f"\nsecond wall: {tried} requests without the first, {len(wrong)} let through")  # noqa: T201
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def statements(world: World) -> Iterator[dict[str, list[str]]]:
    """Record what each service's processes say to the database."""
    said: dict[str, list[str]] = {service: [] for service in PACKAGES}
    undo: list[Any] = []
    for service in PACKAGES:
        engine = world.system.context(service).db.engine.sync_engine

        def note(*arguments: Any, told: list[str] = said[service]) -> None:
            told.append(arguments[2])

        event.listen(engine, "before_cursor_execute", note)
        undo.append((engine, note))
    yield said
    for engine, note in undo:
        event.remove(engine, "before_cursor_execute", note)


async def test_only_a_limited_request_pays_and_one_statement(
    world: World, statements: dict[str, list[str]]
) -> None:
    for who, times in ((Who(frozenset({"records:read"})), 0), (area_of("A", "TOWN", "records:read"), 1)):
        statements["registry"].clear()
        answer = await (await world.client("registry", who)).get("/v1/units/UNIT-A1")
        assert answer.is_success, answer.text
        assert sum("'role'" in each or "role" in each for each in statements["registry"]) == times
    # A laboratory's post runs under the service's own role: its laboratory is the token's.
    statements["results-ingest"].clear()
    row = {"health_code_id": "HC-A-0001", "outcome": "negative", "tested_at": NOW.isoformat()}
    lab = await world.client("results-ingest", lab_of("A"))
    answer = await lab.post("/v1/batches", json={"batch_no": "COUNTED", "results": [row]})
    assert answer.status_code == 202, answer.text
    await world.system.settle(dead=True)  # another test has buried some
    assert not [each for each in statements["results-ingest"] if "set_config('role'" in each]


async def test_what_is_worked_out_sees_everything_and_then_no_more(world: World) -> None:
    count = text("SELECT count(*) FROM registry.unit")
    async with world.system.db("registry").transaction(limits=limits_of(area_of("B", "TOWN"))) as session:
        before = (await session.execute(count)).scalar_one()
        async with full_sight(session):
            inside = (await session.execute(count)).scalar_one()
        after = (await session.execute(count)).scalar_one()
    assert before == after < inside
    async with world.system.db("registry").transaction() as session:
        assert (await session.execute(count)).scalar_one() == inside, "the next transaction is not narrow"


async def test_a_new_partition_is_protected_from_its_first_row(world: World) -> None:
    owner = world.system.owner
    first = NOW.replace(year=2035, month=6, day=1)
    assert await owner.fetchval("SELECT ingest.make_result_partitions($1, 1)", first.date()) == 1
    await owner.execute(
        """
        INSERT INTO ingest.result (batch_id, "row", lab_code, state, reported_at, tested_at, outcome, test_kind)
        VALUES ($1, 1, 'LAB-A', 'unmatched', now(), now(), 'negative', 'pcr')
        """,
        UUID(int=oldest_id(first).int + 1),
    )
    mine = await seen(world, "ingest", "result", limits_of(lab_of("A")))
    theirs = await seen(world, "ingest", "result", limits_of(lab_of("B")))
    assert [row for row in mine if ",LAB-A," in row]
    assert theirs
    assert mine.isdisjoint(theirs)
    with pytest.raises(DBAPIError) as refused:
        await seen(world, "ingest", "result_2035_06", limits_of(lab_of("A")))
    assert sqlstate(refused.value) == "42501"


async def test_writing_over_a_row_that_is_not_seen_is_refused(world: World) -> None:
    upsert = text("""
        INSERT INTO ingest.site (site_code, name, kind, township_code)
        VALUES ('SITE-A', '改名', 'community', 'TOWN-B')
        ON CONFLICT (site_code) DO UPDATE SET name = excluded.name
    """)
    with pytest.raises(DBAPIError) as refused:
        async with world.system.db("ingest").transaction(limits=limits_of(area_of("B", "TOWN"))) as session:
            await session.execute(upsert)
    assert sqlstate(refused.value) == "42501"
