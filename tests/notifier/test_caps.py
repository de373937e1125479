"""How many messages a recipient gets on a day; the rest in one; urgent ones always. And what none of them says."""

from datetime import timedelta
from typing import get_args
from uuid import uuid4

import pytest

from notifier.notices.rules import Kind
from notifier.texts.catalogue import MESSAGES
from notifier.texts.render import message
from tests.notifier.desk import MORNING, Desk, due, evaluated
from tests.notifier.outward import deliveries
from tests.support.waiting import until

DAYS = ("2037-11-23", "2037-11-24")


async def remind(desk: Desk, day: str) -> None:
    """Tell a unit of a day that concerns three of its people at three stages: three notices."""
    people = [due(uuid4(), stage, day, code=f"HC-{uuid4()}") for stage in ("due_soon", "due", "overdue")]
    await desk.tell(evaluated("UNIT-01", day, people))


@pytest.mark.settings(daily_caps={"unit": 1})
async def test_beyond_the_cap_of_a_day_one_message_tells_of_the_rest_and_the_next_day_begins_anew(
    desk: Desk,
) -> None:
    await desk.founded()
    await remind(desk, DAYS[0])

    async def held() -> bool:
        return sorted(row["state"] for row in await deliveries(desk)) == ["held", "held", "sent"]

    await until(held)
    assert sorted(one["status"] for one in await desk.notices()) == ["queued", "queued", "sent"]
    async with desk.client("admin") as admin:
        [channel] = (await admin.get("/v1/channels")).json()["channels"]
    assert channel["queue"] == {"urgent": 0, "ordinary": 0, "held": 2}

    await desk.system.set_clock(MORNING.replace(hour=17, minute=1))
    await until(lambda: len(desk.lines()) == 2)
    assert desk.lines()[1]["reason"] == "digest"
    await desk.until_status("sent")

    await desk.system.set_clock(MORNING + timedelta(days=1))
    await remind(desk, DAYS[1])
    await until(lambda: len(desk.lines()) == 3)


# A number of an identity, a phone, a tube or a health code; and every outcome, in both languages.
OUTCOMES = ("阳", "阴", "可疑", "灰区", "无效", "positive", "negative", "indeterminate", "invalid")


def test_no_message_that_leaves_the_house_holds_a_result_or_a_number() -> None:
    reasons = ("issue", "repeat", "update", "revocation", "digest")
    texts = {message(kind, reason, language) for kind in get_args(Kind) for reason in reasons
             for language in ("zh", "en")}  # fmt: skip
    texts |= {text for one in MESSAGES.values() for text in (one.zh, one.en)}
    assert len(texts) > len(MESSAGES)
    for text in texts:
        assert not any(character.isdigit() for character in text), text
        assert not any(word in text.lower() for word in OUTCOMES), text
        assert "{" not in text, text
