"""The public keys of clients: which are taken, who may take them, and what is kept of it (contract §2)."""

import base64
from typing import Any

from sqlalchemy import text

from registry.identity.rules import MOST_LIVE_KEYS, thumbprint
from tests.registry.identity.conftest import Registry
from tests.registry.identity.signing_clients import new_key, public_jwk


def number(value: int, length: int | None = None) -> str:
    """Return a number as a JWK holds it."""
    raw = value.to_bytes(length or (value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


EC = public_jwk(new_key("ES256"))
RSA = public_jwk(new_key("RS256"))
ED = public_jwk(new_key("EdDSA"))
PRIVATE: dict[str, Any] = {**EC, "d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
REFUSED: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("a private key", PRIVATE, None, "key_is_private"),
    ("a shared secret", {"kty": "oct", "k": "c2VjcmV0"}, None, "key_is_private"),
    ("a key of no known type", {"kty": "oct"}, "kty", "not_allowed"),
    ("RSA of 2047 bits", {**RSA, "n": number(2**2046 + 1)}, "n", "out_of_range"),
    ("RSA of 8192 bits", {**RSA, "n": number(2**8191 + 1)}, "n", "too_long"),
    ("RSA of 4097 bits", {**RSA, "n": number(2**4096 + 1)}, "n", "out_of_range"),
    ("an even modulus", {**RSA, "n": number(2**2047)}, "n", "out_of_range"),
    ("an exponent of one", {**RSA, "e": "AQ"}, "e", "out_of_range"),
    ("an exponent without end", {**RSA, "e": number(2**2000 + 1)}, "e", "out_of_range"),
    ("a point off the curve", {**EC, "x": number(1, 32)}, None, "key_invalid"),
    ("a short coordinate", {**EC, "x": number(1)}, "x", "bad_format"),
    ("another curve", {**EC, "crv": "P-384"}, "crv", "not_allowed"),
    ("the other type's curve", {**EC, "crv": "Ed25519"}, "crv", "not_allowed"),
    ("no coordinate", {"kty": "EC", "crv": "P-256", "x": EC["x"]}, "y", "field_required"),
    ("members of another type", {**EC, "e": "AQAB"}, "e", "unknown_field"),
    ("an algorithm of another type", {**EC, "alg": "RS256"}, "alg", "not_allowed"),
    ("an algorithm with a shared secret", {**RSA, "alg": "HS256"}, "alg", "not_allowed"),
    ("a key for sealing", {**RSA, "use": "enc"}, "use", "not_allowed"),
    ("a path as its id", {**EC, "kid": "../../etc/passwd"}, "kid", "bad_format"),
    ("an address to fetch it from", {**EC, "x5u": "https://elsewhere.example"}, "x5u", "unknown_field"),
    ("padding", {**ED, "x": ED["x"] + "="}, "x", "bad_format"),
    ("another alphabet", {**ED, "x": "+" * 43}, "x", "bad_format"),
    ("a short Ed25519 key", {**ED, "x": "AAAA"}, "x", "bad_format"),
]


async def test_a_key_that_cannot_serve_is_refused_without_repeating_it(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, _ = await registry.make(scopes=["status:read"])
    url = f"/v1/clients/{client_id}/keys"
    for kind, jwk, field, code in REFUSED:
        answer = await registry.http.post(url, headers=admin, json=jwk)
        assert answer.status_code == 422, kind
        assert (field, code) in [(e["field"], e["code"]) for e in answer.json()["errors"]], (
            kind,
            answer.text,
        )
        assert all(value not in answer.text for value in jwk.values() if len(str(value)) > 20), kind
    assert (await registry.http.get(url, headers=admin)).json() == {"keys": [], "next_cursor": None}


async def test_keys_are_added_listed_and_retired_and_each_step_is_recorded(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, _ = await registry.make(scopes=["status:read"])
    url = f"/v1/clients/{client_id}/keys"
    browser = {**EC, "ext": True, "key_ops": ["verify"]}
    for jwk, kid, algorithms in (
        (browser, thumbprint(EC), ["ES256"]),
        ({**RSA, "kid": "rsa-1", "use": "sig"}, "rsa-1", ["RS256", "PS256"]),
        ({**ED, "kid": "ed-1", "alg": "EdDSA"}, "ed-1", ["EdDSA"]),
    ):
        answer = await registry.http.post(url, headers=admin, json=jwk)
        assert answer.status_code == 201, answer.text
        key = answer.json()
        assert (key["kid"], key["algorithms"], key["retired_at"]) == (kid, algorithms, None)
        assert answer.headers["location"] == f"{url}/{kid}"
        again = await registry.http.post(url, headers=admin, json=jwk)
        assert (again.status_code, again.json()) == (200, key)
    assert (await registry.http.delete(f"{url}/rsa-1", headers=admin)).status_code == 204
    assert (await registry.http.delete(f"{url}/rsa-1", headers=admin)).status_code == 204
    assert (await registry.http.delete(f"{url}/nothing", headers=admin)).status_code == 404
    first = (await registry.http.get(url, headers=admin, params={"limit": 2})).json()
    rest = await registry.http.get(url, headers=admin, params={"cursor": first["next_cursor"]})
    listed = [*first["keys"], *rest.json()["keys"]]
    assert {each["kid"]: each["retired_at"] is not None for each in listed} == {
        thumbprint(EC): False,
        "rsa-1": True,
        "ed-1": False,
    }
    async with registry.context.db.transaction() as session:
        rows = await session.execute(
            text("SELECT action, purpose FROM registry.audit WHERE subject = :id ORDER BY audit_id"),
            {"id": client_id},
        )
        assert [tuple(row) for row in rows] == [
            ("client.key.added", thumbprint(EC)),
            ("client.key.added", thumbprint(RSA)),
            ("client.key.added", thumbprint(ED)),
            ("client.key.retired", thumbprint(RSA)),
        ]


async def test_an_id_or_a_key_is_taken_once_also_after_it_was_retired(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, _ = await registry.make(scopes=["status:read"])
    url = f"/v1/clients/{client_id}/keys"

    async def post(jwk: dict[str, Any]) -> tuple[int, str | None]:
        answer = await registry.http.post(url, headers=admin, json=jwk)
        return answer.status_code, answer.json().get("code")

    assert await post({**EC, "kid": "k"}) == (201, None)
    assert await post({**ED, "kid": "k"}) == (409, "key_exists")
    assert await post({**EC, "kid": "other"}) == (409, "key_exists")
    await registry.http.delete(f"{url}/k", headers=admin)
    assert await post({**EC, "kid": "k"}) == (409, "key_exists")
    for _ in range(MOST_LIVE_KEYS):
        assert await post(public_jwk(new_key())) == (201, None)
    assert await post(public_jwk(new_key())) == (409, "too_many_keys")


async def test_only_an_administrator_of_the_client_s_area_manages_its_keys(registry: Registry) -> None:
    await registry.add_area("T01", "township")
    await registry.add_area("T02", "township")
    client_id, _ = await registry.make(scopes=["cases:respond"], area_code="T02")
    other, _ = await registry.make(scopes=["status:read"])
    inside = await registry.bearer(scopes=["admin"], area_code="T02")
    outside = await registry.bearer(scopes=["admin"], area_code="T01")
    reader = await registry.bearer(scopes=["records:read"])
    url = f"/v1/clients/{client_id}/keys"
    assert (await registry.http.post(url, headers=inside, json={**EC, "kid": "k"})).status_code == 201
    assert (await registry.http.post(f"/v1/clients/{other}/keys", headers=inside, json=EC)).status_code == 404
    for headers, status in ((outside, 404), (reader, 403), ({}, 401)):
        assert (await registry.http.post(url, headers=headers, json=ED)).status_code == status
        assert (await registry.http.get(url, headers=headers)).status_code == status
        assert (await registry.http.delete(f"{url}/k", headers=headers)).status_code == status
