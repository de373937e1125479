"""The token endpoint and the administration of clients, over HTTP (contract §2)."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
from sqlalchemy import text

from registry.identity import proofs, rules, signing
from shared.security.principal import SCOPES
from tests.registry.identity.conftest import Registry


async def test_a_client_exchanges_its_secret_for_a_token_as_the_contract_says(registry: Registry) -> None:
    answer = await registry.ask(*await registry.make(scopes=["status:read"]))
    assert answer.status_code == 200
    token = answer.json()
    assert token.pop("access_token").count(".") == 2
    assert token == {"token_type": "Bearer", "expires_in": 600, "scope": "status:read"}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_secret_may_also_come_in_the_form(registry: Registry) -> None:
    client_id, secret = await registry.make(scopes=["status:read"])
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert (await registry.http.post("/v1/oauth/token", data=form)).status_code == 200


async def test_a_token_says_lab_area_kind_and_name(registry: Registry) -> None:
    await registry.add_area("T01", "township")
    client_id, secret = await registry.make(
        name="王五", kind="person", scopes=["cases:respond"], area_code="T01"
    )
    token = (await registry.ask(client_id, secret)).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 600
    shown = {name: claims[name] for name in ("sub", "name", "kind", "area", "area_level", "scope")}
    assert shown == {
        "sub": client_id,
        "name": "王五",
        "kind": "person",
        "area": "T01",
        "area_level": "township",
        "scope": "cases:respond",
    }


async def test_a_part_of_the_scopes_may_be_asked_for(registry: Registry) -> None:
    client = await registry.make(scopes=["records:read", "reviews:write"])
    assert (await registry.ask(*client, scope="reviews:write")).json()["scope"] == "reviews:write"
    assert (await registry.ask(*client, scope="")).json()["scope"] == "records:read reviews:write"
    refused = await registry.ask(*client, scope="reviews:write audit:read")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_scope")


async def test_an_administrator_may_ask_for_any_scope_but_not_an_invented_one(registry: Registry) -> None:
    client = await registry.make(scopes=["admin"])
    assert (await registry.ask(*client, scope="records:read")).json()["scope"] == "records:read"
    assert (await registry.ask(*client, scope="records:invent")).json()["code"] == "invalid_scope"


@pytest.mark.parametrize(
    ("client_id", "secret"), [("nobody", "x"), ("", ""), ("a\x00b", "x"), ("甲", "x"), ("x" * 65, "x")]
)
async def test_an_unknown_client_is_refused(registry: Registry, client_id: str, secret: str) -> None:
    answer = await registry.ask(client_id, secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_wrong_secret_is_refused_and_not_repeated(registry: Registry) -> None:
    client_id, _ = await registry.make(scopes=["status:read"])
    answer = await registry.ask(client_id, "not-the-secret")
    assert answer.status_code == 401
    assert "not-the-secret" not in answer.text


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        ("grant_type=password", "application/x-www-form-urlencoded", 400, "unsupported_grant_type"),
        ("", "application/x-www-form-urlencoded", 400, "invalid_request"),
        (
            "grant_type=client_credentials&grant_type=x",
            "application/x-www-form-urlencoded",
            400,
            "invalid_request",
        ),
        ("grant_type=%ff", "application/x-www-form-urlencoded", 400, "invalid_request"),
        ('{"grant_type":"client_credentials"}', "application/json", 415, "unsupported_media_type"),
        ("a" * 20_000, "application/x-www-form-urlencoded", 413, "body_too_large"),
    ],
)
async def test_a_malformed_request_is_refused_with_a_code(
    registry: Registry, content: str, media_type: str, status: int, code: str
) -> None:
    client = await registry.make(scopes=["status:read"])
    answer = await registry.http.post(
        "/v1/oauth/token", content=content, headers={"content-type": media_type}, auth=client
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode(), "Bearer x"]
)
async def test_a_malformed_basic_header_is_an_invalid_client(registry: Registry, header: str) -> None:
    answer = await registry.http.post(
        "/v1/oauth/token", data={"grant_type": "client_credentials"}, headers={"authorization": header}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")


async def test_a_secret_is_shown_once_and_stored_only_as_a_digest(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    made = await registry.http.post(
        "/v1/clients", headers=admin, json={"name": "平台", "kind": "system", "scopes": ["status:read"]}
    )
    assert made.status_code == 201
    client_id, secret = made.json()["client_id"], made.json()["client_secret"]
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    read = await registry.http.get(f"/v1/clients/{client_id}", headers=admin)
    assert secret not in read.text + (await registry.http.get("/v1/clients", headers=admin)).text
    async with registry.context.db.transaction() as session:
        kept = (await session.execute(text("SELECT * FROM registry.client_secret"))).mappings().all()
        names = (await session.execute(text("SELECT * FROM registry.client"))).mappings().all()
    assert proofs.digest_of(secret) in [bytes(row["digest"]) for row in kept]
    assert secret not in str([dict(row) for row in kept])
    assert "平台".encode() not in b"".join(bytes(row["sealed_name"]) for row in names)


async def test_two_secrets_may_overlap_and_a_third_ends_the_first(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, first = await registry.make(scopes=["status:read"])
    second = (await registry.http.post(f"/v1/clients/{client_id}/secret", headers=admin)).json()[
        "client_secret"
    ]
    assert [(await registry.ask(client_id, each)).status_code for each in (first, second)] == [200, 200]
    third = (await registry.http.post(f"/v1/clients/{client_id}/secret", headers=admin)).json()[
        "client_secret"
    ]
    answers = [(await registry.ask(client_id, each)).status_code for each in (first, second, third)]
    assert answers == [401, 200, 200]


async def test_without_an_overlap_the_old_secret_ends_at_once(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, old = await registry.make(scopes=["status:read"])
    answer = await registry.http.post(f"/v1/clients/{client_id}/secret?overlap_seconds=0", headers=admin)
    assert answer.status_code == 201
    assert (await registry.ask(client_id, old)).status_code == 401


async def test_a_disabled_client_gets_no_token_until_it_is_enabled_again(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, secret = await registry.make(scopes=["status:read"])
    assert (await registry.http.delete(f"/v1/clients/{client_id}", headers=admin)).status_code == 204
    assert (await registry.ask(client_id, secret)).status_code == 401
    changed = await registry.http.patch(f"/v1/clients/{client_id}", headers=admin, json={"disabled": False})
    assert (changed.status_code, changed.json()["disabled"]) == (200, False)
    assert (await registry.ask(client_id, secret)).status_code == 200


async def test_a_client_s_scopes_name_and_lab_can_change(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, secret = await registry.make(scopes=["status:read"])
    url = f"/v1/clients/{client_id}"
    refused = await registry.http.patch(url, headers=admin, json={"scopes": ["results:write"]})
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [
        ("lab_code", "lab_code_required")
    ]
    changed = await registry.http.patch(
        url, headers=admin, json={"name": "乙", "scopes": ["results:write"], "lab_code": "LAB09"}
    )
    assert changed.json() | {"name": "乙", "lab_code": "LAB09", "scopes": ["results:write"]} == changed.json()
    assert (await registry.ask(client_id, secret)).json()["scope"] == "results:write"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"scopes": ["results:write"]}, "lab_code", "lab_code_required"),
        ({"scopes": ["cases:respond"]}, "area_code", "area_code_required"),
        ({"scopes": ["venue:report"]}, "area_code", "area_code_required"),
        ({"scopes": ["cases:respond"], "area_code": "NOWHERE"}, "area_code", "area_unknown"),
        ({"scopes": ["everything"]}, "scopes.0", "not_allowed"),
        ({"scopes": []}, "scopes", "too_short"),
        ({"scopes": ["status:read"], "secret": "x"}, "secret", "unknown_field"),
        ({"scopes": ["status:read"], "kind": "robot"}, "kind", "not_allowed"),
        ({"scopes": ["status:read"], "lab_code": "实验室"}, "lab_code", "bad_format"),
    ],
)
async def test_a_client_that_may_not_be_is_refused(
    registry: Registry, body: dict[str, object], field: str, code: str
) -> None:
    admin = await registry.bearer(scopes=["admin"])
    answer = await registry.http.post(
        "/v1/clients", headers=admin, json={"name": "甲", "kind": "system", **body}
    )
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


async def test_an_administrator_of_a_township_makes_and_sees_only_clients_of_it(registry: Registry) -> None:
    for code in ("T01", "T02"):
        await registry.add_area(code, "township")
    limited = await registry.bearer(scopes=["admin"], area_code="T01")
    outside, _ = await registry.make(scopes=["cases:respond"], area_code="T02")
    new = {"name": "甲", "kind": "person", "scopes": ["cases:respond"]}

    async def post(**more: str) -> int:
        answer = await registry.http.post("/v1/clients", headers=limited, json={**new, **more})
        return answer.status_code

    assert await post(area_code="T01") == 201
    assert await post(area_code="T02") == 422
    assert (await registry.http.get(f"/v1/clients/{outside}", headers=limited)).status_code == 404
    assert (await registry.http.post(f"/v1/clients/{outside}/secret", headers=limited)).status_code == 404
    assert (await registry.http.delete(f"/v1/clients/{outside}", headers=limited)).status_code == 404
    listed = (await registry.http.get("/v1/clients", headers=limited)).json()["clients"]
    assert {each["area_code"] for each in listed} == {"T01"}


async def test_a_limited_administrator_cannot_lift_its_own_limit(registry: Registry) -> None:
    await registry.add_area("T01", "township")
    limited = await registry.bearer(scopes=["admin"], area_code="T01")
    me = (await registry.http.get("/v1/clients", headers=limited)).json()["clients"][0]["client_id"]
    answer = await registry.http.patch(f"/v1/clients/{me}", headers=limited, json={"area_code": None})
    assert answer.status_code == 422


async def test_clients_are_listed_page_by_page(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    made = {(await registry.make(scopes=["status:read"]))[0] for _ in range(5)}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await registry.http.get("/v1/clients", headers=admin, params=query)).json()
        seen += [each["client_id"] for each in page["clients"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == sorted(seen)
    assert made <= set(seen)
    assert len(seen) == len(made) + 1


@pytest.mark.parametrize(
    "cursor", ["x", "e30", base64.urlsafe_b64encode(json.dumps({"after": "\ud800"}).encode()).decode()]
)
async def test_a_cursor_that_is_not_ours_is_refused(registry: Registry, cursor: str) -> None:
    admin = await registry.bearer(scopes=["admin"])
    answer = await registry.http.get("/v1/clients", headers=admin, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize(
    "scope", sorted(set(SCOPES) - {"admin", "results:write", "onboarding", "cases:respond", "venue:report"})
)
async def test_only_administrators_manage_clients(registry: Registry, scope: str) -> None:
    other = await registry.bearer(scopes=[scope])
    assert (await registry.http.get("/v1/clients", headers=other)).status_code == 403


async def test_keys_are_published_without_a_token_and_without_their_private_part(registry: Registry) -> None:
    answer = await registry.http.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["cache-control"]
    [key] = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert key["kid"] == rules.thumbprint(key)


async def test_processes_that_start_together_make_one_signing_key(registry: Registry) -> None:
    async def keys() -> httpx.Response:
        return await registry.http.get("/.well-known/jwks.json")

    answers = await asyncio.gather(*(keys() for _ in range(8)))
    assert len({answer.json()["keys"][0]["kid"] for answer in answers}) == 1
    assert all(len(answer.json()["keys"]) == 1 for answer in answers)


async def test_a_private_signing_key_lies_sealed(registry: Registry) -> None:
    await registry.bearer(scopes=["status:read"])
    async with registry.context.db.transaction() as session:
        row = (await session.execute(text("SELECT sealed_private FROM registry.signing_key"))).one()
    plain = registry.context.sealer.open(row[0], context=signing.SEALED_AS)
    assert plain not in bytes(row[0])


async def test_a_new_signing_key_takes_over_while_the_old_one_stays_published(registry: Registry) -> None:
    now = datetime.now(UTC)
    old = await registry.bearer(scopes=["admin"])
    async with registry.context.db.transaction() as session:
        kid = await signing.rotate(session, registry.context, now=now)
    published = (await registry.http.get("/.well-known/jwks.json")).json()["keys"]
    assert kid in {key["kid"] for key in published}
    assert len(published) == 2
    assert (await registry.http.get("/v1/clients", headers=old)).status_code == 200
    async with registry.context.db.transaction() as session:
        before = await signing.current_key(session, registry.context, now=now + timedelta(minutes=1))
        after = await signing.current_key(session, registry.context, now=now + timedelta(minutes=11))
        later = await signing.published(session, registry.context, now=now + timedelta(minutes=30))
    assert before.kid != kid
    assert after.kid == kid
    assert [key["kid"] for key in later["keys"]] == [kid]


async def test_after_a_leak_the_old_key_ends_at_once(registry: Registry) -> None:
    old = await registry.bearer(scopes=["admin"])
    async with registry.context.db.transaction() as session:
        await signing.rotate(session, registry.context, now=datetime.now(UTC), at_once=True)
    assert (await registry.http.get("/v1/clients", headers=old)).status_code == 401
