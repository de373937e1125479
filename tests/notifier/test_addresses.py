"""Laboratories and sampling sites are reached at their own address, in order, and proven like any body."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import httpx

from shared.messages import LabSilence, RecheckOrdered
from tests.notifier.desk import MORNING, Desk
from tests.notifier.outward import Opens, deliveries
from tests.notifier.reporting import ok, refused
from tests.support.mail import mail_server
from tests.support.providers import provider
from tests.support.waiting import until

TOWN: tuple[Literal["township"], str] = ("township", "TOWN-01")
LAB, SITE = "/v1/addresses/lab/LAB01", "/v1/addresses/site/SITE-01"
ROUTES = {"2020-01-01": [{"recipients": ["lab", "site"], "channels": ["smtp", "gateway"]},
                         {"channels": ["file"]}]}  # fmt: skip
ADDRESS: dict[str, Any] = {
    "name": "县中医院检验科",
    "contact": {"name": "李明", "phone": "13811110000", "email": "lab@hospital.test"},
}


def of_lab(desk: Desk, lab_code: str) -> httpx.AsyncClient:
    """Return a laboratory's client."""
    return desk.client("results:write", lab=lab_code)


def silence(lab_code: str = "LAB01") -> LabSilence:
    """Return a laboratory that has fallen silent."""
    return LabSilence(uuid4(), 1, lab_code, (MORNING - timedelta(hours=2)).isoformat(), 120, 7, None)


async def test_what_lay_for_want_of_an_address_goes_out_in_order_once_there_is_one(
    open_outward: Opens, tmp_path: Path
) -> None:
    async with mail_server(tmp_path) as box, provider() as far:
        settings = {
            "channels": ("smtp", "gateway", "file"), "channel_routes": ROUTES, "gateway_url": far.url,
            "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none",
            "smtp_from": "yingjian@district.test",
        }  # fmt: skip
        async with (
            open_outward(**settings) as desk,
            desk.client("admin") as admin,
            desk.client("cases:respond", area=TOWN) as town,
            of_lab(desk, "LAB01") as lab,
        ):
            await desk.founded()
            await desk.tell(
                silence(),
                RecheckOrdered(uuid4(), "T-10", "SITE-01", "LAB01", (), (), MORNING.isoformat()),
                urgent=True,
            )

            async def failed() -> bool:
                rows = await deliveries(desk, state="failed")
                return sorted(row["recipient_code"] for row in rows) == ["LAB01"] * 2 + ["SITE-01"] * 2

            await until(failed)
            named = (await ok(admin.get("/v1/unreachable")))["recipients"]
            assert [(one["recipient"]["code"], one["lacking"]) for one in named] == [
                ("LAB01", ["no_email", "no_phone"]),
                ("SITE-01", ["no_email", "no_phone"]),
            ]

            # The laboratory names its own: mail is the first of its route, so no message is sent.
            shown = await ok(lab.put(LAB, json=ADDRESS))
            masked = {"name_masked": "李*", "phone_masked": "138****0000", "has_email": True}
            assert shown["contact"] == masked
            await until(lambda: len(box.mails) == 1)
            assert (box.mails[0]["To"], far.seen) == ("lab@hospital.test", [])
            # The site has a phone only: what mail cannot address goes on to the gateway.
            site = {"name": "广场采样点", "township_code": "TOWN-01",
                    "contact": {"name": "王芳", "phone": "13922220000"}}  # fmt: skip
            await ok(admin.put(SITE, json=site))
            await until(lambda: [body["to"] for body in far.bodies] == ["13922220000"])
            await ok(admin.put(SITE, json=site))  # the same again: nothing is sent again
            await desk.until_status("sent")
            assert (await ok(admin.get("/v1/unreachable")))["recipients"] == []
            assert (len(box.mails), len(far.seen)) == (1, 1)

            [notice] = (await ok(town.get("/v1/notices", params={"recipient_type": "site"})))["notices"]
            assert notice["recipient"] == {"type": "site", "code": "SITE-01", "name": "广场采样点"}
            proof = await town.get("/v1/proof/site/SITE-01")
            assert ("no_phone" in proof.text, '"state":"sent"' in proof.text) == (True, True)
            stored = await desk.rows("SELECT contact FROM notifier.address")
            assert not any(word in row["contact"] for row in stored for word in (b"1381", b"1392", b"lab@"))


async def test_an_address_is_kept_by_its_laboratory_its_town_and_the_district_alone(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(desk.department("TOWN-02", "township"))
    admin, town = desk.client("admin"), desk.client("admin", area=TOWN)
    other = desk.client("admin", area=("township", "TOWN-02"))
    department = desk.client("admin", area=("department", "DEPT-01"))
    lab, rival = of_lab(desk, "LAB01"), of_lab(desk, "LAB02")
    site = {"name": "广场", "township_code": "TOWN-01", "contact": {"name": "王芳", "phone": "13922220000"}}
    await refused(town.put(SITE, json=site), 404, "not_found")  # entered by the district first
    await ok(admin.put(SITE, json=site))
    await ok(lab.put(LAB, json=ADDRESS))
    for stranger in (other, department, rival):
        await refused(stranger.put(SITE, json=site | {"name": "别处"}), 404, "not_found")
        await refused(stranger.get(SITE), 404, "not_found")
        await refused(stranger.get(LAB), 404, "not_found")
        assert (await ok(stranger.get("/v1/addresses")))["addresses"] == []
    await refused(rival.put(LAB, json=ADDRESS), 404, "not_found")
    await refused(town.put(LAB, json=ADDRESS), 404, "not_found")
    await refused(town.put(SITE, json=site | {"township_code": "TOWN-02"}), 404, "not_found")
    await refused(admin.put(SITE, json=site | {"township_code": "DEPT-01"}), 422, "not_a_known_township")
    await refused(admin.put(LAB, json=site), 422, "township_of_lab")
    bad = ADDRESS | {"contact": ADDRESS["contact"] | {"email": "a@b\nBcc: c@d"}}
    assert (await admin.put(LAB, json=bad)).status_code == 422
    assert (await ok(town.put(SITE, json=site | {"name": "新广场"})))["name"] == "新广场"
    page = await ok(admin.get("/v1/addresses", params={"limit": 1}))
    [first] = page["addresses"]
    [second] = (await ok(admin.get("/v1/addresses", params={"cursor": page["next_cursor"]})))["addresses"]
    assert (first["body_code"], second["body_code"]) == ("LAB01", "SITE-01")
    assert [one["body_code"] for one in (await ok(lab.get("/v1/addresses")))["addresses"]] == ["LAB01"]
    assert (await lab.delete(LAB)).status_code == 403
    assert (await other.delete(SITE)).status_code == 404
    assert (await town.delete(SITE)).status_code == 204
    await refused(admin.get(SITE), 404, "not_found")
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    assert {"address.put", "address.delete", "addresses.list"} <= audited
