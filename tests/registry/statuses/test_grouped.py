"""Pages of statuses whose lines PostgreSQL writes say what the rows say one by one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.statuses import queries, reading
from registry.statuses.display import COLUMNS, StatusRow
from registry.statuses.facts import day_of
from registry.statuses.wording import COLUMNS as WORDED
from registry.statuses.wording import Wording, counted
from shared.db import copy_rows, driver_of, execute, sql
from tests.support.status_rows import LIMITS, NOW, rows
from tests.support.world import PLATFORM, World, code_of

# Only the columns: what drawn rows combine need not be what the rules make of people.
TABLE: Final = "drawn_status"
CREATE: Final = sql(
    f"CREATE TEMP TABLE {TABLE} ON COMMIT DROP AS SELECT * FROM registry.person_status LIMIT 0"
)
GROUPED: Final = queries.grouped(f"FROM {TABLE} s WHERE s.shown_code IS NOT NULL AND $1")
ONE_BY_ONE: Final = f"""
    SELECT {WORDED} FROM {TABLE} s CROSS JOIN LATERAL (SELECT s.shown_code AS health_code_id) p
    WHERE s.shown_code IS NOT NULL
"""
boundaries = st.none() | st.dates(date(2026, 11, 19), date(2026, 11, 24))


async def read(world: World, people: Sequence[StatusRow]) -> tuple[list[Any], list[Any]]:
    """Return what PostgreSQL says of rows: in groups, and one by one."""
    async with world.context.db.transaction() as session:
        await execute(session, CREATE)
        records = [tuple(getattr(row, column) for column in COLUMNS) for row in people]
        await copy_rows(session, TABLE, COLUMNS, records)
        driver = await driver_of(session)
        return await driver.fetch(GROUPED, True, day_of(NOW)), await driver.fetch(ONE_BY_ONE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.tuples(rows(), boundaries, st.booleans()), min_size=1, max_size=12), st.integers(1, 3))
async def test_lines_that_postgresql_writes_are_those_of_the_rows(
    world: World, drawn: list[tuple[StatusRow, date | None, bool]], alike: int
) -> None:
    people = [
        replace(
            row,
            person_id=UUID(int=1 + place * alike + again),
            shown_code=f"HC-{place:04d}_{again}" if has_code else None,
            shown_at=NOW,
            boundary_on=boundary,
            version=row.version + again,
            changed_at=row.changed_at and row.changed_at + timedelta(milliseconds=again),
        )
        for place, (row, boundary, has_code) in enumerate(drawn)
        for again in range(alike)
    ]
    groups, records = await read(world, people)
    told, out_of_date = Wording(NOW, LIMITS).of_groups(groups)
    expected = Wording(NOW, LIMITS).of(records)
    lines = [line for text in told for line in text.split("\n")]
    assert sorted(lines) == sorted(each.text for each in expected if each.text is not None)
    assert sorted(out_of_date) == sorted(
        (each.person_id, each.code) for each in expected if each.text is None
    )
    seen = [row.person_id for row in people if row.shown_code]
    assert counted(groups) == (len(seen), max(seen, default=None))
    assert len(groups) <= len(drawn)


async def test_a_page_ends_with_its_last_person_whatever_it_is_grouped_by(world: World) -> None:
    await world.category(days=7)
    people = sorted([*await world.people(5), *await world.people(4, category="8A1")])
    await world.people(2, codes=False)
    fetch, last = world.context.reads.fetch, None
    codes: list[str] = []
    for size in (4, 4, 1):
        told = await reading.page(fetch, world.context, after=last, limit=4, who=PLATFORM, now=world.now)
        assert (told.people, told.last) == (size, people[min(len(codes) + 3, 8)])
        lines = [line for text in told.lines for line in text.split("\n")]
        codes += lines
        last = told.last
    assert [code_of(each) in "".join(codes) for each in people] == [True] * 9
    told = await reading.page(fetch, world.context, after=last, limit=4, who=PLATFORM, now=world.now)
    assert (told.lines, told.people) == ([], 0)


async def test_people_whose_duty_has_just_changed_are_worked_out_again_in_a_page(world: World) -> None:
    await world.category("NEW", days=3, effective_from=world.now.date() + timedelta(days=1))
    bound, free = await world.person(category="NEW"), await world.person()
    assert (await world.status(bound))["due_state"] == "not_required"
    world.clock.moment += timedelta(days=1)
    shown = await world.statuses([bound, free])
    assert (shown[bound]["due_state"], shown[free]["due_state"]) == ("never_tested", "not_required")
    everybody = await reading.page(
        world.context.reads.fetch, world.context, after=None, limit=10, who=PLATFORM, now=world.now
    )
    assert everybody.people == 2
    assert '"due_state":"never_tested"' in "".join(everybody.lines)
