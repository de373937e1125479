"""Fingerprints are deleted once no row can be known by them."""

from datetime import timedelta

import pytest

from results_ingest.batches import forgetting
from tests.results_ingest.batches.support import NOW, Desk, Lab, row


async def left(desk: Desk) -> int:
    """Run the schedule until it is done; return how many fingerprints are left."""
    more = True
    while more:
        async with desk.context.db.transaction() as session:
            more = await forgetting.forget(session, desk.context)
    return len(await desk.run("SELECT key FROM ingest.fingerprint"))


async def test_fingerprints_go_90_days_and_a_margin_after_their_receipt(
    desk: Desk, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    await lab.accepted([row(f"T{n}") for n in range(5)])
    await desk.set_clock(NOW + timedelta(days=96))
    assert await left(desk) == 5
    await desk.set_clock(NOW + timedelta(days=98))
    assert await left(desk) == 0


async def test_what_was_sent_late_is_remembered_from_its_receipt(desk: Desk, lab: Lab) -> None:
    await lab.accepted([row("T1", outcome="negative")])
    await desk.set_clock(NOW + timedelta(days=60))
    await lab.accepted([row("T1", outcome="positive"), row("T2")])
    await desk.set_clock(NOW + timedelta(days=98))
    assert await left(desk) == 2
    receipt = await lab.accepted([row("T1", outcome="positive"), row("T2")])
    assert receipt["duplicates"] == 2
