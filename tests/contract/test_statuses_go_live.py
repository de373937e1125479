"""Contract §4: no duty starts before `GO_LIVE_ON`."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from tests.contract.office import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

GO_LIVE_ON: Final = (datetime.now(UTC) + timedelta(days=5)).date()
SETTINGS: Final = {"go_live_on": GO_LIVE_ON}


async def test_duty_starts_when_the_programme_does(office: Office) -> None:
    code = await office.on_duty(enrolled_on="2026-11-01")
    status = await office.status(code)
    assert (status["due_state"], status["clearance"]["allowed"]) == ("not_required", True)
    await office.days_on((GO_LIVE_ON - office.now.date()).days)
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == (str(GO_LIVE_ON), "never_tested")
