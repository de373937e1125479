"""Texts that an administrator words anew: what is refused, from when it is in force, what stays as it was."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from notifier.templates.service import MESSAGE, SHIPPED
from notifier.texts.checking import faults_of, faults_of_message, rendered
from notifier.texts.text import Text
from notifier.texts.variables import sample_of
from tests.notifier.desk import MORNING, Desk, due, evaluated

DAY = "2037-11-23"
PERSON = "/v1/templates/reminder.due.person"
UNIT = "/v1/templates/reminder.overdue"
JSON = {"Content-Type": "application/json"}
MESSAGES = f"/v1/templates/{MESSAGE}reminder"
GOOD: dict[str, str] = {
    "zh": "请于{{ due_on }}前采样。",
    "en": "Sample by {{ due_on }}.",
    "effective_from": DAY,
    "by": "办公室主任",
    "reason": "统一用语",
}


def test_every_shipped_text_is_what_a_version_may_be_and_its_variables_are_read_off_it() -> None:
    for key, text in SHIPPED.items():
        if key.startswith(MESSAGE):
            assert not faults_of_message(text), key
        assert not faults_of(text, text, longest=10_000), key
        assert rendered(text, sample_of(text), longest=10_000).zh


@pytest.mark.parametrize(
    ("source", "code", "line", "name"),
    [
        ("{% for n in range(9) %}{{ count }}{% endfor %}", "template_loops", 1, None),
        (
            "{% for p in people %}\n{% for q in people %}.{% endfor %}{% endfor %}",
            "template_loops",
            2,
            "people",
        ),
        ("{% for p in people recursive %}{{ loop(p) }}{% endfor %}", "template_loops", 1, "people"),
        ("{{ count }}\n{{ people.__class__.__mro__ }}", "template_reaches", 2, "__mro__"),
        ("{% for p in people %}{{ p.phone }}{% endfor %}", "template_reaches", 1, "phone"),
        ("{{ people[0] }}", "template_reaches", 1, None),
        ("一\n二\n{{ unit_name }}", "template_variable_unknown", 3, "unit_name"),
        ("{{ self }}", "template_variable_unknown", 1, "self"),
        ("{{ lipsum() }}", "template_not_allowed", 1, "lipsum"),
        ("{{ 'x' * 1000000000 }}", "template_not_allowed", 1, "mul"),
        ("{{ count | attr('real') }}", "template_not_allowed", 1, "attr"),
        ("{{ people | join('.....') | replace('', 'xxxxxxxx') }}", "template_not_allowed", 1, "replace"),
        ("{% include 'other' %}", "template_not_allowed", 1, "include"),
        ("{% if count %}", "template_syntax", 1, None),
        ("{{ 1" + "-1" * 1_900 + " }}", "template_syntax", None, None),
        ("{% if count %}" * 150 + "." + "{% endif %}" * 150, "template_syntax", None, None),
        ("{{ {'1': 'x'}[count] }}", "template_fails", None, None),
        ("{% if count %}{% endif %}", "template_says_nothing", None, None),
    ],
)
def test_what_loops_reaches_for_attributes_or_misses_a_variable_is_found(
    source: str, code: str, line: int | None, name: str | None
) -> None:
    [fault] = faults_of(SHIPPED["reminder.overdue"], Text(source, "fine"), longest=10_000)
    assert (fault.field, fault.code, fault.line, fault.name) == ("zh", code, line, name)


async def refused(admin: Any, path: str, **changes: Any) -> dict[str, Any]:
    answer = await admin.post(f"{path}/versions", json=GOOD | changes)
    assert answer.status_code == 422, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def remind(desk: Desk, day: str = DAY) -> tuple[dict[str, Any], dict[str, Any]]:
    """Remind a new person with a phone of a day; return their notice and what left the house."""
    person, code = uuid4(), f"HC-{uuid4().hex[:8]}"
    handed = len(desk.lines())
    await desk.tell(
        desk.contact(person, "UNIT-01", phone="13800138000", code=code),
        evaluated("UNIT-01", day, [due(person, "due", day, code=code)]),
    )
    [notice] = await desk.notices(recipient_type="person", recipient_code=code)
    lines = await desk.until_handed(handed + 1)
    return notice, next(line for line in lines if line["notice_id"] == notice["notice_id"])


async def test_a_bad_version_is_refused_with_its_line_and_variable_and_no_value(desk: Desk) -> None:
    async with desk.client("admin") as admin:
        body = await refused(admin, PERSON, zh="请于\n{{ secret_word }}前采样", en="{{ due_on.__class__ }}")
        assert body["code"] == "template_refused"
        found = [(each["field"], each["code"], each["row"], each["row_ref"]) for each in body["errors"]]
        assert found == [
            ("zh", "template_variable_unknown", 2, "secret_word"),
            ("en", "template_reaches", 1, "__class__"),
        ]
        assert "zh 第 2 行 secret_word" in body["detail"]
        assert "采样" not in str(body)
        assert [each["code"] for each in (await refused(admin, PERSON, en=" "))["errors"]] == ["too_short"]
        backdated = await refused(admin, PERSON, effective_from="2037-11-22")
        assert backdated["errors"][0]["code"] == "template_backdated"
        for zh, code in (
            ("您的结果为阳性", "template_message_result"),
            ("请致电12345", "template_message_number"),
            ("{{ name }}您好", "template_message_variable"),
        ):
            body = await refused(admin, MESSAGES, zh=zh, en="Log in.")
            assert [each["code"] for each in body["errors"]] == [code]
        assert (await admin.post("/v1/templates/no.such/versions", json=GOOD)).status_code == 404
        assert [each["version"] for each in (await admin.get(PERSON)).json()["versions"]] == [0]
    for scope, area in (("records:read", None), ("admin", ("department", "DEPT-01"))):
        async with desk.client(scope, area=area) as other:
            assert (await other.post(f"{PERSON}/versions", json=GOOD)).status_code == 403


@pytest.mark.settings(quiet_from="00:00", quiet_until="00:00")
async def test_a_version_words_what_is_issued_from_its_day_on_and_nothing_before(desk: Desk) -> None:
    await desk.founded()
    first, line = await remind(desk)
    assert first["evidence"]["wording"] == {"key": "reminder.due.person", "version": 0}
    async with desk.client("admin") as admin:
        saved = await admin.post(f"{PERSON}/versions", json=GOOD)
        assert (saved.status_code, saved.json()["version"]) == (201, 1)
        assert (await admin.post(f"{PERSON}/versions", json=GOOD)).status_code == 200
        later = GOOD | {"zh": "明日起:{{ due_on }}", "effective_from": "2037-11-24"}
        assert (await admin.post(f"{PERSON}/versions", json=later)).json()["version"] == 2
        sms = GOOD | {"zh": "【应检】请登录查看提醒。", "en": "Log in for a reminder."}
        assert (await admin.post(f"{MESSAGES}/versions", json=sms)).status_code == 201
        shown = (await admin.get(PERSON)).json()
        assert (shown["in_force"], [each["version"] for each in shown["versions"]]) == (1, [2, 1, 0])
        assert shown["versions"][1]["by"] == "办公室主任"
        listed = (await admin.get("/v1/templates", params={"limit": 1000})).json()["templates"]
        assert {each["key"]: each["version"] for each in listed if each["versions"]} == {
            "reminder.due.person": 1,
            "message.reminder": 1,
        }
    second, sent = await remind(desk)
    assert second["text"] == f"请于{DAY}前采样。"
    assert second["evidence"]["wording"] == {"key": "reminder.due.person", "version": 1}
    assert (line["text"], sent["text"]) == (
        "【应检】您有一条核酸检测提醒,请登录系统查看。",
        "【应检】请登录查看提醒。",
    )
    assert (await desk.notices(recipient_code=first["recipient"]["code"]))[0]["text"] == first["text"]
    await desk.system.set_clock(MORNING + timedelta(days=1))
    third, _ = await remind(desk, "2037-11-24")
    assert (third["text"], third["evidence"]["wording"]["version"]) == ("明日起:2037-11-24", 2)


async def test_what_is_out_keeps_its_wording_until_it_says_something_else(desk: Desk) -> None:
    """A unit's reminder is completed by later people of its day: still in the version it was issued in."""
    people = [due(uuid4(), "overdue", "2037-11-20", code=f"HC-9{number:03}") for number in range(3)]
    await desk.founded()
    await desk.tell(evaluated("UNIT-01", DAY, people[:1]))
    [notice] = await desk.notices(kind="reminder.overdue")
    async with desk.client("admin") as admin:
        new = GOOD | {"zh": "逾期 {{ count }} 人", "en": "{{ count }} overdue"}
        assert (await admin.post(f"{UNIT}/versions", json=new)).status_code == 201
    await desk.tell(evaluated("UNIT-01", DAY, people))
    [completed] = await desk.notices(kind="reminder.overdue")
    assert completed["text"].startswith("【已逾期】贵单位有 3 人")
    assert completed["evidence"]["wording"]["version"] == 0
    await desk.tell(desk.unit("UNIT-02"), evaluated("UNIT-02", DAY, [due(uuid4(), "overdue", "2037-11-20")]))
    assert (await desk.notices(recipient_code="UNIT-02"))[0]["text"] == "逾期 1 人"
    assert notice["notice_id"] == completed["notice_id"]


async def test_a_preview_stores_nothing_and_warns_of_what_is_left_out(desk: Desk) -> None:
    async with desk.client("admin") as admin:
        wanted = {
            "zh": "共{{ count }}人:{% for p in people %}{{ p.code }};{% endfor %}",
            "en": "Some",
            "facts": {"count": 7},
        }
        answer = await admin.post(f"{UNIT}/preview", json=wanted)
        body = answer.json()
        assert body["zh"] == "共7人:EXAMPLE-1;EXAMPLE-1;"
        assert {(each["field"], each["name"]) for each in body["warnings"]} == {
            ("en", "count"),
            ("en", "people"),
        }
        many = await admin.post(
            f"{UNIT}/preview", json=wanted | {"facts": {"people": [{"code": "x" * 600}] * 60}}
        )
        assert many.json()["errors"][0]["code"] == "template_renders_too_long"
        wrong = await admin.post(f"{UNIT}/preview", json=wanted | {"facts": {"people": 7}})
        assert wrong.json()["errors"][0]["code"] == "template_fails"
        half = json.dumps(wanted | {"facts": {"count": "\ud800"}})
        unreadable = await admin.post(f"{UNIT}/preview", content=half, headers=JSON)
        assert unreadable.json()["errors"][0]["code"] == "character_forbidden"
        assert (await admin.post(f"{UNIT}/preview", json={"version": 3})).status_code == 404
        assert "【已逾期】" in (await admin.post(f"{UNIT}/preview")).json()["zh"]
        assert (await admin.get(UNIT)).json()["in_force"] == 0
    assert not await desk.rows("SELECT FROM notifier.template_version")


async def test_a_version_that_fails_on_real_facts_gives_way_to_the_shipped_words(desk: Desk) -> None:
    """What is checked against samples may still meet a fact it did not expect: the notice goes out all the same."""
    await desk.founded()
    async with desk.client("admin") as admin:
        new = GOOD | {
            "zh": "{% for p in people %}{{ p.name_masked | upper }}{% endfor %}",
            "en": "{{ count }}",
        }
        assert (await admin.post(f"{UNIT}/versions", json=new)).status_code == 201
        long = GOOD | {"zh": "{% for p in people %}" + "长" * 3_900 + "{% endfor %}", "en": "{{ count }}"}
        assert (await admin.post(f"{UNIT}/versions", json=long)).status_code == 201
    people = [due(uuid4(), "overdue", "2037-11-20", code=f"HC-8{number:03}") for number in range(9)]
    await desk.tell(evaluated("UNIT-01", DAY, people))
    [notice] = await desk.notices(kind="reminder.overdue")
    assert notice["text"].startswith("【已逾期】贵单位有 9 人")
    assert notice["evidence"]["wording"]["version"] == 0


async def test_versions_saved_at_once_get_numbers_of_their_own(desk: Desk) -> None:
    async with desk.client("admin") as admin:
        answers = await asyncio.gather(
            *(admin.post(f"{PERSON}/versions", json=GOOD | {"zh": f"第{each}版"}) for each in "甲乙丙丁戊")
        )
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5]


@pytest.mark.requirement(129)
@pytest.mark.settings(template_approval=True)
async def test_where_publishing_needs_approval_a_version_waits_for_a_second_person(desk: Desk) -> None:
    people = [due(uuid4(), "overdue", "2037-11-20", code=f"HC-7{number:03}") for number in range(2)]
    await desk.founded()
    async with desk.client("admin") as admin, desk.client("admin") as second:
        new = GOOD | {"zh": "逾期 {{ count }} 人", "en": "{{ count }} overdue"}
        assert (await admin.post(f"{UNIT}/versions", json=new)).json()["approved_at"] is None
        await desk.tell(evaluated("UNIT-01", DAY, people))
        assert (await desk.notices(recipient_code="UNIT-01"))[0]["text"].startswith("【已逾期】")
        path = f"{UNIT}/versions/1/approval"
        own = await admin.post(path, json={"by": "本人"})
        assert (own.status_code, own.json()["code"]) == (409, "template_second_person")
        assert (await second.post(f"{UNIT}/versions/2/approval", json={"by": "分管领导"})).status_code == 404
        approved = (await second.post(path, json={"by": "分管领导"})).json()
        assert (approved["approved_by"], approved["by"]) == ("分管领导", "办公室主任")
        assert (await second.post(path, json={"by": "别人"})).json() == approved
    await desk.tell(desk.unit("UNIT-02"), evaluated("UNIT-02", DAY, people[:1]))
    [notice] = await desk.notices(recipient_code="UNIT-02")
    assert (notice["text"], notice["evidence"]["wording"]["version"]) == ("逾期 1 人", 1)
