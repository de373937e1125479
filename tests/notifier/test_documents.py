"""A notice as an official paper: its parts, its bytes, who gets it, and whose names stand in it."""

import hashlib
import io
import zipfile
from datetime import datetime
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest

from notifier.documents import pdf
from notifier.documents.rules import in_chinese
from shared.clock import SHANGHAI
from tests.notifier.desk import MORNING, Desk, due, evaluated

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DAY = "2037-11-23"


def paragraphs(raw: bytes) -> tuple[list[str], list[list[list[str]]]]:
    """Return what stands in a DOCX: its paragraphs outside tables, and its tables."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            ET.fromstring(file.read(name))  # noqa: S314 - our own
        body = ET.fromstring(file.read("word/document.xml"))[0]  # noqa: S314 - our own
    words = ["".join(each.itertext()) for each in body.findall(f"{WORD}p")]
    tables = [
        [
            ["".join(cell.itertext()) for cell in row.findall(f"{WORD}tc")]
            for row in table.findall(f"{WORD}tr")
        ]
        for table in body.findall(f"{WORD}tbl")
    ]
    return [each for each in words if each], tables


async def bulletin(desk: Desk) -> dict[str, Any]:
    """Remind a unit of two people who are overdue; one is known by name."""
    person = uuid4()
    people = [due(person, "overdue", "2037-11-20"), due(uuid4(), "overdue", "2037-11-21", code="HC-0002")]
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01", name="张三丰"), evaluated("UNIT-01", DAY, people))
    [notice] = await desk.notices(kind="reminder.overdue")
    return notice


@pytest.mark.settings(document_issuer="示例区疫情防控指挥部")
async def test_a_notice_comes_as_an_official_paper_with_its_evidence_and_the_same_bytes_again(
    desk: Desk,
) -> None:
    notice = await bulletin(desk)
    path = f"/v1/notices/{notice['notice_id']}/document"
    async with desk.client("cases:respond", area=("department", "DEPT-01")) as department:
        first = await department.get(path)
        assert first.status_code == 200, first.text
        words, tables = paragraphs(first.content)
        assert words[:3] == ["核酸检测提醒", f"通知编号 {notice['notice_id']}", "UNIT-01 店:"]
        assert words[3] == notice["text"]
        assert "附件:1. 证据表;2. 涉及人员" in words
        assert words[words.index("示例区疫情防控指挥部") + 1] == "二〇三七年十一月二十三日"
        assert tables[0] == [["项目", "内容"], ["日期", DAY]]
        assert tables[1][1:] == [
            ["HC-0001", "张*", "8A1", "2037-11-20", "逾期", "3"],
            ["HC-0002", "—", "8A1", "2037-11-21", "逾期", "2"],
        ]
        assert "张三丰" not in "".join(words) + str(tables)
        await desk.system.set_clock(MORNING.replace(day=25))
        again = await department.get(path, params={"format": "docx"})
        assert again.content == first.content
        digest = hashlib.sha256(first.content).hexdigest()
        states = [
            (each.headers["x-document-state"], each.headers["x-document-sha256"]) for each in (first, again)
        ]
        assert states == [("first", digest), ("same", digest)]
        made = [await department.get(path, params={"format": "pdf"}) for _ in range(2)]
        assert made[0].content[:5] == b"%PDF-"
        assert b"STSong-Light" in made[0].content
        assert made[0].content == made[1].content
    async with desk.client("admin") as admin:
        await admin.post(
            f"/v1/notices/{notice['notice_id']}/revocation", json={"by": "指挥部", "reason": "误发"}
        )
        revoked = await admin.get(path)
        assert revoked.headers["x-document-state"] == "changed"
        assert paragraphs(revoked.content)[0][0] == "核酸检测提醒(已撤销)"


async def test_whoever_may_not_see_a_notice_gets_no_paper_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await bulletin(desk)
    path = f"/v1/notices/{notice['notice_id']}/document"
    for scopes, area in ((["admin"], ("township", "TOWN-02")), (["reviews:write"], None)):
        async with desk.client(*scopes, area=area) as other:
            assert (await other.get(path)).status_code == 404
            assert (await other.post(path, json={"format": "pdf", "reason": "看看"})).status_code == 404

    def absent(_: object) -> bytes:
        raise pdf.NotInstalled

    monkeypatch.setattr(pdf, "pdf_of", absent)
    async with desk.client("admin") as admin:
        assert (await admin.get(path, params={"format": "odt"})).status_code == 422
        answer = await admin.get(path, params={"format": "pdf"})
        assert (answer.status_code, answer.json()["code"]) == (422, "pdf_not_installed")


@pytest.mark.requirement(129)
async def test_names_stand_in_clear_only_for_a_named_person_who_says_why(desk: Desk) -> None:
    notice = await bulletin(desk)
    path = f"/v1/notices/{notice['notice_id']}/document"
    wanted = {"format": "docx", "reason": "约谈单位负责人时出示"}
    async with desk.client("admin") as system:
        answer = await system.post(path, json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (403, "named_person_needed")
    async with desk.client("cases:respond", kind="person") as person:
        assert (await person.post(path, json={"format": "docx"})).status_code == 422
        answer = await person.post(path, json=wanted)
        assert answer.status_code == 200, answer.text
        assert paragraphs(answer.content)[1][1][1][:2] == ["HC-0001", "张三丰"]
    [kept] = await desk.rows("SELECT client_id, people, reason FROM notifier.document_disclosure")
    assert kept["people"] == 1
    assert "约谈".encode() not in bytes(kept["reason"])
    [audited] = await desk.rows(
        "SELECT client_id, subject, rows FROM notifier.audit WHERE action = 'notice.disclosure'"
    )
    assert audited == {"client_id": kept["client_id"], "subject": notice["notice_id"], "rows": 1}


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2037-10-01", "二〇三七年十月一日"),
        ("2030-12-20", "二〇三〇年十二月二十日"),
        ("2031-01-31", "二〇三一年一月三十一日"),
    ],
)
def test_a_day_is_written_as_official_papers_write_it(day: str, said: str) -> None:
    assert in_chinese(datetime.fromisoformat(f"{day}T08:00+08:00").astimezone(SHANGHAI)) == said
