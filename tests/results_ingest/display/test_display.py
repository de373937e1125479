"""What is sent, what the platform has acknowledged, and what it lists itself."""

from datetime import timedelta
from typing import Any

import pytest

from shared.messages import DisplayFailed, StatusesNumbered, StatusesShown
from tests.results_ingest.intake.test_intake import hear
from tests.results_ingest.reconciliation.test_reconciliation import DAY, causes
from tests.results_ingest.support import Ingest


async def jump(ingest: Ingest, **delta: float) -> None:
    ingest.now += timedelta(**delta)
    await ingest.run(
        "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
        moment=ingest.now,
    )


async def cause_of(ingest: Ingest) -> dict[str, str]:
    return {tube: cause for tube, (cause, _) in (await causes(ingest)).items()}


@pytest.mark.requirement(80)
async def test_a_result_is_delayed_then_not_shown_until_the_platform_has_acknowledged_it(
    ingest: Ingest,
) -> None:
    people = [await ingest.person(f"hc-000{number}") for number in range(3)]
    for number in range(3):
        await ingest.bind(f"T-{number}", {"health_code_id": f"hc-000{number}"})
    await ingest.post(*(ingest.row(tube_code=f"T-{number}") for number in range(2)))
    assert set((await cause_of(ingest)).values()) == {"display_delay", "not_received"}
    await jump(ingest, hours=3.9)
    assert (await cause_of(ingest))["T-0"] == "display_delay"
    await jump(ingest, hours=0.3)
    assert (await causes(ingest))["T-0"] == ("not_shown", "platform")
    # Everything that was sent up to now stands in the feed; the platform has come to 10, T-1's person is at 20.
    await hear(ingest, StatusesNumbered(20, None, (people[1].person_id,)))
    await hear(ingest, StatusesShown(10, ingest.at()))
    assert await cause_of(ingest) == {"T-0": "shown", "T-1": "not_shown", "T-2": "not_received"}
    # A later result of a person is delayed by itself; what was shown before stays shown.
    await jump(ingest, minutes=1)
    await ingest.post(ingest.row(tube_code="T-2", tested_at=ingest.at(minutes=-1)))
    await hear(
        ingest, StatusesNumbered(21, ingest.at(minutes=-1), (people[2].person_id, people[0].person_id))
    )
    await hear(ingest, StatusesShown(20, ingest.at(minutes=1)))
    assert await cause_of(ingest) == {"T-0": "shown", "T-1": "shown", "T-2": "display_delay"}
    await hear(
        ingest,
        StatusesShown(21, ingest.at(minutes=2), None, (DisplayFailed(people[2].person_id, "no_account"),)),
    )
    assert (await cause_of(ingest))["T-2"] == "display_delay"
    await hear(
        ingest, StatusesNumbered(22, None, (people[2].person_id,)), StatusesShown(22, ingest.at(minutes=2))
    )
    assert (await cause_of(ingest))["T-2"] == "shown"


@pytest.mark.requirement(80)
async def test_what_the_platform_lists_overrules_what_it_has_acknowledged(ingest: Ingest) -> None:
    for number in range(2):
        await ingest.person(f"hc-000{number}")
        await ingest.bind(f"T-{number}", {"health_code_id": f"hc-000{number}"})
    await ingest.post(ingest.row(tube_code="T-0"), ingest.row(tube_code="T-1"))
    await jump(ingest, hours=5)
    await hear(ingest, StatusesShown(1, ingest.at()))
    platform = ingest.client("platform", "status:read")

    async def post(*rows: dict[str, Any], **more: Any) -> Any:
        return (
            await platform.post("/v1/shown-lists", json={"as_of": ingest.at(), "people": list(rows), **more})
        ).json()

    collected = ingest.at(hours=-10)
    answer = await post(
        {"health_code_id": "hc-0000", "display": "negative", "collected_at": collected},
        {"health_code_id": "hc-0001", "display": "none"},
        {"health_code_id": "hc-nobody", "display": "none"},
        {"health_code_id": "hc-0001", "display": "green"},
    )
    assert (answer["accepted"], answer["rejected"]) == (2, 2)
    assert {(each["row"], each["code"]) for each in answer["errors"]} >= {(3, "health_code_not_known")}
    assert await causes(ingest) == {"T-0": ("shown", None), "T-1": ("not_shown", "platform")}
    await jump(ingest, minutes=5)
    await post({"health_code_id": "hc-0001", "display": "negative", "collected_at": collected})
    assert (await cause_of(ingest))["T-1"] == "shown"
    assert (await post({"health_code_id": "hc-0001", "display": "none"}, as_of=ingest.at(hours=1)))[
        "status"
    ] == 422
    town = ingest.client("t1", "status:read", area_level="township", area_code="TOWN-01")
    body = {"as_of": ingest.at(), "people": [{"health_code_id": "hc-0000", "display": "none"}]}
    assert (await town.post("/v1/shown-lists", json=body)).status_code == 403
    assert DAY in ingest.at()
