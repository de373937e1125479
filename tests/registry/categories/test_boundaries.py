"""Days on which something begins or ends, read over HTTP at the border of two Asia/Shanghai days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.clock import SHANGHAI
from tests.support.district import District, coded


def at(text: str) -> datetime:
    """Return a Shanghai time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.requirement(7)
@pytest.mark.parametrize(
    ("sampled", "due_on"),
    [
        ("2031-01-28", "2031-02-28"),
        ("2031-01-29", "2031-02-28"),
        ("2031-01-31", "2031-02-28"),
        ("2032-01-31", "2032-02-29"),
        ("2032-02-29", "2032-03-29"),
        ("2031-03-31", "2031-04-30"),
        ("2031-12-31", "2032-01-31"),
    ],
)
async def test_a_month_from_a_sample_ends_with_the_last_day_of_a_shorter_month(
    district: District, sampled: str, due_on: str
) -> None:
    await district.system.set_clock(at(f"{sampled}T18:00:00"))
    await district.people(coded(1, category_code="7C", enrolled_on="2030-11-01"))
    await district.negative(1, at(f"{sampled}T17:00:00"))
    assert (await district.status())["due_on"] == due_on
    midnight = at(f"{due_on}T00:00:00") + timedelta(days=1)
    await district.system.set_clock(midnight - timedelta(seconds=20))
    assert (await district.status())["clearance"] == {"allowed": True, "reasons": [], "until": due_on}
    await district.system.set_clock(midnight)
    status = await district.status()
    assert (status["due_state"], status["clearance"]["reasons"]) == ("overdue", ["overdue"])


@pytest.mark.requirement(4, 8)
@pytest.mark.parametrize(("code", "days"), [("8A1", 7), ("7A", 14)])
@pytest.mark.parametrize(("sampled", "day"), [("23:59:59", "2031-02-27"), ("00:00:00", "2031-02-28")])
async def test_a_period_runs_from_the_shanghai_day_of_the_sample_whatever_its_offset(
    district: District, code: str, days: int, sampled: str, day: str
) -> None:
    moment = at(f"{day}T{sampled}")
    await district.system.set_clock(at("2031-02-28T08:00:00"))
    await district.people(coded(1, category_code=code, enrolled_on="2030-11-01"))
    await district.negative(1, moment.astimezone(UTC))
    due_on = date.fromisoformat(day) + timedelta(days=days)
    assert (await district.status())["due_on"] == due_on.isoformat()
    await district.system.set_clock(datetime.combine(due_on, at("2031-01-01T23:59:40").timetz()))
    assert (await district.status())["due_state"] == "due_soon"
    await district.system.set_clock(at(f"{due_on + timedelta(days=1)}T00:00:00"))
    assert (await district.status())["due_state"] == "overdue"


@pytest.mark.requirement(14)
@pytest.mark.parametrize(
    ("completed", "last_day_before"),
    [
        ("2030-10-20", "2030-11-19"),  # 30 days, and still no calendar month
        ("2030-10-21", "2030-11-20"),
        ("2031-01-31", "2031-02-27"),  # 28 days are one
        ("2032-01-31", "2032-02-28"),
        ("2031-02-28", "2031-03-27"),
    ],
)
async def test_one_calendar_month_after_the_course_decides_and_not_thirty_days(
    district: District, completed: str, last_day_before: str
) -> None:
    await district.system.set_clock(at(f"{last_day_before}T23:00:00"))
    await district.people(
        coded(1, category_code="8A3", enrolled_on="2030-10-01", vaccination_completed_on=completed)
    )
    await district.negative(1, at(f"{last_day_before}T22:00:00"))
    person_id = (await district.found())["person_id"]
    assert (await district.get(f"/v1/people/{person_id}/ledger"))["category_code"] == "8A3"
    await district.system.set_clock(at(f"{last_day_before}T00:00:00") + timedelta(days=1))
    assert (await district.get(f"/v1/people/{person_id}/ledger"))["category_code"] == "8A2"
