"""What a token opens, and that a forged, foreign or expired one opens nothing (contract §2)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from jwt.algorithms import ECAlgorithm

from shared.limits.accounts import Account
from shared.security.access import Principal, needs
from shared.security.principal import SCOPES, Scope
from shared.security.tokens import (
    AUDIENCE,
    MOST_CACHED,
    SigningKey,
    TokenExpired,
    TokenVerifier,
    Verified,
    issue,
)
from shared.web.problems import add_problem_handlers

ISSUER = "yingjian"
KEY = SigningKey("k1", ec.generate_private_key(ec.SECP256R1()))
OTHER = SigningKey("k2", ec.generate_private_key(ec.SECP256R1()))


def jwk(key: SigningKey) -> dict[str, Any]:
    """Return the published part of a key."""
    public: dict[str, Any] = ECAlgorithm.to_jwk(key.private.public_key(), as_dict=True)
    return {**public, "kid": key.kid, "use": "sig", "alg": "ES256"}


def who(*scopes: str, **more: str) -> Principal:
    """Return a client with these scopes."""
    return Principal(client_id="c1", name="甲", kind="system", scopes=frozenset(scopes), **more)


def token(*scopes: str, key: SigningKey = KEY, age: int = 0, issuer: str = ISSUER) -> str:
    """Return a token as registry signs it, `age` seconds ago."""
    now = int(time.time()) - age
    return issue(who(*scopes), key=key, issuer=issuer, now=now, token_id="t1")


def encode(claims: dict[str, Any], key: Any = KEY.private, algorithm: str = "ES256", **header: Any) -> str:
    """Return a token with chosen claims and header."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "c1", "iat": now, "exp": now + 600}
    more = {"name": "甲", "kind": "system", "scope": "admin"}
    kept = {name: value for name, value in {**good, **more, **claims}.items() if value is not None}
    head = {name: value for name, value in {"kid": "k1", "typ": "at+jwt", **header}.items() if value}
    return jwt.encode(kept, key, algorithm=algorithm, headers=head)


@dataclass
class Registry:
    """The keys that registry publishes; `down` says that it does not answer."""

    keys: list[SigningKey] = field(default_factory=lambda: [KEY])
    down: bool = False
    calls: int = 0

    async def fetch(self) -> dict[str, Any]:
        self.calls += 1
        if self.down:
            raise httpx.ConnectError("down")
        return {"keys": [jwk(key) for key in self.keys]}


@dataclass
class Stub:
    """As much of a context as access needs."""

    tokens: TokenVerifier


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def verifier(registry: Registry) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, fetch=registry.fetch)


class Unlimited:
    """Lets everybody in; limits have tests of their own."""

    async def enter(self, who: Principal, kinds: object, *, spared: bool) -> tuple[Account, None]:
        """Return an account without any bucket."""
        assert kinds, "every request is counted"
        assert not spared
        return Account(who.client_id, who.client_id, {}, uploads=1), None


@pytest.fixture
async def http(verifier: TokenVerifier) -> AsyncIterator[httpx.AsyncClient]:
    """A service with one route per scope."""
    app = FastAPI()
    add_problem_handlers(app)
    app.state.context = Stub(verifier)
    app.state.limiter = Unlimited()
    for scope in SCOPES:

        async def route(who: Annotated[Principal, needs(scope)]) -> str:
            return who.client_id

        app.add_api_route(f"/{scope}", route)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        yield client


def bearer(text: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize("scope", sorted(set(SCOPES) - {"admin"}))
async def test_a_scope_opens_its_own_routes_and_no_others(http: httpx.AsyncClient, scope: str) -> None:
    answers = {path: await http.get(f"/{path}", headers=bearer(token(scope))) for path in SCOPES}
    assert {path for path, answer in answers.items() if answer.status_code == 200} == {scope}
    refused = [answer for path, answer in answers.items() if path != scope]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "forbidden")}
    assert all("insufficient_scope" in answer.headers["www-authenticate"] for answer in refused)


async def test_admin_opens_everything(http: httpx.AsyncClient) -> None:
    answers = [await http.get(f"/{path}", headers=bearer(token("admin"))) for path in SCOPES]
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer a.b.c", "Bearer \xe7"]
)
async def test_without_a_token_a_route_answers_401_and_says_bearer(
    http: httpx.AsyncClient, header: str
) -> None:
    answer = await http.get("/records:read", headers=[(b"authorization", header.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_two_tokens_in_one_request_are_refused(http: httpx.AsyncClient) -> None:
    good = f"Bearer {token('records:read')}"
    for other in (good, "Bearer x", "Basic YTpi"):
        answer = await http.get("/records:read", headers=[("authorization", good), ("authorization", other)])
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_an_expired_token_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get("/records:read", headers=bearer(token("records:read", age=700)))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_verified_token_is_refused_once_it_expires(registry: Registry) -> None:
    clock = [time.time()]
    verifier = TokenVerifier(issuer=ISSUER, fetch=registry.fetch, clock=lambda: clock[0])
    text = token("records:read")
    assert (await verifier.verify(text)).holds("records:read")
    clock[0] += 601
    with pytest.raises(TokenExpired):
        await verifier.verify(text)


def unsigned() -> str:
    """Return a token that claims to need no signature."""
    body = token("admin").split(".")[1]
    head = json.dumps({"alg": "none", "typ": "at+jwt", "kid": "k1"}).encode()
    return f"{base64.urlsafe_b64encode(head).rstrip(b'=').decode()}.{body}."


def signed_with_the_public_key() -> str:
    """Return a token whose HMAC key is our public key, as PEM."""
    pem = KEY.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(
        json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": "k1"}).encode()
    ).rstrip(b"=")
    body = token("admin").split(".")[1].encode()
    mac = base64.urlsafe_b64encode(hmac.digest(pem, head + b"." + body, hashlib.sha256)).rstrip(b"=")
    return b".".join((head, body, mac)).decode()


def tampered() -> str:
    """Return a token whose claims were changed after signing."""
    head, body, mac = token("status:read").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["scope"] = "admin"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{mac}"


FORGED: dict[str, Callable[[], str]] = {
    "alg none": unsigned,
    "HS256 with the public key": signed_with_the_public_key,
    "tampered": tampered,
    "another key under our id": lambda: encode({}, key=OTHER.private),
    "unknown key": lambda: token("admin", key=OTHER),
    "no key id": lambda: encode({}, kid=None),
    "another audience": lambda: encode({"aud": "elsewhere"}),
    "no audience": lambda: encode({"aud": None}),
    "another issuer": lambda: token("admin", issuer="elsewhere"),
    "not yet valid": lambda: encode({"nbf": int(time.time()) + 300}),
    "issued in the future": lambda: encode({"iat": int(time.time()) + 300}),
    "without expiry": lambda: encode({"exp": None}),
    "an identity token": lambda: encode({}, typ="JWT"),
    "without scope": lambda: encode({"scope": None}),
    "a list of scopes": lambda: encode({"scope": ["admin"]}),
    "an area that is no text": lambda: encode({"area": 1}),
    "too long": lambda: encode({"name": "甲" * 5000}),
}


@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_token_is_refused(http: httpx.AsyncClient, kind: str) -> None:
    text = FORGED[kind]()
    answer = await http.get("/records:read", headers=bearer(text))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert text not in answer.text


async def test_without_any_key_the_service_says_that_it_is_unavailable(
    http: httpx.AsyncClient, registry: Registry
) -> None:
    registry.down = True
    answer = await http.get("/records:read", headers=bearer(token("records:read")))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]


async def test_a_token_s_signature_is_checked_once(registry: Registry, verifier: TokenVerifier) -> None:
    text = token("status:read")
    assert await verifier.verify(text) is await verifier.verify(text)
    assert registry.calls == 1


async def test_remembered_tokens_do_not_grow_without_bound(verifier: TokenVerifier) -> None:
    verifier._verified = {bytes([n % 256, n // 256]): Verified(0.0, "k1", who()) for n in range(MOST_CACHED)}
    await verifier.verify(token("status:read"))
    assert len(verifier._verified) == 1


def test_a_township_sees_its_own_and_no_other() -> None:
    seen = who("cases:respond", area_code="T01", area_level="township")
    assert (seen.township, seen.department) == ("T01", None)
    assert seen.sees(township_code="T01", department_code="D09")
    assert not seen.sees(township_code="T02", department_code="T01")
    assert not seen.sees()


def test_a_department_sees_its_own_and_no_other() -> None:
    seen = who("cases:respond", area_code="D01", area_level="department")
    assert (seen.township, seen.department) == (None, "D01")
    assert seen.sees(township_code="T01", department_code="D01")
    assert not seen.sees(township_code="D01", department_code=None)


@pytest.mark.parametrize("area", [{}, {"area_code": "QX", "area_level": "district"}])
def test_the_district_and_whoever_has_no_area_see_everything(area: dict[str, str]) -> None:
    assert who("records:read", **area).sees(township_code="T01", department_code=None)


def test_scopes_are_named_once() -> None:
    assert set(get_args(Scope)) == set(SCOPES)
    with pytest.raises(ValueError, match="not a scope"):
        needs("records:write")
