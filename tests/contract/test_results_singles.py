"""Contract §5, rules 4 and 5: invalid, antigen and antibody, and which sample decides."""

from itertools import permutations

import pytest

from tests.contract.intake import ago, display, matched, moment, result
from tests.contract.office import Answer, Office
from tests.support.waiting import until
from tests.system.people import UNIT

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def last(office: Office, code: str) -> Answer:
    """Return the person's last result."""
    found: Answer = (await office.status(code))["last_result"]
    return found


async def test_a_negative_single_is_shown_with_its_times_and_its_lab(office: Office) -> None:
    code = await office.somebody()
    row = result(office, health_code_id=code, collected_at=ago(office, 5))
    await matched(office, row)
    shown = await last(office, code)
    assert set(shown) == {
        "outcome",
        "mode",
        "collected_at",
        "tested_at",
        "reported_at",
        "lab_code",
        "reviewed",
    }
    assert (shown["outcome"], shown["mode"], shown["lab_code"]) == ("negative", "single", "LAB01")
    assert moment(shown["collected_at"]) == moment(row["collected_at"])
    assert moment(shown["tested_at"]) == moment(row["tested_at"])
    assert shown["reviewed"] is False


async def test_an_invalid_single_is_no_result_and_asks_unit_and_site_for_another(office: Office) -> None:
    code = await office.on_duty()
    await matched(office, result(office, hours=20, health_code_id=code))
    before = await office.status(code)
    tube = await office.sample(code, at=moment(ago(office, 3)), site_code="SITE-RESAMPLE")
    await matched(office, result(office, "invalid", tube_code=tube))
    after = await office.status(code)
    for key in ("display", "last_result", "due_on", "due_state", "clearance"):
        assert after[key] == before[key], key

    async def asked() -> set[str]:
        found = [one for one in await office.notices(kind="task.resample") if tube in str(one)]
        return {one["recipient"]["type"] for one in found}

    assert await until(asked) == {"unit", "site"}


async def test_the_resample_of_a_row_without_a_tube_goes_to_the_unit(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    before = len(await office.notices(kind="task.resample"))
    await matched(office, result(office, "invalid", health_code_id=code))

    async def asked() -> bool:
        return len(await office.notices(kind="task.resample")) > before

    await until(asked)
    assert await display(office, code) == "none"


async def test_a_positive_antigen_is_under_recheck_until_a_pcr_single(office: Office) -> None:
    code = await office.somebody()
    await matched(office, result(office, "positive", hours=5, health_code_id=code, test_kind="antigen"))
    assert await display(office, code) == "under_recheck"
    await matched(office, result(office, hours=3, health_code_id=code, test_kind="antigen"))
    assert await display(office, code) == "under_recheck"
    await matched(office, result(office, hours=2, health_code_id=code))
    assert await display(office, code) == "negative"


async def test_negative_antigens_and_antibodies_change_nothing(office: Office) -> None:
    code = await office.somebody()
    await matched(
        office,
        result(office, health_code_id=code, test_kind="antigen"),
        result(office, health_code_id=code, test_kind="antibody"),
        result(office, "positive", hours=2, health_code_id=code, test_kind="antibody"),
    )
    status = await office.status(code)
    assert (status["display"], status["last_result"]) == ("none", None)


async def test_the_newest_sample_decides_in_whatever_order_it_comes(office: Office) -> None:
    for order in permutations((9, 6, 4)):
        code = await office.somebody()
        for hours in order:
            row = result(office, hours=hours - 1, health_code_id=code, collected_at=ago(office, hours))
            await matched(office, row)
        assert moment((await last(office, code))["collected_at"]) == moment(ago(office, 4))


async def test_at_equal_times_the_later_test_then_the_smaller_lab_then_the_single_decides(
    office: Office,
) -> None:
    sampled = ago(office, 6)
    for turn in (1, -1):
        code = await office.somebody()
        for hours in (3, 2)[::turn]:
            await matched(office, result(office, hours=hours, health_code_id=code, collected_at=sampled))
        assert moment((await last(office, code))["tested_at"]) == moment(ago(office, 2))
        code = await office.somebody()
        for lab in ("LAB01", "LAB02")[::turn]:
            await matched(office, result(office, health_code_id=code, collected_at=sampled), lab=lab)
        assert (await last(office, code))["lab_code"] == "LAB01"
        code = await office.somebody()
        tube = await office.sample(code, at=moment(sampled), mode="mixed", capacity=10)
        both = [{"tube_code": tube}, {"health_code_id": code, "collected_at": sampled}]
        for named in both[::turn]:
            await matched(office, result(office) | named)
        assert (await last(office, code))["mode"] == "single"


async def test_at_equal_times_a_positive_outweighs_a_negative(office: Office) -> None:
    sampled = ago(office, 6)
    for turn in (1, -1):
        code = await office.somebody()
        for outcome, hours in (("positive", 3), ("negative", 2))[::turn]:
            await matched(
                office, result(office, outcome, hours=hours, health_code_id=code, collected_at=sampled)
            )
        assert await display(office, code) == "under_recheck"


async def test_an_old_positive_counts_though_newer_negatives_came_first(office: Office) -> None:
    code = await office.somebody()
    await matched(office, result(office, hours=2, health_code_id=code))
    await matched(office, result(office, "positive", hours=30, health_code_id=code))
    assert await display(office, code) == "under_recheck"


async def test_a_result_shows_soon_after_its_receipt(office: Office) -> None:
    code = await office.somebody()
    await office.post(result(office, health_code_id=code))

    async def shown() -> bool:
        return await display(office, code) == "negative"

    await until(shown)


async def test_the_ledger_holds_every_sample_and_result_newest_first(office: Office) -> None:
    code = await office.somebody()
    person_id = await office.person_id(code)
    await matched(
        office,
        result(office, hours=5, health_code_id=code),
        result(office, "invalid", hours=3, health_code_id=code),
        result(office, hours=2, health_code_id=code, test_kind="antibody"),
    )
    ledger = await office.records.get(f"/v1/people/{person_id}/ledger")
    assert ledger.status_code == 200, ledger.text
    text = ledger.text
    for outcome in ("negative", "invalid", "antibody"):
        assert outcome in text
