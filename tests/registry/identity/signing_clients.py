"""Clients that sign: their keys, and assertions with any part made wrong (RFC 7523)."""

import json
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.registry.identity.conftest import Registry

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT: Final = {"grant_type": "client_credentials"}
TOKEN_URL: Final = "http://registry.test/v1/oauth/token"
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
RSA_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ABSENT: Final = object()


def new_key(algorithm: str = "ES256") -> Private:
    """Return a private key that can sign with an algorithm."""
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return RSA_KEY if algorithm in ("RS256", "PS256") else ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: Private, **more: str) -> dict[str, Any]:
    """Return the public JWK of a key, as a client would register it."""
    public = key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        jwk: dict[str, Any] = ECAlgorithm.to_jwk(public, as_dict=True)
    elif isinstance(public, rsa.RSAPublicKey):
        jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
    else:
        jwk = OKPAlgorithm.to_jwk(public, as_dict=True)
    names = ("kty", "crv", "x", "y", "n", "e")
    return {name: jwk[name] for name in names if name in jwk} | more


def assertion(client_id: str, key: Any, *, algorithm: str = "ES256", **changed: Any) -> str:
    """Return an assertion; `header_…` changes its header, ABSENT leaves a member out."""
    now = int(time.time())
    good = {"iss": client_id, "sub": client_id, "aud": TOKEN_URL, "iat": now, "exp": now + 120}
    claims = {**good, "jti": str(uuid4()), **{k: v for k, v in changed.items() if k[:7] != "header_"}}
    header = {name[7:]: value for name, value in changed.items() if name[:7] == "header_"}
    claims = {name: value for name, value in claims.items() if value is not ABSENT}
    # Not jwt.encode: it makes no wrong claims.
    return jwt.PyJWS().encode(json.dumps(claims).encode(), key, algorithm=algorithm, headers=header)


@dataclass
class Signer:
    """A client with one registered key."""

    registry: Registry
    client_id: str
    secret: str
    key: Private
    kid: str

    def sign(self, **changed: Any) -> str:
        """Return an assertion of this client, with its key's id."""
        return assertion(self.client_id, self.key, **{"header_kid": self.kid, **changed})

    async def ask(self, text: str | None = None, **form: str) -> httpx.Response:
        """Ask for a token with an assertion."""
        proof = {"client_assertion_type": TYPE, "client_assertion": text or self.sign()}
        return await self.registry.http.post("/v1/oauth/token", data={**GRANT, **proof, **form})


async def register(registry: Registry, client_id: str, jwk: object) -> httpx.Response:
    """Register a key as an administrator."""
    admin = await registry.bearer(scopes=["admin"])
    return await registry.http.post(f"/v1/clients/{client_id}/keys", headers=admin, json=jwk)


async def new_signer(registry: Registry, algorithm: str = "ES256", **more: str) -> Signer:
    """Make a client with a key for an algorithm."""
    client_id, secret = await registry.make(scopes=["status:read"])
    key = new_key(algorithm)
    answer = await register(registry, client_id, public_jwk(key, **more))
    assert answer.status_code == 201, answer.text
    return Signer(registry, client_id, secret, key, answer.json()["kid"])
