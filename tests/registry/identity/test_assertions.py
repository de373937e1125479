"""`private_key_jwt` at the token endpoint: what proves a client, and that nothing else does (RFC 7523)."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from redis.asyncio import Redis
from sqlalchemy import text

from registry.identity import proofs
from registry.identity.rules import LONGEST_ASSERTION_LIFE
from registry.settings import RegistrySettings
from shared.logging import configure_logging
from tests.registry.identity.conftest import PROXY, Registry
from tests.registry.identity.signing_clients import (
    ABSENT,
    GRANT,
    RSA_KEY,
    TOKEN_URL,
    TYPE,
    Signer,
    assertion,
    new_key,
    new_signer,
    public_jwk,
    register,
)


@pytest.fixture
async def signer(registry: Registry) -> Signer:
    return await new_signer(registry)


def refused(answer: httpx.Response) -> bool:
    """Say whether the client did not prove itself, and was told nothing but that."""
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["www-authenticate"].startswith("Basic")
    return (answer.status_code, answer.json()["code"]) == (401, "invalid_client")


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA"])
async def test_a_client_gets_a_token_for_what_it_has_signed(registry: Registry, algorithm: str) -> None:
    signer = await new_signer(registry, algorithm)
    answer = await signer.ask(signer.sign(algorithm=algorithm))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.pop("access_token").count(".") == 2
    assert body == {"token_type": "Bearer", "expires_in": 600, "scope": "status:read"}
    assert answer.headers["cache-control"] == "no-store"


async def test_it_may_be_made_out_to_the_issuer_or_to_an_address_of_the_endpoint(signer: Signer) -> None:
    for audience in (TOKEN_URL, "yingjian", [TOKEN_URL], "http://127.0.0.1:8002/v1/oauth/token", PROXY):
        assert (await signer.ask(signer.sign(aud=audience))).status_code == 200, audience


async def test_the_client_id_may_be_named_beside_it(signer: Signer) -> None:
    assert (await signer.ask(client_id=signer.client_id)).status_code == 200
    assert refused(await signer.ask(client_id="somebody-else"))


async def test_a_single_key_need_not_be_named_but_one_of_two_must_be(
    registry: Registry, signer: Signer
) -> None:
    assert (await signer.ask(assertion(signer.client_id, signer.key))).status_code == 200
    second = new_key()
    assert (await register(registry, signer.client_id, public_jwk(second, kid="k2"))).status_code == 201
    assert refused(await signer.ask(assertion(signer.client_id, signer.key)))
    assert (await signer.ask()).status_code == 200
    assert (await signer.ask(assertion(signer.client_id, second, header_kid="k2"))).status_code == 200


def seconds(**ahead: float) -> Callable[[], dict[str, float]]:
    """Return claims of time, so many seconds from when the test runs."""
    return lambda: {name: int(time.time()) + by for name, by in ahead.items()}


async def test_times_within_the_limits_are_good(signer: Signer) -> None:
    for claims in (seconds(exp=300), seconds(exp=2), seconds(iat=3), seconds(nbf=3)):
        assert (await signer.ask(signer.sign(**claims()))).status_code == 200, claims()


WRONG_CLAIMS: dict[str, Callable[[], dict[str, Any]]] = {
    "expired": seconds(exp=-30),
    "lives too long": seconds(exp=LONGEST_ASSERTION_LIFE + 30),
    "lives for ever": lambda: {"exp": 10**30},
    "expires as text": lambda: {"exp": str(int(time.time()) + 60)},
    "expires as truth": lambda: {"exp": True},
    "expires at no number": lambda: {"exp": float("nan")},
    "without expiry": lambda: {"exp": ABSENT},
    "issued in the future": seconds(iat=60),
    "issued at a text": lambda: {"iat": "now"},
    "not yet valid": seconds(nbf=60),
    "made out elsewhere": lambda: {"aud": "https://elsewhere.example/token"},
    "made out to us and another": lambda: {"aud": [TOKEN_URL, "https://elsewhere.example/token"]},
    "made out to nobody": lambda: {"aud": ABSENT},
    "made out to a list of lists": lambda: {"aud": [[TOKEN_URL]]},
    "for another subject": lambda: {"sub": "admin"},
    "without subject": lambda: {"sub": ABSENT},
    "without issuer": lambda: {"iss": ABSENT},
    "issuer is no text": lambda: {"iss": ["x"], "sub": ["x"]},
    "without id": lambda: {"jti": ABSENT},
    "id is empty": lambda: {"jti": ""},
    "id is no text": lambda: {"jti": 7},
    "id is too long": lambda: {"jti": "x" * 257},
    "named after another client": lambda: {"iss": "lab01", "sub": "lab01"},
    "path in its key id": lambda: {"header_kid": "../../../../dev/null"},
    "unknown key id": lambda: {"header_kid": "unknown"},
    "the type of an access token": lambda: {"header_typ": "at+jwt"},
    "critical extension": lambda: {"header_crit": ["exp"]},
}


async def test_an_assertion_with_a_wrong_part_proves_nothing(signer: Signer) -> None:
    for kind, changed in WRONG_CLAIMS.items():
        assert refused(await signer.ask(signer.sign(**changed()))), kind
    assert len(WRONG_CLAIMS) == 27


async def test_a_signature_by_another_key_proves_nothing(registry: Registry, signer: Signer) -> None:
    other = await new_signer(registry)
    wrong = assertion(signer.client_id, other.key, header_kid=signer.kid)
    assert refused(await signer.ask(wrong))
    wrong = assertion(signer.client_id, other.key, header_kid=other.kid)
    assert refused(await signer.ask(wrong))
    wrong = assertion(signer.client_id, other.key, header_kid=signer.kid, header_jwk=public_jwk(other.key))
    assert refused(await signer.ask(wrong))
    good = signer.sign().split(".")
    assert refused(await signer.ask(f"{good[0]}.{good[1]}."))
    assert refused(await signer.ask(".".join((good[0], other.sign().split(".")[1], good[2]))))


async def test_the_algorithm_is_the_registered_key_s_and_no_other(registry: Registry) -> None:
    signer = await new_signer(registry, "PS256", alg="PS256")
    assert (await signer.ask(signer.sign(algorithm="PS256"))).status_code == 200
    assert refused(await signer.ask(signer.sign(algorithm="RS256")))
    assert refused(await signer.ask(signer.sign(algorithm="RS512")))
    assert refused(
        await signer.ask(assertion(signer.client_id, None, algorithm="none", header_kid=signer.kid))
    )
    public = RSA_KEY.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ):
        forged = hmac_signed(signer, secret)
        assert refused(await signer.ask(forged))


def hmac_signed(signer: Signer, secret: bytes) -> str:
    """Return an assertion whose HMAC key is the client's public key, which libraries refuse to make."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = part(json.dumps({"alg": "HS256", "kid": signer.kid}).encode())
    body = signer.sign(algorithm="PS256").split(".")[1]
    return f"{head}.{body}.{part(hmac.digest(secret, f'{head}.{body}'.encode(), hashlib.sha256))}"


async def test_garbage_proves_nothing(signer: Signer) -> None:
    head = signer.sign().split(".")[0]
    for garbage in ("x", "a.b.c", "e30.e30.", "..", "é.e30.e30", f"{head}.{'W' * 5000}.x", "x" * 9000):
        assert refused(await signer.ask(garbage)), garbage[:20]


async def test_one_assertion_is_good_for_one_token(signer: Signer) -> None:
    once = signer.sign()
    assert (await signer.ask(once)).status_code == 200
    assert refused(await signer.ask(once))
    again = signer.sign(jti="the-same-id")
    assert (await signer.ask(again)).status_code == 200
    assert refused(await signer.ask(signer.sign(jti="the-same-id")))


async def test_two_clients_may_choose_the_same_id(registry: Registry, signer: Signer) -> None:
    other = await new_signer(registry)
    assert (await signer.ask(signer.sign(jti="1"))).status_code == 200
    assert (await other.ask(other.sign(jti="1"))).status_code == 200


async def test_of_many_who_come_with_it_at_once_exactly_one_wins(signer: Signer) -> None:
    for _ in range(5):
        once = signer.sign()
        answers = await asyncio.gather(*(signer.ask(once) for _ in range(12)))
        assert sorted(each.status_code for each in answers) == [200] + [401] * 11


async def test_a_spent_assertion_stays_spent_without_redis_and_after_a_restart(
    settings: RegistrySettings, registry: Registry, signer: Signer
) -> None:
    once = signer.sign()
    assert (await signer.ask(once)).status_code == 200
    redis = Redis.from_url(settings.redis_url)
    await redis.flushdb()
    await redis.aclose()
    await registry.context.db.close()  # as after a restart: nothing is left in this process
    assert refused(await signer.ask(once))


async def test_an_assertion_that_is_refused_for_its_scope_is_not_spent_on_nothing(signer: Signer) -> None:
    once = signer.sign()
    answer = await signer.ask(once, scope="admin")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_scope")
    assert (await signer.ask(once)).status_code == 200


async def test_spent_ids_are_forgotten_after_their_time_and_not_before(
    registry: Registry, signer: Signer
) -> None:
    used, live = signer.sign(), signer.sign()
    for each in (used, live):
        assert (await signer.ask(each)).status_code == 200

    async def left() -> int:
        async with registry.context.db.transaction() as session:
            while await proofs.forget_spent(session, registry.context):
                pass
            return int(
                (await session.execute(text("SELECT count(*) FROM registry.spent_assertion"))).scalar_one()
            )

    assert await left() == 2
    async with registry.context.db.transaction() as session:
        await session.execute(
            text("""
                UPDATE registry.spent_assertion SET expires_at = now() - interval '1 second'
                WHERE ctid = (SELECT ctid FROM registry.spent_assertion LIMIT 1)
            """)
        )
    assert await left() == 1


@pytest.mark.parametrize(
    ("form", "basic", "status", "code"),
    [
        ({}, True, 400, "invalid_request"),
        ({"client_secret": "x"}, False, 400, "invalid_request"),
        ({"client_assertion_type": ""}, False, 400, "invalid_request"),
        ({"client_assertion": ""}, False, 400, "invalid_request"),
        ({"client_assertion_type": "urn:ietf:params:oauth:x"}, False, 401, "invalid_client"),
        ({"grant_type": "password"}, False, 400, "unsupported_grant_type"),
    ],
)
async def test_one_request_proves_itself_in_one_way(
    registry: Registry, signer: Signer, form: dict[str, str], *, basic: bool, status: int, code: str
) -> None:
    proof = {"client_assertion_type": TYPE, "client_assertion": signer.sign()}
    data = {name: value for name, value in {**GRANT, **proof, **form}.items() if value}
    auth = (signer.client_id, signer.secret) if basic else httpx.USE_CLIENT_DEFAULT
    answer = await registry.http.post("/v1/oauth/token", data=data, auth=auth)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_two_basic_headers_or_two_names_are_refused(registry: Registry, signer: Signer) -> None:
    basic = httpx.BasicAuth(signer.client_id, signer.secret)._auth_header
    for headers, form in (
        ([("authorization", basic), ("authorization", basic)], GRANT),
        ([("authorization", basic)], {**GRANT, "client_id": "another"}),
    ):
        answer = await registry.http.post("/v1/oauth/token", data=form, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_a_client_may_be_set_to_refuse_its_secret(registry: Registry, signer: Signer) -> None:
    admin = await registry.bearer(scopes=["admin"])
    url = f"/v1/clients/{signer.client_id}"
    assert (await registry.ask(signer.client_id, signer.secret)).status_code == 200
    changed = await registry.http.patch(url, headers=admin, json={"secret_refused": True})
    assert (changed.status_code, changed.json()["secret_refused"]) == (200, True)
    assert refused(await registry.ask(signer.client_id, signer.secret))
    assert (await signer.ask()).status_code == 200
    await registry.http.patch(url, headers=admin, json={"name": "乙"})
    assert refused(await registry.ask(signer.client_id, signer.secret))
    await registry.http.patch(url, headers=admin, json={"secret_refused": False})
    assert (await registry.ask(signer.client_id, signer.secret)).status_code == 200


async def test_a_client_without_a_key_cannot_refuse_its_secret(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    client_id, _ = await registry.make(scopes=["status:read"])
    url = f"/v1/clients/{client_id}"
    answer = await registry.http.patch(url, headers=admin, json={"secret_refused": True})
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [
        ("secret_refused", "key_required")
    ]


async def test_a_disabled_client_proves_nothing_by_signing(registry: Registry, signer: Signer) -> None:
    admin = await registry.bearer(scopes=["admin"])
    await registry.http.delete(f"/v1/clients/{signer.client_id}", headers=admin)
    assert refused(await signer.ask())


async def test_a_retired_key_signs_no_more_while_the_other_goes_on(
    registry: Registry, signer: Signer
) -> None:
    admin = await registry.bearer(scopes=["admin"])
    second = new_key()
    await register(registry, signer.client_id, public_jwk(second, kid="k2"))
    url = f"/v1/clients/{signer.client_id}/keys/{signer.kid}"
    assert (await registry.http.delete(url, headers=admin)).status_code == 204
    assert refused(await signer.ask())
    assert (await signer.ask(assertion(signer.client_id, second, header_kid="k2"))).status_code == 200


FAILURES = {
    "unknown client": ("client_unknown", "nobody", "x"),
    "wrong secret": ("secret_wrong", None, "guessed-4421"),
    "malformed": ("malformed", "110101199003070016 张三", "x"),
}


@pytest.mark.parametrize("kind", FAILURES)
async def test_failures_are_counted_and_logged_without_what_was_sent(
    capsys: pytest.CaptureFixture[str], registry: Registry, signer: Signer, kind: str
) -> None:
    reason, client_id, secret = FAILURES[kind]
    configure_logging(service="registry", level="WARNING", form="json")  # to where this test reads
    counter = proofs.REFUSED.labels(reason)
    before = counter._value.get()
    for _ in range(3):
        assert refused(await registry.ask(client_id or signer.client_id, secret))
    assert counter._value.get() == before + 3
    shown = [line for line in capsys.readouterr().out.splitlines() if "token_refused" in line]
    assert len(shown) == 3
    assert all(reason in line and secret not in line.replace(reason, "") for line in shown if len(secret) > 1)
    assert all("110101" not in line and "nobody" not in line for line in shown)
    assert all((signer.client_id in line) == (client_id is None) for line in shown)


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_secret_costs_one_comparison_for_known_and_unknown_clients_alike(
    registry: Registry, signer: Signer, *, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def counted(a: bytes, b: bytes) -> bool:
        compared.append(len(a) + len(b))
        return False

    monkeypatch.setattr(proofs, "compare_digest", counted)
    assert refused(await registry.ask(signer.client_id if known else "nobody", "guess"))
    assert compared == [64]


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_signature_costs_one_check_for_known_and_unknown_clients_alike(
    signer: Signer, *, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bool] = []
    signed = proofs._signed

    def counted(*given: Any) -> bool:
        checked.append(signed(*given))
        return checked[-1]

    monkeypatch.setattr(proofs, "_signed", counted)
    wrong = assertion(signer.client_id if known else "nobody", new_key(), header_kid=signer.kid)
    assert refused(await signer.ask(wrong))
    assert checked == [False]


@pytest.mark.parametrize("algorithm", sorted(proofs._NOBODY))
def test_nobody_s_keys_are_keys_and_sign_nothing(algorithm: str) -> None:
    made = assertion("c", new_key(algorithm), algorithm=algorithm)
    assert not proofs._signed(made, algorithm, proofs._NOBODY[algorithm])
    key = new_key(algorithm)
    assert proofs._signed(assertion("c", key, algorithm=algorithm), algorithm, public_jwk(key))
