"""Whatever is delivered twice or in another order, the same notices stand at the end."""

import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.messages import Message, RecheckOrdered, ResampleOrdered
from tests.notifier.desk import MORNING, Desk, alarm, due, evaluated, open_desk, pool, reviewed
from tests.support.servers import Address, Clones

PEOPLE = [UUID(int=number) for number in range(1, 5)]
RESULTS = [UUID(int=number) for number in range(101, 106)]
TODAY = "2037-11-23"


def story(desk: Desk) -> list[Message]:
    """Return a day's messages: of two units, four people, three alerts, two tasks, two evaluations."""
    first, second, third, fourth = PEOPLE
    at = MORNING.isoformat()
    return [
        desk.department("CDC-01", "department", "cdc"),
        desk.department("HQ-01", "district", "headquarters"),
        desk.unit("UNIT-01"),
        desk.unit("UNIT-01", revision=2),
        desk.unit("UNIT-02", None),
        desk.contact(first, "UNIT-01", code="HC-1", phone="13800138000"),
        desk.contact(second, "UNIT-01", code="HC-2", version=2),
        desk.contact(second, code="HC-2", version=1),
        desk.contact(third, "UNIT-02", code="HC-3"),
        desk.contact(fourth, code="HC-4", phone="13800138001"),
        alarm(first, subject="HC-1", result_id=RESULTS[0], alarm_id=RESULTS[0]),
        reviewed(RESULTS[0], "confirmed"),
        alarm(third, subject="HC-3", result_id=RESULTS[1], alarm_id=RESULTS[1]),
        reviewed(RESULTS[1], "confirmed"),
        reviewed(RESULTS[1], "refuted", revision=2),
        pool(*PEOPLE, result_id=RESULTS[2]),
        RecheckOrdered(RESULTS[2], "T-10", "SITE-01", "LAB01", tuple(PEOPLE), (), at),
        ResampleOrdered(RESULTS[3], None, None, None, "LAB01", (second,), at),
        evaluated(
            "UNIT-01",
            TODAY,
            [due(first, "due", TODAY, code="HC-1"), due(second, "overdue", "2037-11-20", code="HC-2")],
        ),
        evaluated(None, TODAY, [due(fourth, "due", TODAY, code="HC-4")]),
    ]


async def confirmed(desk: Desk) -> None:
    """Wait until everything has been addressed a second time."""
    waiting = """
        SELECT FROM notifier.alert WHERE confirm_at IS NOT NULL
        UNION ALL SELECT FROM notifier.task WHERE confirm_at IS NOT NULL
        UNION ALL SELECT FROM notifier.reminder_confirmation
    """
    await desk.until_none(waiting)


async def outcome(desk: Desk) -> list[dict[str, Any]]:
    """Return the notices without what is bound to differ: ids and times of issue."""
    left_out = {"notice_id", "issued_at", "as_of", "ack_due_at"}
    shown = [
        {key: value for key, value in one.items() if key not in left_out} for one in await desk.notices()
    ]
    for one in shown:
        one["status"] = "revoked" if one["status"] == "revoked" else "open"
    return sorted(shown, key=str)


@pytest.mark.slow
async def test_order_and_repetition_of_messages_do_not_matter(
    servers: Address, clones: Clones, tmp_path: Path
) -> None:
    ended = []
    for seed in range(4):
        database = await clones.make()
        async with open_desk(servers, database, data_dir=tmp_path / str(seed), confirm_seconds=1) as desk:
            told = story(desk)
            chance = random.Random(seed)
            if seed:
                told += chance.sample(told, 6)
                chance.shuffle(told)
            await desk.tell(*told, settle=False)
            await desk.system.settle()
            await confirmed(desk)
            ended.append(await outcome(desk))
        await clones.drop(database)
    assert len(ended[0]) > 10
    for other in ended[1:]:
        assert [one for one in other if one not in ended[0]] == []
        assert [one for one in ended[0] if one not in other] == []
