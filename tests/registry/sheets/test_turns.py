"""Imports of many parts: taken in turn with others, tried without keeping, and left in the middle."""

from dataclasses import replace
from typing import Any

import pytest

from registry.sheets.kinds import KINDS
from registry.sheets.parts import earlier
from registry.sheets.running import run
from tests.registry.rounds import scene
from tests.registry.sheets.office import imported, send
from tests.registry.sheets.test_every_kind import in_sheet
from tests.registry.sheets.test_imports import HEADER, row
from tests.sheets.making import in_csv
from tests.support.district import CONTACT, District


async def step(district: District) -> None:
    """Take in one part, as a worker does."""
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        assert await run(session, context)


async def processed(district: District, path: str) -> int:
    """Return how many rows of an import are judged."""
    shown: dict[str, Any] = await district.get(path)
    return int(shown["processed"])


async def test_a_small_import_waits_for_one_part_of_a_large_one_and_not_for_its_end(
    district: District,
) -> None:
    await district.unit()
    large = in_csv(HEADER, *(row(number) for number in range(1, 3_501)))
    first = (await send(district, large)).headers["Location"]
    await step(district)
    second = (await send(district, in_csv(HEADER, row(4_000)))).headers["Location"]
    third = (await send(district, large)).headers["Location"]
    for _ in range(3):
        await step(district)
    assert [await processed(district, path) for path in (first, second, third)] == [2_000, 1, 1_000]
    for _ in range(5):
        await step(district)
    assert [await processed(district, path) for path in (first, second, third)] == [3_500, 1, 3_500]


async def test_an_import_that_fails_does_not_hold_up_the_others(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    await district.unit()
    failing = (await send(district, in_csv(HEADER, row(1)))).headers["Location"]

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("registry.sheets.running._applied", broken)
        await step(district)
    other = (await send(district, in_csv(HEADER, row(2)))).headers["Location"]
    await district.system.owner.execute("UPDATE registry.sheet_import SET again_at = NULL")
    await step(district)
    assert [await processed(district, path) for path in (failing, other)] in ([1, 0], [0, 1])
    await step(district)
    assert [await processed(district, path) for path in (failing, other)] == [1, 1]


async def test_a_trial_counts_somebody_new_in_two_parts_once(district: District) -> None:
    await district.unit()
    await district.unit("U-2")
    rows = [row(number) for number in range(1, 1_201)]
    twice = [row(number, 单位代码="U-2") for number in (1, 2, 1_100)]
    refused_first = [row(2_000, 单位代码="NOWHERE"), *rows, row(2_000)]
    raw = in_csv(HEADER, *refused_first, *twice)
    tried = await imported(district, raw, dry_run="true")
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.person") == 0
    done = await imported(district, raw)
    told = ("accepted", "updated", "rejected", "errors", "processed")
    assert {name: tried[name] for name in told} == {name: done[name] for name in told}
    assert (done["accepted"], done["updated"], done["rejected"]) == (1_201, 3, 1)


async def test_a_trial_of_a_later_part_knows_the_parents_of_earlier_ones(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = {f"contact.{name}": value for name, value in CONTACT.items()}
    departments = [
        {
            "code": f"D-{n}",
            "name": "部门",
            "level": "department",
            "parent_code": f"D-{n - 1}" if n else "",
            **contact,
        }
        for n in range(4)
    ]
    await scene.build(district)
    town = "420100001"
    divisions = [
        {"division_code": f"{town}002", "name": "社区"},
        {"division_code": f"{town}002001", "name": "网格"},
        {"division_code": f"{town}003001", "name": "网格"},
    ]
    for kind, rows, good in (("departments", departments, 4), ("grids", divisions, 2)):
        small = replace(KINDS[kind], at_once=1)
        monkeypatch.setitem(KINDS, kind, small)
        tried = await imported(district, in_sheet(rows), kind, dry_run="true")
        done = await imported(district, in_sheet(rows), kind)
        told = ("accepted", "updated", "rejected", "errors")
        assert {name: tried[name] for name in told} == {name: done[name] for name in told}
        assert done["accepted"] == good


def test_what_a_row_rests_on_is_followed_through_others_and_never_forwards() -> None:
    concerns = [("a", None), ("b", "a"), (), ("c", "b"), ("x", None), ("d", "c"), ("a", "d")]
    assert earlier(concerns, size=1) == {1: [0], 3: [0, 1], 5: [0, 1, 3], 6: [0, 1, 3, 5]}
    assert earlier(concerns, size=7) == {}
