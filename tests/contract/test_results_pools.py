"""Contract §5, rules 1 and 2: what mixed tubes do, and what settles the re-check of a member."""

import pytest

from tests.contract.intake import (
    ago,
    alerts,
    bodies,
    bound,
    display,
    matched,
    moment,
    result,
    taken,
    tube,
)
from tests.contract.office import Office
from tests.support.waiting import until
from tests.system.people import CDC, DEPARTMENT, TOWN, UNIT, ok

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def crowd(office: Office, size: int = 3, **more: str) -> list[str]:
    """Register people."""
    return [await office.somebody(**more) for _ in range(size)]


async def shown(office: Office, *codes: str) -> set[str]:
    """Return what is shown of these people."""
    return {await display(office, code) for code in codes}


@pytest.mark.requirement(76)
async def test_a_negative_mixed_tube_gives_every_member_a_mixed_negative(office: Office) -> None:
    codes = await crowd(office)
    pool = await bound(office, *codes, hours=4)
    assert await shown(office, *codes) == {"pending"}
    await matched(office, result(office, tube_code=pool))
    for code in codes:
        status = await office.status(code)
        assert status["display"] == "negative"
        assert status["pending_since"] is None
        last = status["last_result"]
        assert (last["outcome"], last["mode"], last["lab_code"]) == ("negative", "mixed", "LAB01")
        assert moment(last["collected_at"]) == moment(ago(office, 4))


@pytest.mark.requirement(77)
@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
async def test_another_mixed_tube_gives_nobody_a_result(office: Office, outcome: str) -> None:
    codes = await crowd(office, unit_code=UNIT)
    await matched(office, *(result(office, hours=30, health_code_id=code) for code in codes[:1]))
    before = (await office.status(codes[0]))["last_result"]
    pool = await bound(office, *codes)
    state = await matched(office, result(office, outcome, tube_code=pool))
    assert (state["matched"], state["pooled_people"]) == (1, 3)
    assert await shown(office, *codes) == {"under_recheck"}
    assert (await office.status(codes[0]))["last_result"] == before
    assert (await office.status(codes[1]))["last_result"] is None
    clearance = (await office.status(codes[0]))["clearance"]
    assert (clearance["allowed"], "under_recheck" in clearance["reasons"]) == (False, True)
    found = await alerts(office, "alert.pool", pool)
    assert bodies(found) == [("cdc", CDC), ("department", DEPARTMENT), ("township", TOWN)]
    tasks = await office.notices(kind="task.recheck")
    assert any(pool in str(one["text"]) + str(one["subject"]) + str(one["evidence"]) for one in tasks)
    reviews = (await ok(office.cdc.get("/v1/reviews?state=open&limit=1000")))["reviews"]
    assert pool not in str(reviews)


@pytest.mark.requirement(74, 77)
async def test_ten_retained_singles_settle_a_positive_pool_one_by_one(office: Office) -> None:
    """Acceptance fixture 2: a 10-in-1 tube positive with 10 retained singles."""
    codes = await crowd(office, 10, unit_code=UNIT)
    pool = await bound(office, *codes, hours=5)
    singles = [tube(office, code, hours=5.2, paired_with=pool) for code in codes]
    await ok(office.sampling.post("/v1/tubes/bulk", json={"tubes": singles}))
    await matched(office, result(office, "positive", tube_code=pool))
    assert await shown(office, *codes) == {"under_recheck"}
    assert len(await alerts(office, "alert.pool", pool)) == 3
    rows = [result(office, tube_code=single["tube_code"]) for single in singles[1:]]
    rows.append(result(office, "positive", tube_code=singles[0]["tube_code"]))
    await matched(office, *rows)
    assert await shown(office, *codes[1:]) == {"negative"}
    assert await shown(office, codes[0]) == {"under_recheck"}
    [review] = [
        one
        for one in (await ok(office.cdc.get("/v1/reviews?state=open&limit=1000")))["reviews"]
        if codes[0] in str(one)
    ]
    await office.reviewed(review["result_id"], "confirmed")
    assert await shown(office, codes[0]) == {"positive"}
    assert await shown(office, *codes[1:]) == {"negative"}
    status = await office.status(codes[1])
    assert status["last_result"]["mode"] == "single"


async def test_a_paired_single_settles_whatever_its_time_and_its_order(office: Office) -> None:
    early, first = await crowd(office, 2)
    pool = await bound(office, early, first, hours=3)
    before = await bound(office, early, hours=9, paired_with=pool)
    await matched(office, result(office, "positive", tube_code=pool))
    await matched(office, result(office, tube_code=before))
    assert await shown(office, early) == {"negative"}
    assert await shown(office, first) == {"under_recheck"}
    one, two = await crowd(office, 2)
    later = tube(office, one, two, hours=3)
    kept = await bound(office, one, hours=9, paired_with=later["tube_code"])
    await matched(office, result(office, tube_code=kept))
    await ok(office.sampling.post("/v1/tubes", json=later))
    await matched(office, result(office, "positive", tube_code=later["tube_code"]))
    assert await shown(office, one) == {"negative"}
    assert await shown(office, two) == {"under_recheck"}


async def test_a_pool_that_names_its_single_is_paired_as_well(office: Office) -> None:
    code, other = await crowd(office, 2)
    single = await bound(office, code, hours=9)
    pool = await bound(office, code, other, hours=3, paired_with=single)
    await matched(office, result(office, "positive", tube_code=pool), result(office, tube_code=single))
    assert await shown(office, code) == {"negative"}
    assert await shown(office, other) == {"under_recheck"}


async def test_a_single_settles_if_it_was_taken_no_earlier_than_the_pool(office: Office) -> None:
    earlier, same, later, mixed = await crowd(office, 4)
    pool = await bound(office, earlier, same, later, mixed, hours=5)
    await matched(office, result(office, "indeterminate", tube_code=pool))
    await matched(
        office,
        result(office, health_code_id=earlier, collected_at=ago(office, 5.1)),
        result(office, health_code_id=same, collected_at=ago(office, 5)),
        result(office, health_code_id=later, collected_at=ago(office, 4)),
    )
    again = await bound(office, mixed, await office.somebody(), hours=2)
    await matched(office, result(office, tube_code=again))
    assert await shown(office, same, later) == {"negative"}
    assert await shown(office, earlier, mixed) == {"under_recheck"}


async def test_a_single_that_came_before_the_pools_result_settles_it_too(office: Office) -> None:
    code, other = await crowd(office, 2)
    pool = await bound(office, code, other, hours=5)
    await matched(office, result(office, health_code_id=code, collected_at=ago(office, 4)))
    await matched(office, result(office, "positive", tube_code=pool))
    assert await shown(office, code) == {"negative"}
    assert await shown(office, other) == {"under_recheck"}


async def test_invalid_antigen_and_antibody_settle_no_recheck(office: Office) -> None:
    codes = await crowd(office)
    pool = await bound(office, *codes, hours=5)
    await matched(office, result(office, "positive", tube_code=pool))
    await matched(
        office,
        result(office, "invalid", health_code_id=codes[0], collected_at=ago(office, 4)),
        result(office, health_code_id=codes[1], collected_at=ago(office, 4), test_kind="antigen"),
        result(office, health_code_id=codes[2], collected_at=ago(office, 4), test_kind="antibody"),
    )
    assert await shown(office, *codes) == {"under_recheck"}


async def test_two_pools_are_settled_each_by_itself(office: Office) -> None:
    code, one, two = await crowd(office, 3)
    first = await bound(office, code, one, hours=9)
    second = await bound(office, code, two, hours=5)
    await matched(
        office, result(office, "positive", tube_code=first), result(office, "positive", tube_code=second)
    )
    await matched(office, result(office, hours=2, health_code_id=code, collected_at=ago(office, 7)))
    assert await shown(office, code) == {"under_recheck"}
    await matched(office, result(office, health_code_id=code, collected_at=ago(office, 3)))
    assert await shown(office, code) == {"negative"}


async def test_a_positive_single_of_a_member_waits_for_its_review(office: Office) -> None:
    code, other = await crowd(office, 2)
    pool = await bound(office, code, other, hours=5)
    await matched(office, result(office, "positive", tube_code=pool))
    [found] = await taken(
        office, result(office, "positive", health_code_id=code, collected_at=ago(office, 3))
    )
    assert await shown(office, code) == {"under_recheck"}
    await office.reviewed(found, "refuted")
    assert await shown(office, code) == {"negative"}


async def test_an_invalid_pool_changes_nothing_and_asks_for_a_new_sample(office: Office) -> None:
    codes = await crowd(office, 2, unit_code=UNIT)
    await matched(office, result(office, hours=30, health_code_id=codes[0]))
    pool = await bound(office, *codes)
    before = await office.status(codes[0])
    await matched(office, result(office, "invalid", tube_code=pool))
    after = await office.status(codes[0])
    for key in ("display", "last_result", "due_on", "due_state"):
        assert after[key] == before[key]
    assert await shown(office, codes[1]) in ({"none"}, {"pending"})

    async def asked() -> bool:
        return any(pool in str(one) for one in await office.notices(kind="task.resample"))

    await until(asked)


async def test_a_member_added_late_by_registration_shares_the_pools_effect(office: Office) -> None:
    stranger, known = office.row(unit_code=UNIT), await office.somebody()
    member = {key: stranger[key] for key in ("id_type", "id_no", "name")}
    pool = await bound(office, known, members=[{"health_code_id": known}, member], mode="mixed", capacity=10)
    await matched(office, result(office, "positive", tube_code=pool))
    assert bodies(await alerts(office, "alert.pool", pool)) == [("cdc", CDC)]
    await office.register(stranger)
    await office.system.settle()
    assert await shown(office, stranger["health_code_id"]) == {"under_recheck"}

    async def told() -> bool:
        found = await alerts(office, "alert.pool", pool)
        return bodies(found) == [("cdc", CDC), ("department", DEPARTMENT), ("township", TOWN)]

    await until(told)


async def test_a_mixed_row_without_a_tube_follows_the_rule_of_mixed_tubes(office: Office) -> None:
    positive, negative = await crowd(office, 2)
    await matched(
        office,
        result(office, "positive", health_code_id=positive, mode="mixed", collected_at=ago(office, 4)),
        result(office, health_code_id=negative, mode="mixed"),
    )
    status = await office.status(positive)
    assert (status["display"], status["last_result"]) == ("under_recheck", None)
    assert (await office.status(negative))["last_result"]["mode"] == "mixed"
    await matched(office, result(office, hours=0.5, health_code_id=positive, collected_at=ago(office, 3)))
    assert await shown(office, positive) == {"negative"}


async def test_a_pool_is_not_reviewed(office: Office) -> None:
    codes = await crowd(office, 2)
    pool = await bound(office, *codes)
    [found] = await taken(office, result(office, "positive", tube_code=pool))
    body = {"verdict": "refuted", "reviewer": "疾控", "note": "复核"}
    answer = await office.cdc.post(f"/v1/reviews/{found}", json=body)
    assert answer.status_code in (404, 409), answer.text
    assert await shown(office, *codes) == {"under_recheck"}


async def test_a_positive_of_the_same_time_after_a_refuted_one_counts(office: Office) -> None:
    code = await office.somebody()
    sampled = ago(office, 6)
    [first] = await taken(
        office, result(office, "positive", hours=3, health_code_id=code, collected_at=sampled)
    )
    await office.reviewed(first, "refuted")
    await matched(office, result(office, "positive", hours=2, health_code_id=code, collected_at=sampled))
    assert await shown(office, code) == {"under_recheck"}
