"""A laboratory is taken on: its own key, the check against a sandbox, and an administrator's release."""

import math
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from deploy.demo.client import Account, Api, proof
from deploy.simulator import check
from shared.clock import SHANGHAI
from tests.registry.identity.signing_clients import new_key, public_jwk
from tests.support.system import System, base_url
from tests.system.people import ok

TOKEN_URL = base_url("registry") + "/v1/oauth/token"


async def token(system: System, **asked: Any) -> httpx.Response:
    """Ask registry for a token."""
    form = {"grant_type": "client_credentials", **asked.pop("data", {})}
    return await (await system.client("registry")).post("/v1/oauth/token", data=form, **asked)


async def bearer(system: System, service: str, answer: httpx.Response) -> httpx.AsyncClient:
    """Return a client of a service with the token that was answered."""
    assert answer.status_code == 200, answer.text
    client = await system.client(service)
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


async def checked(system: System, *, now: datetime) -> dict[str, Any]:
    """Run the conformance check against the sandbox; here it is this very system, under another client."""
    sandbox = await system.client("results-ingest", scopes=["results:write"], lab_code="LAB09")
    said = sandbox.headers["Authorization"].removeprefix("Bearer ")
    api = Api(
        sandbox, base_url("results-ingest"), "", Account("sandbox-lab", ""), token=said, good_until=math.inf
    )
    return await check.run_script(api, lab_code="LAB09", tag="CONF", now=now, done=lambda _: None)


def pem_of(key: Any) -> str:
    """Return a private key as a laboratory keeps it."""
    raw: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return raw.decode()


async def goes_on(system: System, path: str, account: Account, *, now: datetime) -> None:
    """Post as a released laboratory that signs, and let another key take over from the first."""
    signed = await token(system, data=proof(account, TOKEN_URL))
    lis = await bearer(system, "results-ingest", signed)
    row = {
        "health_code_id": "HC-FIRST",
        "outcome": "negative",
        "tested_at": now.isoformat(timespec="seconds"),
    }
    assert (await lis.post("/v1/batches", json={"batch_no": "B-1", "results": [row]})).status_code == 202
    own = await bearer(system, "registry", await token(system, data=proof(account, TOKEN_URL)))
    second = await ok(own.post(f"{path}/keys", json=public_jwk(new_key())))
    assert (await own.delete(f"{path}/keys/{account.kid}")).status_code == 204
    live = [one["kid"] for one in (await ok(own.get(f"{path}/keys")))["keys"] if one["retired_at"] is None]
    assert live == [second["kid"]]


@pytest.mark.requirement(60)
async def test_a_laboratory_registers_its_key_runs_the_check_and_is_released_on_its_report(
    system: System,
) -> None:
    now = datetime.now(UTC).astimezone(SHANGHAI)
    admin = await system.client("registry", scopes=["admin"])
    intake = await system.client("results-ingest", scopes=["admin"])
    await ok(intake.post("/v1/labs", json={"lab_code": "LAB09", "name": "新接入检测机构"}))
    body = {"name": "LAB09 LIS", "kind": "system", "scopes": ["onboarding"], "lab_code": "LAB09"}
    made = await ok(admin.post("/v1/clients", json=body))
    path, basic = f"/v1/clients/{made['client_id']}", (made["client_id"], made["client_secret"])
    both = await admin.post("/v1/clients", json=body | {"scopes": ["onboarding", "results:write"]})
    assert [each["code"] for each in both.json()["errors"]] == ["onboarding_alone"]

    lab = await bearer(system, "registry", await token(system, auth=basic))
    early = await bearer(system, "results-ingest", await token(system, auth=basic))
    assert (await early.post("/v1/batches", json={})).status_code == 403, "nothing of it is taken yet"
    around = await admin.patch(path, json={"scopes": ["results:write"]})
    assert [each["code"] for each in around.json()["errors"]] == ["release_needed"]
    key = new_key()
    registered = await ok(lab.post(f"{path}/keys", json=public_jwk(key)))
    other = await ok(admin.post("/v1/clients", json=body))
    assert (
        await lab.post(f"/v1/clients/{other['client_id']}/keys", json=public_jwk(new_key()))
    ).status_code == 404

    report = await checked(system, now=now)
    broken = report | {"run": "CONF-2", "cases": [dict(case) for case in report["cases"]]}
    step = broken["cases"][0]["steps"][0]
    broken["cases"][0] = broken["cases"][0] | {"steps": [step | {"got": step["got"] | {"status": 500}}]}
    failed = await ok(lab.post("/v1/conformance-reports", json=broken))
    assert failed["passed"] is False, "judged by its cases, not by what it says"
    passed = await ok(lab.post("/v1/conformance-reports", json=report))
    again = await lab.post("/v1/conformance-reports", json=report)
    assert (passed["passed"], again.status_code, again.json()) == (True, 200, passed)
    changed = report | {"cases": report["cases"][:1]}
    assert (await lab.post("/v1/conformance-reports", json=changed)).status_code == 409
    seen = (await ok(admin.get("/v1/conformance-reports", params={"client_id": made["client_id"]})))[
        "reports"
    ]
    assert [one["run"] for one in seen] == ["CONF", "CONF-2"]
    foreign = await bearer(
        system, "registry", await token(system, auth=(other["client_id"], other["client_secret"]))
    )
    assert (await ok(foreign.get("/v1/conformance-reports")))["reports"] == []

    refused = await admin.post(f"{path}/release", json={"report_id": failed["report_id"]})
    assert [each["code"] for each in refused.json()["errors"]] == ["report_not_passed"]
    unknown = await admin.post(
        f"/v1/clients/{other['client_id']}/release", json={"report_id": passed["report_id"]}
    )
    assert [each["code"] for each in unknown.json()["errors"]] == ["report_unknown"]
    released = await ok(admin.post(f"{path}/release", json={"report_id": passed["report_id"]}))
    assert (released["scopes"], released["secret_refused"]) == (["results:write"], True)
    assert (await admin.post(f"{path}/release", json={"report_id": passed["report_id"]})).status_code == 409
    assert (await token(system, auth=basic)).status_code == 401, "the secret went through other hands"

    await goes_on(system, path, Account(made["client_id"], "", pem_of(key), registered["kid"]), now=now)
    written = await system.owner.fetch(
        "SELECT action FROM registry.audit WHERE subject = $1", made["client_id"]
    )
    assert {"client.create", "conformance.report", "client.release"} <= {each["action"] for each in written}
