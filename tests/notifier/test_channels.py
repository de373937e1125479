"""Channels in order, each with a real server of the test's own at its other end."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from notifier import settings as notifier_settings
from notifier.channels.bots import loaded
from shared.messages import ContactsChanged
from tests.notifier.desk import MORNING, Desk, alarm, due, evaluated
from tests.notifier.outward import Opens, deliveries, states
from tests.support.mail import DROP_ANSWER, LATER, REFUSE, mail_server
from tests.support.providers import DROP, SLOW, Provider, provider
from tests.support.system import settings_of
from tests.support.waiting import until

PEOPLE = 30


def gateway(to: Provider, **more: Any) -> dict[str, Any]:
    """Return the settings of a gateway at the provider's address."""
    return {"channels": ("gateway",), "gateway_url": to.url, "gateway_timeout_seconds": 1.5, **more}


async def reminded(desk: Desk, count: int) -> None:
    """Remind a unit and so many of its people."""
    people = [uuid4() for _ in range(count)]
    contacts = [desk.contact(one, "UNIT-01", code=str(one), phone="13800138000").people[0] for one in people]
    await desk.tell(ContactsChanged(tuple(contacts)))
    told = [due(one, "due", "2037-11-23", code=str(one)) for one in people]
    await desk.tell(evaluated("UNIT-01", "2037-11-23", told))


async def test_a_gateway_that_is_slow_fails_or_drops_answers_gets_repeats_under_one_key_and_positives_first(
    open_outward: Opens,
) -> None:
    faults = [DROP] * 4 + [500] * 4 + [SLOW] * 2
    async with (
        provider(answers=[], holds_ordinary=True) as far,
        open_outward(**gateway(far, channel_at_once={"gateway": 5})) as desk,
    ):
        await desk.founded()
        await reminded(desk, PEOPLE)
        await desk.tell(alarm(uuid4(), subject="HC-0"), urgent=True, settle=False)
        await until(lambda: any(body["urgent"] for body in far.bodies))
        assert "sent" not in await states(desk, channel="gateway", recipient_type="person")

        far.answers, far.holds_ordinary = faults, False

        async def all_sent() -> bool:
            return set(await states(desk)) == {"sent"}

        await until(all_sent)
        told = await deliveries(desk)
        assert set(far.keys) == {str(row["delivery_id"]) for row in told}
        assert 10 <= len(far.keys) - len(set(far.keys)) <= far.lost
        by_key = {key: body["to"] for key, body in zip(far.keys, far.bodies, strict=True)}
        assert all(by_key[key] == body["to"] for key, body in zip(far.keys, far.bodies, strict=True))
        assert far.most_under_way <= 2 * 5  # the urgent ones have their own
        assert len(told) == PEOPLE + 1 + len(await desk.notices(kind="alert.positive"))


MAIL = {
    "smtp_host": "127.0.0.1",
    "smtp_from": "yingjian@district.test",
    "smtp_username": "desk",
    "smtp_password": "pw",
}


async def test_mail_goes_over_starttls_to_the_bodys_address_once_for_one_id_and_on_where_it_is_refused(
    open_outward: Opens, tmp_path: Path
) -> None:
    routes = {"2020-01-01": [{"recipients": ["cdc", "township", "department"], "channels": ["smtp", "file"]}]}
    async with mail_server(tmp_path, tls=True) as box:
        box.plans = [DROP_ANSWER, LATER]
        mail = {**MAIL, "smtp_port": box.port, "smtp_ca_file": box.certificate}
        async with open_outward(
            channels=("smtp", "file"), channel_routes=routes, fallback_attempts=3, **mail
        ) as desk:
            await desk.tell(
                desk.department("CDC-01", "department", "cdc", email="cdc@district.test"),
                desk.department("TOWN-01", "township"),
            )
            person = uuid4()
            await desk.tell(alarm(person, subject="HC-0001"), urgent=True)
            await desk.until_status("sent")
            [mail_one, again] = box.mails
            assert box.ids[0] == box.ids[1]
            [delivery] = await deliveries(desk)
            assert box.ids[0] == f"<{delivery['delivery_id']}@district.test>"
            assert (mail_one["To"], again["From"]) == ("cdc@district.test", "yingjian@district.test")
            assert all(box.encrypted)
            assert box.logins[0] == "desk pw"
            text = mail_one.as_string() + mail_one.get_content()
            assert "请立即登录系统查看并签收" in text
            assert not any(word in text for word in ("阳", "HC-0001", "positive"))

            box.plans = [REFUSE]
            await desk.tell(desk.unit("UNIT-01", department="CDC-01"), desk.contact(person, "UNIT-01"))
            await desk.until_status("sent")
            [line] = desk.lines()
            assert line["recipient_code"] == "TOWN-01"  # it has no address for mail: no attempt was made
            assert len(box.mails) == 2
            [tried, told] = await deliveries(desk, recipient_code="TOWN-01")
            assert (tried["error"], told["state"], told["sequence"]) == (
                "no_email",
                "sent",
                tried["sequence"],
            )

            await desk.system.set_clock(MORNING + timedelta(minutes=31))
            await until(lambda: any(line["recipient_code"] == "CDC-01" for line in desk.lines()))
            refused = await deliveries(desk, recipient_code="CDC-01", reason="repeat", channel="smtp")
            assert [row["error"] for row in refused] == ["smtp_550"]


async def test_whoever_has_no_address_is_named_in_their_own_area_until_one_is_known(
    open_outward: Opens,
) -> None:
    async with provider() as far, open_outward(**gateway(far)) as desk:
        await desk.founded()
        await desk.tell(
            desk.department("TOWN-01", "township", revision=2, phone=None),
            desk.department("DEPT-01", "department", revision=2, phone=None),
        )
        person = uuid4()
        await desk.tell(desk.contact(person, "UNIT-01"), alarm(person), urgent=True)

        async def settled() -> bool:
            return set(await states(desk)) == {"sent", "failed"}

        await until(settled)
        assert await desk.recipients(status="failed") == [("department", "DEPT-01"), ("township", "TOWN-01")]
        async with (
            desk.client("records:read") as reader,
            desk.client("cases:respond", area=("township", "TOWN-01")) as town,
        ):
            everybody = (await reader.get("/v1/unreachable")).json()["recipients"]
            own = (await town.get("/v1/unreachable")).json()["recipients"]
            metrics = (await reader.get("/metrics")).text
        assert [one["recipient"]["code"] for one in everybody] == ["DEPT-01", "TOWN-01"]
        assert [(one["recipient"]["code"], one["lacking"]) for one in own] == [("TOWN-01", ["no_phone"])]
        assert 'yingjian_notices_failed{recipient_type="township"} 1.0' in metrics

        await desk.tell(desk.department("TOWN-01", "township", revision=3))
        await desk.system.set_clock(MORNING + timedelta(minutes=31))

        async def found() -> bool:
            async with desk.client("records:read") as reader:
                listed = (await reader.get("/v1/unreachable")).json()["recipients"]
            return [one["recipient"]["code"] for one in listed] == ["DEPT-01"]

        await until(found)


async def test_a_dead_channel_rests_while_the_others_go_on_and_what_has_a_next_one_goes_there(
    open_outward: Opens,
) -> None:
    routes = {"2020-01-01": [{"urgent": True, "channels": ["gateway", "file"], "mode": "all"},
                             {"channels": ["gateway", "file"]}]}  # fmt: skip
    async with provider(status=503) as far:
        settings = gateway(far, channel_routes=routes, circuit_failures=3, circuit_seconds=1.5)
        async with open_outward(**{**settings, "channels": ("gateway", "file")}) as desk:
            await desk.founded()
            await desk.tell(alarm(uuid4(), subject="HC-0"), urgent=True, settle=False)
            await desk.until_handed(1)
            await until(lambda: len(far.seen) >= 3)
            await reminded(desk, PEOPLE)
            await desk.until_handed(PEOPLE + 2)
            errors = {row["error"] for row in await deliveries(desk, channel="gateway", state="failed")}
            assert "channel_down" in errors
            assert len(far.seen) < PEOPLE  # it was spared most of them
            async with desk.client("records:read") as reader:
                shown = {one["channel"]: one for one in (await reader.get("/v1/channels")).json()["channels"]}
            assert (shown["gateway"]["state"], shown["file"]["state"]) == ("failing", "up")
            assert shown["gateway"]["queue"]["urgent"] >= 1

            far.status = 202

            async def recovered() -> bool:
                return "queued" not in await states(desk) and "unknown" not in await states(desk)

            await until(recovered)


async def test_canaries_go_by_each_channel_with_an_address_and_a_channel_without_one_for_long_is_silent(
    open_outward: Opens, tmp_path: Path
) -> None:
    async with provider() as far:
        settings = gateway(far, operator_phone="13800000000", canary_minutes=0.01, canary_late_minutes=0.02)
        settings |= {"channels": ("gateway", "file", "webhook"), "circuit_failures": 1000}
        async with open_outward(**settings) as desk, desk.client("records:read") as reader:

            async def shown() -> dict[str, dict[str, Any]]:
                answer = await reader.get("/v1/channels")
                assert answer.status_code == 200, answer.text
                return {one["channel"]: one for one in answer.json()["channels"]}

            async def good() -> bool:
                found = await shown()
                return all(found[name]["state"] == "up" for name in ("gateway", "file"))

            await until(good)
            found = await shown()
            assert found["webhook"]["canary"] is None
            assert far.bodies[0]["to"] == "13800000000"
            assert (
                json.loads((tmp_path / "outbox" / "canary.json").read_text())["recipient_type"] == "operator"
            )
            assert desk.lines() == []
            assert (
                'yingjian_channel_canary_age_seconds{channel="gateway"}'
                in (await reader.get("/metrics")).text
            )

            far.status = 400  # it answers, and takes nothing

            async def silent() -> bool:
                return str((await shown())["gateway"]["state"]) == "silent"

            async def said() -> bool:
                return str((await shown())["gateway"]["canary"]["error"]) == "http_400"

            await until(silent)
            await until(said)
        async with desk.client("records:read", area=("township", "TOWN-01")) as town:
            assert (await town.get("/v1/channels")).status_code == 403


async def test_robots_of_a_recipient_get_the_text(open_outward: Opens) -> None:
    loaded()  # its services, before anything waits for them
    async with provider() as far:
        url = far.url.replace("http://", "json://")
        settings = {"channels": ("bots", "file"), "bot_urls": {"cdc": [url]},
                    "channel_routes": {"2020-01-01": [{"channels": ["bots", "file"]}]}}  # fmt: skip
        async with open_outward(**settings) as desk:
            await desk.founded()
            person = uuid4()
            await desk.tell(desk.contact(person, "UNIT-01"), alarm(person), urgent=True)
            await desk.until_handed(2)
            await desk.until_status("sent")
            assert [body["message"] for body in far.bodies] == [
                "【应检】您有一条紧急通知,请立即登录系统查看并签收。"
            ]
            assert {line["recipient_code"] for line in desk.lines()} == {"TOWN-01", "DEPT-01"}


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"channels": ["pigeon"]}, "pigeon"),
        ({"channels": ["gateway"]}, "GATEWAY_URL"),
        ({"channels": ["smtp"], "smtp_host": "mail"}, "SMTP_FROM"),
        ({"channel_routes": {"2020-01-01": [{"channels": ["smtp"]}]}}, "smtp"),
        ({"channels": ["bots"], "bot_urls": {"cdc": ["wecombot://x"]}}, "[bots]"),
    ],
)
def test_a_channel_that_could_not_send_is_refused_at_the_start(
    wanted: dict[str, Any], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier_settings, "find_spec", lambda _: None)
    base = {
        "database_url": "postgresql://x/y",
        "role_secret": "x" * 16,
        "redis_url": "redis://x",
        "index_key": "x",
    }
    with pytest.raises(ValidationError, match=word.replace("[", r"\[")):
        settings_of("notifier", {**base, **wanted})
