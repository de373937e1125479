"""Gaps and lapsed contacts reach the bodies that have to answer, once."""

from uuid import UUID, uuid4

import pytest
from msgspec import structs

from shared.messages import ContactLapsed, GapCount, GapsSent
from tests.notifier.desk import MORNING, Desk

SENDING = UUID(int=77)


def gaps(recipient: str, code: str | None, *counts: GapCount) -> GapsSent:
    return GapsSent(
        sending_id=SENDING,
        round_code="2037-11",
        round_name="十一月排查",
        as_of=MORNING.isoformat(),
        due_on="2037-12-03",
        recipient_type=recipient,
        recipient_code=code,
        counts=counts
        or (GapCount("CATERING", "only_licensed", 30), GapCount("CATERING", "only_surveyed", 5)),
    )


@pytest.mark.requirement(40)
async def test_gaps_are_a_task_to_answer_for_the_township_and_the_department(desk: Desk) -> None:
    await desk.founded()
    sent = (gaps("township", "TOWN-01"), gaps("department", "DEPT-01"))
    await desk.tell(*sent, *sent)
    assert await desk.recipients(kind="task.answer") == [("department", "DEPT-01"), ("township", "TOWN-01")]
    notice = (await desk.notices(kind="task.answer", recipient_type="township"))[0]
    assert "30 家" in notice["text"]
    assert "2037-12-03" in notice["text"]
    assert notice["subject"]["code"] == "2037-11"
    assert notice["evidence"]["counts"][1] == {"trade_code": "CATERING", "kind": "only_surveyed", "gaps": 5}
    await desk.tell(structs.replace(sent[0], sending_id=uuid4()))
    assert len(await desk.notices(kind="task.answer", recipient_type="township")) == 2


@pytest.mark.requirement(40)
async def test_gaps_without_a_department_go_to_headquarters(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(gaps("headquarters", None))
    assert [kind for kind, _ in await desk.recipients(kind="task.answer")] == ["district"]


@pytest.mark.requirement(47)
async def test_a_lapsed_contact_is_a_task_for_township_and_department_and_not_repeated(desk: Desk) -> None:
    await desk.founded()
    lapsed = ContactLapsed("UNIT-01", "TOWN-01", "DEPT-01", "moved", "2037-08-01", "2037-11-23")
    await desk.tell(lapsed, lapsed)
    assert await desk.recipients(kind="task.answer") == [("department", "DEPT-01"), ("township", "TOWN-01")]
    notice = (await desk.notices(kind="task.answer", recipient_type="department"))[0]
    assert notice["subject"]["code"] == "UNIT-01"
    assert "已调离" in notice["text"]
    await desk.tell(structs.replace(lapsed, department_code=None, reason="expired"))
    assert ("district" in {kind for kind, _ in await desk.recipients(kind="task.answer")}) is True
