"""A district that is given work lists: the bodies that the issued sample names, and waits for its schedules."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from shared.clock import SHANGHAI
from shared.messages import DepartmentChanged
from tests.notifier.desk import MORNING, Desk

TODAY: Final = MORNING.date()
# The public list of 31 December 2020, as it was printed: its sections, items, bodies and deadlines.
SAMPLE: Final = json.loads((Path(__file__).parent / "samples" / "work_list.json").read_text())
BODIES: Final = (
    ("HQ-01", "区应急指挥部办公室", "district", "headquarters"),
    ("HEALTH", "区卫健局", "department", "health_bureau"),
    ("CULTURE", "区文广旅局", "department", None),
    ("TRADE", "区商务博览局", "department", None),
    ("ECOLOGY", "东坡生态环境局", "department", None),
    ("MARKET", "区市场监管局", "department", None),
    ("TRAFFIC", "区交通运输局", "department", None),
    ("FARMING", "区农业农村局", "department", None),
    ("POLICE", "区公安分局", "department", None),
    ("ABROAD", "区委外办", "department", None),
    ("ECONOMY", "区经信局", "department", None),
    ("MEDICAL", "区医保局", "department", None),
    ("FINANCE", "区财政局", "department", None),
    ("DISCIPLINE", "区纪委", "department", None),
    ("OVERSIGHT-1", "区委督查室", "department", None),
    ("OVERSIGHT-2", "区政府督查室", "department", None),
    ("PRESS", "区委宣传部", "department", None),
    ("PARK-1", "岷东园区管委会", "department", None),
    ("TOWN-01", "大石桥街道", "township", None),
    ("TOWN-02", "尚义镇", "township", None),
)
NAMES: Final = (
    {"name": "区指挥部办公室", "codes": ["HQ-01"]},
    {"name": "各园区管委会", "codes": ["PARK-1"]},
    {"name": "各镇人民政府(街道办事处)", "everyone": "townships"},
    {"name": "区级各部门", "everyone": "departments"},
    {"name": "区级相关部门", "everyone": "departments"},
    {"name": "各行业主管部门", "everyone": "departments"},
)


async def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Return a good answer's body."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def district(desk: Desk) -> None:
    """Tell of every body, and say what the printed names mean."""
    contact = desk.seal({"name": "值班", "phone": "13900000000"}, "department")
    await desk.tell(
        *(DepartmentChanged(code, name, level, role, None, contact, 1) for code, name, level, role in BODIES)
    )
    async with desk.client("admin") as admin:
        verdict = await ok(await admin.post("/v1/body-names", json={"names": list(NAMES)}))
    assert (verdict["accepted"], verdict["rejected"]) == (len(NAMES), 0), verdict


def small(*items: dict[str, Any], title: str = "近期清单", **more: Any) -> dict[str, Any]:
    """Return a list of one section."""
    return {
        "title": title,
        "issued_on": TODAY.isoformat(),
        "sections": [{"title": "常态", "items": items}],
        **more,
    }


async def import_list(desk: Desk, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Import a list and return its items in their order."""
    async with desk.client("admin") as admin:
        receipt = await ok(await admin.post("/v1/work-lists", json=body), 201)
        page = await ok(
            await admin.get("/v1/work-items", params={"list_id": receipt["list_id"], "limit": 1000})
        )
    items: list[dict[str, Any]] = page["items"]
    return items


async def on_day(desk: Desk, day: date, *, hour: int = 9) -> None:
    """Move the business clock to a day and wait until every item has been looked at."""
    await desk.system.set_clock(datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI))
    waiting = """SELECT 1 FROM notifier.work_item
        WHERE state = 'open' AND lead_code IS NOT NULL AND look_on <= $1"""
    await desk.until_none(waiting, day)


async def until_bulletins(desk: Desk, end: date) -> None:
    """Wait until the bulletins of the period before a day have been issued."""
    missing = "SELECT 1 WHERE NOT EXISTS (SELECT FROM notifier.bulletin_period WHERE until = $1)"
    await desk.until_none(missing, end)


async def chased(desk: Desk) -> list[tuple[str, str, int]]:
    """Return to whom each notice about an item went, at which stage, and about which item; oldest first."""
    found = await desk.notices(kind="task.answer")
    return [
        (one["recipient"]["code"], one["evidence"]["stage"], one["evidence"]["number"])
        for one in found
        if one["subject"]["type"] == "work_item"
    ]


def days(count: int) -> date:
    """Return a day so many days after the issue."""
    return TODAY + timedelta(days=count)
