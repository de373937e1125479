"""The double random draw: repeatable from its seed, fair, and nobody is drawn for what they have a part in."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.inspection_draws.rules import Inspector, Target, TooFew, draw, is_repeated
from tests.notifier.desk import Desk
from tests.notifier.inspecting import DEPT, FOUND, code, inspection, ok, staffed

BODIES = st.sampled_from(["DEPT-01", "DEPT-02", "TOWN-01", "TOWN-02"])
UNITS = st.sampled_from([f"U-{number}" for number in range(8)])
TARGETS = st.lists(st.builds(Target, UNITS, BODIES, BODIES), max_size=8, unique_by=lambda one: one.code)
STAFF = st.lists(
    st.builds(
        Inspector,
        st.sampled_from([f"I-{number}" for number in range(9)]),
        st.none() | BODIES,
        st.none() | UNITS,
        st.lists(UNITS | BODIES, max_size=2).map(tuple),
    ),
    max_size=9,
    unique_by=lambda one: one.code,
)


def apart(staff: list[Inspector], target: Target) -> set[str]:
    """Return who must stand back: works there, belongs to a body over it, or has declared any of these."""
    places = {target.code, target.township_code, target.department_code}
    return {one.code for one in staff if places & {one.unit_code, one.department_code, *one.related} - {None}}


@pytest.mark.requirement(111)
@given(TARGETS, STAFF, st.text(max_size=5), st.integers(1, 4), st.integers(2, 3), st.randoms())
def test_the_same_lists_and_seed_give_the_same_draw_without_whoever_has_an_interest(
    targets: list[Target], staff: list[Inspector], seed: str, number: int, each: int, order: Any
) -> None:
    enough = len(targets) >= number
    free = [sum(one.code not in apart(staff, target) for one in staff) for target in targets]
    if not enough or max(free) < each:
        with pytest.raises(TooFew, match="inspectors" if enough else "targets"):
            draw(targets, staff, seed=seed, number=number, each=each)
    if not enough or min(free) < each:
        return
    drawn = draw(targets, staff, seed=seed, number=number, each=each)
    shuffled = order.sample(targets, len(targets)), order.sample(staff, len(staff))
    assert draw(*shuffled, seed=seed, number=number, each=each) == drawn
    assert is_repeated(drawn, *shuffled, seed=seed, each=each)
    assert not is_repeated([*drawn[:-1], drawn[0]], targets, staff, seed=seed, each=each) or number == 1
    places = {one.code: one for one in targets}
    assert len({one.target for one in drawn}) == number
    for one in drawn:
        assert len(set(one.inspectors)) == each
        assert apart(staff, places[one.target]).isdisjoint(one.inspectors)


@pytest.mark.requirement(111)
def test_seeds_draw_every_target_and_inspector_about_as_often() -> None:
    targets = [Target(f"U-{number}") for number in range(10)]
    staff = [Inspector(f"I-{number}") for number in range(6)]
    drawn = [draw(targets, staff, seed=str(seed), number=3, each=2) for seed in range(1000)]
    often = Counter(one.target for each in drawn for one in each)
    assert all(240 <= often[one.code] <= 360 for one in targets), often  # 300 expected
    # Within one draw nobody goes twice before everybody went once: 3 x 2 places for 6.
    assert all(
        Counter(code for one in each for code in one.inspectors).most_common(1)[0][1] == 1 for each in drawn
    )
    firsts = Counter(each[0].inspectors[0] for each in drawn)
    assert max(firsts.values()) < 2 * min(firsts.values())
    assert any(one != other for one, other in pairwise(drawn))


@pytest.mark.requirement(110)
@pytest.mark.requirement(111)
async def test_a_draw_is_kept_with_its_seed_binds_the_inspection_and_is_published_without_names(
    desk: Desk,
) -> None:
    async with desk.client("admin") as admin, desk.client("cases:respond", area=DEPT) as department:
        await staffed(desk, admin)
        units = [desk.unit(f"UNIT-1{number}", "DEPT-01") for number in range(4)]
        await desk.tell(*units, desk.unit("UNIT-20", "DEPT-02"))
        await desk.tell(
            *(type(one)(**{**fields(one), "revision": 2, "industry_code": "6210"}) for one in units)
        )
        wanted = {"draw_no": "D-1", "kind": "unannounced", "target_type": "unit", "industry_prefix": "62",
                  "targets": 2, "seed": "2037-W48"}  # fmt: skip
        made = await ok(admin.post("/v1/inspection-draws", json=wanted))
        again = await admin.post("/v1/inspection-draws", json=wanted)
        assert (again.status_code, again.json()) == (200, made)
        assert await code(admin.post("/v1/inspection-draws", json=wanted | {"seed": "x"})) == "draw_in_use"
        same = await ok(admin.post("/v1/inspection-draws", json=wanted | {"draw_no": "D-2"}))
        assert same["drawn"] == made["drawn"]
        assert made["library"]["targets"] == 4
        assert made["repeated"]
        # The department's own inspector stands back; those of two others and of none are left.
        who = {one["inspector_code"] for target in made["drawn"] for one in target["inspectors"]}
        assert who <= {"INS-2", "INS-3", "INS-4"}
        unseeded = await ok(
            admin.post("/v1/inspection-draws", json={**wanted, "draw_no": "D-3", "seed": None})
        )
        assert len(unseeded["seed"]) == 32
        many = wanted | {"draw_no": "D-4", "targets": 9}
        assert await code(admin.post("/v1/inspection-draws", json=many)) == "draw_too_few_targets"
        crowd = wanted | {"draw_no": "D-4", "inspectors_each": 4}
        assert await code(admin.post("/v1/inspection-draws", json=crowd)) == "draw_too_few_inspectors"
        assert (await department.get("/v1/inspection-draws/D-1")).status_code == 403
        await an_inspection_is_the_drawn_one(admin, department, made)


async def an_inspection_is_the_drawn_one(admin: Any, department: Any, made: dict[str, Any]) -> None:
    """Inspect what was drawn, by whom was drawn, then publish."""
    publish = "/v1/inspection-draws/D-1/publication"
    for number, target in enumerate(made["drawn"]):
        staff = [one["inspector_code"] for one in target["inspectors"]]
        body = inspection(
            f"V-{number}", FOUND, target_code=target["target_code"], draw_no="D-1", inspectors=staff
        )
        assert (
            await code(admin.post("/v1/inspections", json=body | {"target_code": "UNIT-20"}))
            == "inspection_not_drawn"
        )
        assert await code(admin.post("/v1/inspections", json=body | {"inspectors": ["INS-1"]})) == (
            "inspection_other_inspectors"
        )
        assert await code(admin.post(publish)) == "draw_not_inspected"
        await ok(admin.post("/v1/inspections", json=body))
    biased = inspection("V-9", inspectors=["INS-4"])  # has declared UNIT-01
    assert await code(admin.post("/v1/inspections", json=biased)) == "inspector_recused"
    nobody = inspection("V-9", inspectors=["INS-99"])
    assert await code(admin.post("/v1/inspections", json=nobody)) == "inspector_unknown"
    assert (await ok(admin.get("/v1/published-inspections")))["inspections"] == []
    assert (await ok(admin.post(publish)))["published_at"]
    public = await department.get("/v1/published-inspections")
    rows = public.json()["inspections"]
    assert {one["target_code"] for one in rows} == {one["target_code"] for one in made["drawn"]}
    assert [(one["problems"], one["closed"]) for one in rows] == [(1, 0), (1, 0)]
    assert "检查" not in public.text
    assert "INS-" not in public.text


def fields(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__struct_fields__}
