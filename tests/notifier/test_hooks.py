"""A body's own address: named by itself, allowed, signed, and called about what is its own."""

import base64
from uuid import uuid4

from shared.webhooks.rules import signed_id
from tests.notifier.desk import alarm
from tests.notifier.outward import Opens, states
from tests.support.providers import provider
from tests.support.waiting import until

DEPARTMENT = ("department", "DEPT-01")


async def test_a_body_is_called_at_the_address_that_it_named_itself(open_outward: Opens) -> None:
    async with (
        provider() as far,
        open_outward(channels=("webhook",)) as desk,
        desk.client("cases:respond", area=DEPARTMENT) as department,
        desk.client("cases:respond", area=("township", "TOWN-01")) as town,
    ):
        await desk.founded()
        elsewhere = await department.put("/v1/webhooks/DEPT-01", json={"url": "https://10.0.0.1/in"})
        assert [each["code"] for each in elsewhere.json()["errors"]] == ["webhook_target_refused"]
        assert (await town.put("/v1/webhooks/DEPT-01", json={"url": far.url})).status_code == 404
        assert (await department.put("/v1/webhooks/NOBODY", json={"url": far.url})).status_code == 404

        made = await department.put("/v1/webhooks/DEPT-01", json={"url": far.url})
        assert made.status_code == 200, made.text
        secret = base64.b64decode(made.json()["secret"].removeprefix("whsec_"))
        assert "secret" not in (await department.put("/v1/webhooks/DEPT-01", json={"url": far.url})).json()
        [listed] = (await department.get("/v1/webhooks")).json()["webhooks"]
        assert (listed["code"], "secret" in listed) == ("DEPT-01", False)
        assert (await town.get("/v1/webhooks")).json()["webhooks"] == []

        person = uuid4()
        await desk.tell(desk.contact(person, "UNIT-01", name="金丝雀"), alarm(person), urgent=True)

        async def settled() -> bool:
            return sorted(await states(desk)) == ["failed", "failed", "sent"]

        await until(settled)
        [(headers, body)] = far.seen
        [raw] = far.raw
        stamp = float(headers["webhook-timestamp"])
        assert signed_id(headers, raw, secret=secret, now=stamp, window=1) == body["event_id"]
        assert signed_id(headers, raw + b" ", secret=secret, now=stamp, window=1) is None
        assert (body["type"], body["kind"], body["recipient"]["code"]) == ("notice.issue", "alert", "DEPT-01")
        assert not any(word in raw.decode() for word in ("阳", "positive", "HC-0001", "金"))

        turned = await department.post("/v1/webhooks/DEPT-01/secret", json={"overlap_seconds": 0})
        assert turned.json()["secret"] != made.json()["secret"]
        assert (await town.delete("/v1/webhooks/DEPT-01")).status_code == 404
        assert (await department.delete("/v1/webhooks/DEPT-01")).status_code == 204
        assert (await department.post("/v1/webhooks/DEPT-01/secret", json={})).status_code == 404
