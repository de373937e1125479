"""Delivery receipts: signed, once, in any order, of this provider's messages alone."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.clock import SHANGHAI
from tests.notifier.desk import Desk, alarm
from tests.notifier.outward import Opens, deliveries, states
from tests.support.providers import provider, signed
from tests.support.waiting import until

SECRET = b"a provider's secret of its own"
OTHER = b"another provider's secret of its own"
ROUTES = {"2020-01-01": [{"channels": ["gateway", "file"]}]}


def now() -> datetime:
    return datetime.now(SHANGHAI)


async def post(
    desk: Desk, body: dict[str, Any], *, event_id: str, channel: str = "gateway", **more: Any
) -> httpx.Response:
    """Post a receipt as a provider does, without a token."""
    raw, headers = signed(body, event_id=event_id, **{"secret": SECRET, **more})
    transport = httpx.ASGITransport(app=desk.system.apps["notifier"], raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier.test") as anybody:
        return await anybody.post(f"/v1/delivery-receipts/{channel}", content=raw, headers=headers)


async def test_receipts_are_believed_only_of_their_provider_once_and_in_any_order(
    open_outward: Opens,
) -> None:
    async with provider() as far:
        settings = {"channels": ("gateway", "file"), "gateway_url": far.url, "channel_routes": ROUTES,
                    "receipt_secrets": {"gateway": SECRET.decode(), "smtp": OTHER.decode()}}  # fmt: skip
        async with open_outward(**settings) as desk:
            await desk.founded()
            await desk.tell(alarm(uuid4()), urgent=True)
            await desk.until_status("sent")
            [row] = await deliveries(desk)
            told = {"delivery_id": str(row["delivery_id"]), "status": "read", "at": now().isoformat()}

            forged = [
                await post(desk, told, event_id="e-1", secret=OTHER),
                await post(desk, told, event_id="e-1", at=now() - timedelta(minutes=6)),
                await post(desk, told, event_id="e-1", channel="webhook"),
            ]
            assert [answer.status_code for answer in forged] == [401] * 3
            assert (await states(desk)) == ["sent"]

            first = await post(desk, told, event_id="e-1")
            again = await post(desk, told, event_id="e-1")
            assert (first.status_code, again.json()) == (200, first.json()), first.text
            assert [one["status"] for one in await desk.notices()] == ["delivered"]
            changed = await post(desk, {**told, "status": "failed"}, event_id="e-1")
            assert (changed.status_code, changed.json()["code"]) == (409, "receipt_changed")

            elsewhere = await post(desk, told, event_id="e-2", channel="smtp", secret=OTHER)
            unknown = await post(desk, {**told, "delivery_id": str(uuid4())}, event_id="e-2")
            assert (elsewhere.status_code, unknown.status_code) == (404, 404)
            by_own_name = {"message_id": "m-1", "status": "delivered", "at": told["at"]}
            late = [
                await post(desk, by_own_name, event_id="e-3"),
                await post(desk, {**told, "status": "failed"}, event_id="e-4"),
            ]
            assert [answer.status_code for answer in late] == [200, 200]
            [row] = await deliveries(desk)
            assert (row["state"], row["read_at"] is not None) == ("delivered", True)

            for wrong in ({"status": "read", "at": told["at"]}, {**told, "message_id": "m-1"},
                          {**told, "status": "lost"}, {**told, "at": "2999-01-01T00:00:00+08:00"}):  # fmt: skip
                assert (await post(desk, wrong, event_id=f"e-{uuid4()}")).status_code == 422


@pytest.mark.requirement(126)
async def test_what_a_provider_could_not_deliver_goes_on_to_the_next_channel(open_outward: Opens) -> None:
    async with provider() as far:
        settings = {"channels": ("gateway", "file"), "gateway_url": far.url, "channel_routes": ROUTES,
                    "receipt_secrets": {"gateway": SECRET.decode()}}  # fmt: skip
        async with open_outward(**settings) as desk:
            await desk.founded()
            await desk.tell(alarm(uuid4()), urgent=True)
            await desk.until_status("sent")
            assert desk.lines() == []
            failed = {"message_id": "m-1", "status": "failed", "at": now().isoformat()}
            assert (await post(desk, failed, event_id="e-1")).status_code == 200
            await desk.until_handed(1)

            async def both() -> bool:
                return await states(desk) == ["failed", "sent"]

            await until(both)
            assert [one["status"] for one in await desk.notices()] == ["sent"]
