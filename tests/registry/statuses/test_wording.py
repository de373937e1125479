"""Statuses worded by what they share say the same as `status_of` says of each of them alone."""

import json
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.statuses.display import StatusRow, status_of
from registry.statuses.facts import SHANGHAI
from registry.statuses.schemas import StatusOut
from registry.statuses.wording import Wording
from tests.support.status_rows import LIMITS, NOW, rows


@given(st.lists(rows(), min_size=1, max_size=4))
def test_every_row_is_worded_as_its_status_is(people: list[StatusRow]) -> None:
    wording = Wording(NOW, LIMITS)
    for number, row in enumerate(people):
        worded = wording.of_row(row, code=f"HC-{number:04d}")
        assert worded.text is not None
        told = StatusOut.model_validate_json(worded.text)
        status = status_of(row, NOW, LIMITS)
        assert (told.health_code_id, told.version, told.as_of) == (f"HC-{number:04d}", row.version, NOW)
        assert (told.display, told.due_on, told.due_state) == (
            status.display,
            status.due_on,
            status.due_state,
        )
        assert (told.pending_since, told.changed_at) == (status.pending_since, row.changed_at)
        assert (told.clearance.allowed, tuple(told.clearance.reasons)) == (status.allowed, status.reasons)
        assert told.clearance.until == status.until
        last = status.last_result
        shown = told.last_result
        assert (shown is None) == (last is None)
        for name in () if shown is None else type(shown).model_fields:
            assert getattr(shown, name) == getattr(last, name)


def test_times_are_written_with_the_offset_of_shanghai() -> None:
    row = StatusRow(UUID(int=1), version=1, changed_at=datetime(2026, 11, 21, 4, 0, 1, tzinfo=SHANGHAI))
    told = json.loads(Wording(NOW, LIMITS).of_row(row, code="HC-1").text or "")
    assert (told["as_of"], told["changed_at"]) == ("2026-11-21T12:00:00+08:00", "2026-11-21T04:00:01+08:00")


@pytest.mark.parametrize(
    ("boundary", "out_of_date"), [(date(2026, 11, 21), True), (date(2026, 11, 22), False)]
)
def test_a_row_whose_duty_is_out_of_date_is_not_worded(boundary: date, *, out_of_date: bool) -> None:
    row = StatusRow(UUID(int=1), version=1, changed_at=NOW, boundary_on=boundary)
    assert (Wording(NOW, LIMITS).of_row(row, code="HC-1").text is None) == out_of_date
