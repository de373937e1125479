"""Work lists: taken in whole and in their order; the lead of an item is chased until somebody accepts it."""

import io
from collections import Counter
from datetime import date
from typing import Any

import httpx
import pytest

from shared.sheets.rows import Format
from shared.sheets.writing import MEDIA_TYPES, table
from tests.notifier.desk import Desk
from tests.notifier.working import (
    SAMPLE,
    chased,
    days,
    district,
    import_list,
    ok,
    on_day,
    small,
)

PLAN = {"text": "修订应急预案", "bodies": ["区卫健局", "区公安分局"], "deadline": "2037年12月3日"}
PAPER = {"by": "科长", "text": "进展正常"}


async def post_sheet(client: httpx.AsyncClient, body: dict[str, Any], form: Format) -> httpx.Response:
    """Send a list as a sheet, in its order."""
    file = io.BytesIO()
    with table(file, form, ["类别", "工作内容", "责任单位", "完成时限"], title="清单") as sheet:
        for section in body["sections"]:
            for item in section["items"]:
                sheet.add([section["title"], item["text"], "、".join(item["bodies"]), item["deadline"]])
    head = {"title": body["title"], "issued_on": body["issued_on"]}
    headers = {"Content-Type": MEDIA_TYPES[form]}
    return await client.post("/v1/work-lists", params=head, content=file.getvalue(), headers=headers)


@pytest.mark.requirement(117)
@pytest.mark.requirement(118)
@pytest.mark.requirement(119)
async def test_the_issued_list_is_taken_in_whole_with_its_order_leads_and_deadlines(desk: Desk) -> None:
    await district(desk)
    async with desk.client("admin") as admin:
        trial = await ok(await admin.post("/v1/work-lists?dry_run=true", json=SAMPLE))
        assert (trial["list_id"], trial["items"], trial["rejected"]) == (None, 24, 0)
        assert (await ok(await admin.get("/v1/work-lists")))["lists"] == []
        made = await ok(await admin.post("/v1/work-lists", json=SAMPLE), 201)
        again = await ok(await post_sheet(admin, SAMPLE, "xlsx"))
        assert again["list_id"] == made["list_id"]
        other = await admin.post("/v1/work-lists", json={**SAMPLE, "drill": True})
        assert (other.status_code, other.json()["code"]) == (409, "work_list_exists")
        [listed] = (await ok(await admin.get("/v1/work-lists")))["lists"]
        items = (await ok(await admin.get("/v1/work-items", params={"limit": 1000})))["items"]
    assert [section["items"] for section in listed["sections"]] == [16, 3, 5]
    assert (listed["items"], listed["done"], listed["overdue"]) == (24, 0, 23)
    whole = [item for item in items if item["part_of"] is None]
    assert [item["number"] for item in whole] == list(range(1, 25))
    assert Counter(item["due_on"] for item in whole) == {"2020-12-31": 11, "2021-01-10": 12, None: 1}
    [ongoing] = [item for item in whole if item["due_on"] is None]
    assert (ongoing["deadline"], ongoing["review_on"]) == ("持续推进", "2037-12-23")
    printed = [item for section in SAMPLE["sections"] for item in section["items"]]
    for item, sent in zip(whole, printed, strict=True):
        assert item["text"] == sent["text"]
        assert {body["name"] for body in item["bodies"] if body["role"] == "lead"} == {sent["bodies"][0]}
    assert [body["code"] for body in whole[5]["bodies"]] == ["MARKET", "TRAFFIC", "FARMING", "HEALTH"]
    # One notice a body: what it leads and where it assists, however many items that are.
    told = await desk.notices(kind="task.answer", recipient_code="HEALTH")
    assert [one["subject"]["type"] for one in told] == ["work_list"]
    roles = Counter(item["role"] for item in told[0]["evidence"]["items"])
    assert roles == {"lead": 16, "assist": 5}
    assert "牵头 16 项" in told[0]["text"]


@pytest.mark.requirement(117)
@pytest.mark.requirement(118)
async def test_the_lead_alone_is_chased_until_it_reports_and_somebody_else_accepts(desk: Desk) -> None:
    await district(desk)
    due_now = {
        "text": "开展演练",
        "bodies": ["区公安分局", "区卫健局"],
        "deadline": "2037年11月23日",
        "drill": True,
    }
    items = await import_list(desk, small(due_now, PLAN))
    assert await chased(desk) == []  # the notice of the list has said that it is due today
    await on_day(desk, days(1))
    assert await chased(desk) == [("POLICE", "overdue", 1)]
    await on_day(desk, days(7))
    assert await chased(desk) == [("POLICE", "overdue", 1), ("HEALTH", "soon", 2)]
    [soon] = [
        one for one in await desk.notices(recipient_code="HEALTH") if one["subject"]["type"] == "work_item"
    ]
    assert [body["code"] for body in soon["evidence"]["bodies"] if body["role"] == "assist"] == ["POLICE"]
    path = f"/v1/work-items/{items[0]['item_id']}"
    async with desk.client("cases:respond", area=("department", "POLICE")) as police:
        shown = await ok(await police.post(f"{path}/progress", json=PAPER))
        assert (shown["state"], shown["progress_on"], shown["drill"]) == ("overdue", "2037-11-30", True)
    async with desk.client("cases:respond", area=("department", "HEALTH")) as health:
        assist = await health.post(f"{path}/progress", json={**PAPER, "done": True})
        assert (assist.status_code, assist.json()["code"]) == (409, "item_lead_only")
        await ok(await health.post(f"{path}/progress", json=PAPER))
    await on_day(desk, days(12))
    # The one that reported is left alone; the other missed its day meanwhile: only the newest stage is told.
    assert await chased(desk) == [("POLICE", "overdue", 1), ("HEALTH", "soon", 2), ("HEALTH", "overdue", 2)]
    async with desk.client("admin") as lead, desk.client("admin") as second:
        early = await second.post(f"{path}/acceptance", json={"by": "督查员"})
        assert (early.status_code, early.json()["code"]) == (409, "item_not_reported")
        await ok(await lead.post(f"{path}/progress", json={**PAPER, "done": True}))
        own = await lead.post(f"{path}/acceptance", json={"by": "督查员"})
        assert (own.status_code, own.json()["code"]) == (409, "item_second_person")
        back = await ok(await second.post(f"{path}/reopening", json={"by": "督查员", "reason": "无照片"}))
        assert back["state"] == "overdue"
        assert (await chased(desk))[-1] == ("POLICE", "reopened", 1)
        await on_day(desk, days(15))
        assert (await chased(desk))[-1] == ("POLICE", "overdue", 1)
        await ok(await lead.post(f"{path}/progress", json={**PAPER, "done": True}))
        done = await ok(await second.post(f"{path}/acceptance", json={"by": "督查员"}))
        assert await ok(await second.post(f"{path}/acceptance", json={"by": "督查员"})) == done
    assert done["state"] == "done"
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    steps = {
        "work-item.progress",
        "work-item.accept",
        "work-item.reopen",
        "work-list.import",
        "body-names.set",
    }
    assert steps <= audited
    kinds = [step["kind"] for step in done["steps"]]
    assert kinds == ["progress", "progress", "done", "reopened", "done", "accepted"]
    assert [step["body_code"] for step in done["steps"]][:3] == ["POLICE", "HEALTH", None]
    count = len(await chased(desk))
    await on_day(desk, days(16))
    assert len(await chased(desk)) == count


async def test_more_time_is_given_by_a_second_person_and_an_ongoing_item_comes_round(desk: Desk) -> None:
    await district(desk)
    ongoing = {"text": "加强社区防控", "bodies": ["区卫健局"], "deadline": "长期坚持"}
    plan, ever = await import_list(desk, small(PLAN, ongoing))
    path = f"/v1/work-items/{plan['item_id']}"
    wanted = {"by": "科长", "due_on": "2037-12-13", "reason": "设备未到货"}
    async with desk.client("admin", area=("department", "HEALTH")) as health:
        early = await health.post(f"{path}/extension", json={**wanted, "due_on": "2037-12-03"})
        assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "due_on")
        never = await health.post(f"/v1/work-items/{ever['item_id']}/extension", json=wanted)
        assert (never.status_code, never.json()["code"]) == (409, "item_without_deadline")
        asked = await ok(await health.post(f"{path}/extension", json=wanted))
        assert await ok(await health.post(f"{path}/extension", json=wanted)) == asked
        assert (
            await health.post(f"{path}/extension-decision", json={"by": "甲", "decision": "grant"})
        ).status_code == 403
    async with desk.client("admin") as admin:
        given = await ok(
            await admin.post(f"{path}/extension-decision", json={"by": "甲", "decision": "grant"})
        )
        gone = await admin.post(f"{path}/extension-decision", json={"by": "甲", "decision": "refuse"})
        assert (gone.status_code, gone.json()["code"]) == (409, "item_extension_not_asked")
        await ok(await admin.post(f"{path}/extension", json={**wanted, "due_on": "2037-12-23"}))
        own = await admin.post(f"{path}/extension-decision", json={"by": "甲", "decision": "grant"})
        assert (own.status_code, own.json()["code"]) == (409, "item_second_person")
    assert (given["due_on"], given["deadline"]) == ("2037-12-13", "2037年12月3日")
    assert (given["steps"][-1]["due_before"], given["steps"][-1]["due_after"]) == ("2037-12-03", "2037-12-13")
    await on_day(desk, days(11))
    assert [stage for _, stage, _ in await chased(desk)] == ["extended"]
    await on_day(desk, days(18))
    await on_day(desk, days(30))
    told = Counter(stage for _, stage, _ in await chased(desk))
    assert told == {"extended": 1, "soon": 1, "review": 1, "overdue": 1}
    await on_day(desk, days(95))  # two rounds were missed: one is told
    stages = Counter(stage for _, stage, _ in await chased(desk))
    assert stages["review"] == 2
    [row] = await desk.rows("SELECT review_on FROM notifier.work_item WHERE due_on IS NULL")
    assert row["review_on"] == date(2038, 3, 23)


async def test_a_list_with_a_body_that_does_not_exist_names_row_and_field_and_keeps_nothing(
    desk: Desk,
) -> None:
    await district(desk)
    bad = small(
        PLAN,
        {**PLAN, "bodies": ["区卫健局", "区气象局"]},
        {**PLAN, "bodies": ["区卫健局", "区卫健局"], "deadline": "尽快"},
        {**PLAN, "deadline": "2037年10月底"},
    )
    expected = [
        (2, "bodies.1", "body_unknown"),
        (3, "bodies.1", "body_repeated"),
        (3, "deadline", "deadline_unreadable"),
        (4, "deadline", "deadline_before_issue"),
    ]
    async with desk.client("admin") as admin:
        refused = await admin.post("/v1/work-lists", json=bad)
        trial = await ok(await admin.post("/v1/work-lists?dry_run=true", json=bad))
        in_sheet = await post_sheet(admin, bad, "csv")
        lists = (await ok(await admin.get("/v1/work-lists")))["lists"]
    assert refused.status_code == in_sheet.status_code == 422
    for number, found in ((0, refused.json()), (0, trial), (1, in_sheet.json())):  # a sheet has a header
        told = [(error["row"] - number, error["field"], error["code"]) for error in found["errors"]]
        assert told == expected
        assert all("气象" not in error["message"] for error in found["errors"])
    assert (trial["items"], trial["rejected"], lists) == (1, 3, [])
    assert await desk.notices(kind="task.answer") == []


@pytest.mark.requirement(120)
@pytest.mark.requirement(137)
async def test_an_item_for_towns_becomes_one_part_a_town_and_adds_them_up(desk: Desk) -> None:
    await district(desk)
    drill = {
        "text": "分级开展应急演练",
        "bodies": ["区卫健局"],
        "deadline": "2037年12月3日",
        "per_town": True,
    }
    together = {"text": "社区防控", "bodies": ["各镇人民政府(街道办事处)"], "deadline": "2037年12月3日"}
    items = await import_list(desk, small(drill, together, title="演练清单", drill=True))
    whole, first, second, joint, *parts = items
    assert {item["drill"] for item in items} == {True}
    assert [item["part_of"] for item in items] == [
        None,
        *[whole["item_id"]] * 2,
        None,
        *[joint["item_id"]] * 2,
    ]
    assert [item["bodies"][0]["code"] for item in (first, second)] == ["TOWN-01", "TOWN-02"]
    assert whole["parts"] == {"total": 2, "done": 0, "overdue": 0, "worst": "open"}
    one, two = parts
    async with (
        desk.client("admin") as admin,
        desk.client("cases:respond", area=("township", "TOWN-01")) as town,
        desk.client("cases:respond", area=("department", "HEALTH")) as health,
        desk.client("cases:respond", area=("department", "MARKET")) as market,
    ):
        seen = [item["item_id"] for item in (await ok(await town.get("/v1/work-items")))["items"]]
        assert seen == [item["item_id"] for item in (first, joint, one)]
        assert (await town.get(f"/v1/work-items/{second['item_id']}")).status_code == 404
        assert (await market.get(f"/v1/work-items/{whole['item_id']}")).status_code == 404
        assert (await ok(await market.get("/v1/work-lists")))["lists"] == []
        assert (
            await health.post(f"/v1/work-items/{first['item_id']}/progress", json=PAPER)
        ).status_code == 403
        wrong = await town.post(f"/v1/work-items/{joint['item_id']}/progress", json=PAPER)
        assert (wrong.status_code, wrong.json()["code"]) == (409, "item_in_parts")
        await ok(await town.post(f"/v1/work-items/{one['item_id']}/progress", json={**PAPER, "done": True}))
        await ok(await town.post(f"/v1/work-items/{first['item_id']}/progress", json={**PAPER, "done": True}))
        await ok(
            await health.post(f"/v1/work-items/{whole['item_id']}/progress", json={**PAPER, "done": True})
        )
        for item in (one, first):
            await ok(await admin.post(f"/v1/work-items/{item['item_id']}/acceptance", json={"by": "督查员"}))
        early = await admin.post(f"/v1/work-items/{whole['item_id']}/acceptance", json={"by": "督查员"})
        assert (early.status_code, early.json()["code"]) == (409, "item_parts_open")
        await on_day(desk, days(11))
        shown = await ok(await health.get(f"/v1/work-items/{whole['item_id']}"))
        assert shown["parts"] == {"total": 2, "done": 1, "overdue": 1, "worst": "overdue"}
        [listed] = (await ok(await admin.get("/v1/work-lists")))["lists"]
        assert (listed["items"], listed["done"], listed["overdue"]) == (2, 0, 2)
        async with desk.client("cases:respond", area=("township", "TOWN-02")) as other:
            await ok(
                await other.post(f"/v1/work-items/{two['item_id']}/progress", json={**PAPER, "done": True})
            )
        await ok(await admin.post(f"/v1/work-items/{two['item_id']}/acceptance", json={"by": "督查员"}))
        assert (await ok(await admin.get(f"/v1/work-items/{joint['item_id']}")))["state"] == "done"
    # Each town that is late is chased for its own part alone.
    assert {code for code, stage, _ in await chased(desk) if stage == "overdue"} == {"TOWN-02"}


async def test_only_the_district_takes_lists_in_and_a_name_means_one_thing(desk: Desk) -> None:
    await district(desk)
    async with desk.client("admin", area=("township", "TOWN-01")) as town:
        assert (await town.post("/v1/work-lists", json=small(PLAN))).status_code == 403
        assert (await town.post("/v1/body-names", json={"names": [{"name": "甲"}]})).status_code == 403
    rows = [
        {"name": "甲办", "codes": ["NOBODY"]},
        {"name": "乙办"},
        {"name": "区指挥部办公室", "codes": ["HEALTH"]},
        {"name": "丙办", "codes": ["MARKET"]},
    ]
    async with desk.client("admin") as admin:
        verdict = await ok(await admin.post("/v1/body-names", json={"names": rows}))
        names = (await ok(await admin.get("/v1/body-names")))["names"]
    assert [verdict[name] for name in ("accepted", "updated", "rejected")] == [1, 1, 2]
    told = [(error["row"], error["field"], error["code"]) for error in verdict["errors"]]
    assert told == [(1, "codes.0", "body_unknown"), (2, "codes", "name_meaning_one")]
    assert {"name": "区指挥部办公室", "codes": ["HEALTH"], "everyone": None} in names
