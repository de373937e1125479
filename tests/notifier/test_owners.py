"""Each notice names its owner from the duty matrix as it stood on the day of its issue."""

from typing import Any
from uuid import uuid4

import pytest

from notifier.notices.rules import KINDS, Content, Draft
from notifier.notices.service import issue
from shared.messages import DutiesChanged
from shared.messages.duties import Duty, DutyEntry
from tests.notifier.desk import MORNING, Desk


async def issued(desk: Desk, *kinds: str) -> dict[str, dict[str, Any]]:
    """Issue a notice of each kind and return it as it is listed."""
    context = desk.system.context("notifier")
    key = str(uuid4())
    drafts = [
        Draft(kind, f"{key}:{kind}", "township", "TOWN-01", "unit", "UNIT-01", Content("文", "text", {}), MORNING)
        for kind in kinds
    ]  # fmt: skip
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        ids = {str(each) for each in await issue(session, context, drafts, now=now)}
    return {each["kind"]: each for each in await desk.notices() if each["notice_id"] in ids}


def matrix(revision: int, *duties: tuple[str, str, str], department: str | None = "CDC-01") -> DutiesChanged:
    entries = (
        DutyEntry("CDC", "县疾控中心", "County CDC", department),
        DutyEntry("MEDICAL", "卫健局医政科", "Medical section", None),
        DutyEntry("DISEASE-CONTROL", "卫健局疾控科", "Disease control", "DEPT-01"),
    )
    return DutiesChanged(revision=revision, entries=entries, duties=tuple(Duty(*each) for each in duties))


@pytest.mark.requirement(155)
async def test_every_kind_of_notice_names_its_owner_from_the_shipped_matrix(desk: Desk) -> None:
    await desk.founded()
    notices = await issued(desk, *KINDS)
    assert set(notices) == set(KINDS)
    for kind, notice in notices.items():
        assert notice["evidence"]["owner"]["basis"] == "assigned", kind
        assert notice["evidence"]["owner"]["name"], kind
    owners = {kind: notice["evidence"]["owner"]["entry_code"] for kind, notice in notices.items()}
    assert owners["alert.positive"] == "CDC"
    assert owners["task.rectification"] == "BRIGADE"
    assert owners["alert.lab_late"] == "MEDICAL"
    assert owners["report.upward"] == "DISEASE-CONTROL"
    assert {owners[kind] for kind in KINDS if kind.startswith("reminder.")} == {"INSTITUTIONS"}


@pytest.mark.requirement(155)
async def test_an_owner_is_the_department_and_its_contact_as_of_the_day_of_issue(desk: Desk) -> None:
    await desk.founded()
    day = MORNING.date().isoformat()
    await desk.tell(
        matrix(1000, ("alert.positive", "2022-01-01", "CDC"), ("alert.positive", "2099-01-01", "MEDICAL"))
    )
    first = await issued(desk, "alert.positive", "task.answer")
    owner = first["alert.positive"]["evidence"]["owner"]
    assert (owner["entry_code"], owner["department"]["code"], owner["basis"]) == ("CDC", "CDC-01", "assigned")
    assert owner["contact"]["phone_masked"].count("*") == 4
    assert owner["as_of"] >= day
    other = first["task.answer"]["evidence"]["owner"]
    assert (other["entry_code"], other["basis"]) == ("DISEASE-CONTROL", "default")
    # The matrix changes hands: what is out keeps whose it was, what comes is the new owner's.
    await desk.tell(matrix(1002, ("alert.positive", "2022-01-01", "MEDICAL")))
    await desk.tell(matrix(1001, ("alert.positive", "2022-01-01", "CDC")))
    second = (await issued(desk, "alert.positive"))["alert.positive"]["evidence"]["owner"]
    assert (second["entry_code"], second["department"], second["contact"]) == ("MEDICAL", None, None)
    listed = {each["notice_id"]: each["evidence"]["owner"]["entry_code"] for each in await desk.notices()}
    assert listed[first["alert.positive"]["notice_id"]] == "CDC"


async def test_no_contact_of_an_owner_lies_in_clear(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(matrix(1000, ("alert.positive", "2022-01-01", "CDC")))
    await issued(desk, "alert.positive")
    rows = await desk.rows("SELECT n::text AS n, d.contact FROM notifier.notice n, notifier.department d")
    opened = [
        desk.system.context("notifier").sealer.open_json(row["contact"], context="contact.department")
        for row in rows
    ]
    assert not any(each["phone"] in row["n"] for row in rows for each in opened)
