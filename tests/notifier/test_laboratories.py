"""A silent laboratory: one alert to the CDC and to itself, and its end on the same notice."""

from datetime import timedelta
from uuid import uuid4

from msgspec import structs

from shared.messages import LabSilence
from tests.notifier.desk import MORNING, Desk


async def test_a_silence_is_one_alert_each_and_its_end_is_told_on_it_in_any_order(desk: Desk) -> None:
    await desk.founded()
    since = (MORNING - timedelta(hours=2)).isoformat()
    silent = LabSilence(uuid4(), 1, "LAB01", since, 120, 7, None)
    await desk.tell(silent, urgent=True)
    await desk.tell(silent, urgent=True)
    assert await desk.recipients(kind="alert.lab_silent") == [("cdc", "CDC-01"), ("lab", "LAB01")]
    [notice, _] = await desk.notices(subject_code="LAB01")
    assert (notice["evidence"]["state"], notice["evidence"]["waiting"]) == ("open", 7)
    assert "LAB01" in notice["text"]
    await desk.until_handed(2)
    await desk.tell(structs.replace(silent, revision=2, ended_at=MORNING.isoformat()), urgent=True)
    await desk.tell(silent, urgent=True)
    told = await desk.notices(kind="alert.lab_silent")
    assert [one["evidence"]["state"] for one in told] == ["ended", "ended"]
    assert {line["reason"] for line in (await desk.until_handed(4))[2:]} == {"update"}
    repeats = await desk.rows("SELECT repeat_at FROM notifier.notice WHERE kind = 'alert.lab_silent'")
    assert [one["repeat_at"] for one in repeats] == [None, None]
