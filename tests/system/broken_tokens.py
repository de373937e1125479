"""Every way in which a token can be wrong: made with whatever an attacker may know, and with some luck more.

Each way is a request's headers and parameters; a good token of an administrator is where it starts from.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.security.tokens import AUDIENCE, LEEWAY, LONGEST_TOKEN, TOKEN_TYPE, SigningKey

ISSUER: Final = "yingjian"
OTHER: Final = ec.generate_private_key(ec.SECP256R1())
ABSENT: Final = object()


@dataclass(frozen=True)
class Known:
    """What the tokens are made from."""

    key: SigningKey
    client: tuple[str, str]
    disabled: str
    retired: str
    assertion: str


@dataclass(frozen=True)
class Sent:
    """The wrong part of a request."""

    headers: list[tuple[str, bytes]] = field(default_factory=list)
    query: dict[str, str] = field(default_factory=dict)


def part(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def claims(**changed: Any) -> dict[str, Any]:
    """Return the claims of an administrator's token; ABSENT leaves one out."""
    now = int(time.time())
    times = {"iat": now, "exp": now + 600}
    who = {"sub": "root", "client_id": "root", "name": "甲", "kind": "system", "scope": "admin"}
    all_of = {"iss": ISSUER, "aud": AUDIENCE, **times, "jti": "j", **who, **changed}
    return {name: value for name, value in all_of.items() if value is not ABSENT}


def signed(known: Known, *, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """Return a token that registry's own key has signed, or `key`."""
    head = {"kid": known.key.kid, "typ": TOKEN_TYPE, **(header or {})}
    head = {name: value for name, value in head.items() if value is not ABSENT}
    if head.get("typ") is None:
        head["typ"] = None  # else the library adds its own
    payload = json.dumps(claims(**changed)).encode()
    return jwt.PyJWS().encode(payload, key or known.key.private, algorithm="ES256", headers=head)


def raw(header: dict[str, Any], signature: Callable[[bytes], bytes], **changed: Any) -> str:
    """Return a token with a header and a signature of one's own making."""
    head = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims(**changed)).encode())}"
    return f"{head}.{part(signature(head.encode()))}"


def unsigned(name: str) -> Callable[[Known], str]:
    """Return a maker of tokens that ask for no signature."""
    return lambda known: raw({"alg": name, "typ": TOKEN_TYPE, "kid": known.key.kid}, lambda _: b"")


def shared(
    secret: Callable[[Known], bytes], algorithm: str = "HS256", **header: Any
) -> Callable[[Known], str]:
    """Return a maker of tokens whose HMAC secret is something that everybody knows."""

    def make(known: Known) -> str:
        head = {"alg": algorithm, "typ": TOKEN_TYPE, "kid": known.key.kid, **header}
        hashed = hashlib.sha256 if algorithm == "HS256" else hashlib.sha512
        return raw(head, lambda text: hmac.digest(secret(known), text, hashed))

    return make


def public(encoding: Encoding, form: PublicFormat) -> Callable[[Known], bytes]:
    """Return the public key's bytes in some form."""
    return lambda known: known.key.private.public_key().public_bytes(encoding, form)


def changed(index: int, change: Callable[[str], str]) -> Callable[[Known], str]:
    """Return a maker of good tokens of which one part is changed after signing."""

    def make(known: Known) -> str:
        parts = signed(known, scope="status:read").split(".")
        parts[index] = change(parts[index])
        return ".".join(parts)

    return make


def raised(body: str) -> str:
    """Return the claims with more scope in them."""
    return part(json.dumps({**json.loads(base64.urlsafe_b64decode(body + "==")), "scope": "admin"}).encode())


def head_of(content: bytes) -> Callable[[Known], str]:
    """Return a maker of tokens with such a header."""
    return lambda _: f"{part(content)}.{part(b'{}')}.{part(bytes(64))}"


def header(**more: Any) -> Callable[[Known], str]:
    """Return a maker of tokens, by another's key, with more in the header."""
    return lambda known: signed(known, key=OTHER, header=more)


def claim(**more: Any) -> Callable[[Known], str]:
    """Return a maker of tokens that registry itself would have had to sign, with other claims."""
    return lambda known: signed(known, **more)


def ahead(**seconds: float) -> Callable[[Known], str]:
    """Return a maker of tokens whose times lie so far from now."""

    def make(known: Known) -> str:
        times: dict[str, Any] = {name: int(time.time()) + by for name, by in seconds.items()}
        return signed(known, **times)

    return make


TOKENS: Final[dict[str, Callable[[Known], str]]] = {
    "garbage": lambda _: "x",
    "three letters": lambda _: "a.b.c",
    "empty parts": lambda _: "..",
    "two parts": lambda known: signed(known).rpartition(".")[0],
    "five parts": lambda known: signed(known) + ".a.b",
    "expired": ahead(exp=-LEEWAY - 1, iat=-700),
    "expired in 1970": claim(exp=0, iat=0),
    "without expiry": claim(exp=ABSENT),
    "not before tomorrow": ahead(nbf=86_400),
    "issued tomorrow": ahead(iat=86_400, exp=90_000),
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE": unsigned("NONE"),
    "alg empty": unsigned(""),
    "HS256, public key as PEM": shared(public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "HS256, public key as DER": shared(public(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    "HS256, public key as a point": shared(public(Encoding.X962, PublicFormat.UncompressedPoint)),
    "HS512, public key as PEM": shared(public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "HS512"),
    "HS256, key id as secret": shared(lambda known: known.key.kid.encode()),
    "HS256, empty secret, path to nothing": shared(lambda _: b"", kid="../../../../../../dev/null"),
    "wrong audience": claim(aud="elsewhere"),
    "audiences without ours": claim(aud=["elsewhere", "nowhere"]),
    "no audience": claim(aud=ABSENT),
    "wrong issuer": claim(iss="elsewhere"),
    "no issuer": claim(iss=ABSENT),
    "another issuer, its own key": lambda known: signed(known, key=OTHER, header={"kid": "o"}, iss="elsewhere"),
    "an identity token": lambda known: signed(known, header={"typ": "JWT"}),
    "no type": lambda known: signed(known, header={"typ": ABSENT}),
    "unknown key id": header(kid="unknown"),
    "no key id": header(kid=ABSENT),
    "key id as a path": header(kid="../../../../etc/passwd"),
    "key id as an address": header(kid="http://127.0.0.1/key"),
    "key id as SQL": header(kid="' UNION SELECT public_jwk FROM registry.signing_key --"),
    "key id with NUL": header(kid="k\x00"),
    "key id of 2,000 letters": header(kid="k" * 2000),
    "another key under our id": header(),
    "brings its key": header(jwk={"kty": "EC", "crv": "P-256"}),
    "says where its key is": header(jku="http://127.0.0.1:9/jwks.json", x5u="http://127.0.0.1:9/x"),
    "claims more": changed(1, raised),
    "signature cut off": changed(2, lambda _: ""),
    "signature cut short": changed(2, lambda text: text[:40]),
    "signature of zeros": changed(2, lambda _: part(bytes(64))),
    "signature of another token": lambda known: (
        signed(known).rpartition(".")[0] + "." + signed(known, jti="k").rpartition(".")[2]
    ),
    "algorithm renamed": changed(0, lambda text: part(
        json.dumps({**json.loads(base64.urlsafe_b64decode(text + "==")), "alg": "ES384"}).encode()
    )),
    "header nested 700 deep": head_of(b'{"alg":"ES256","typ":"at+jwt","kid":' + b"[" * 700 + b"]" * 700 + b"}"),
    "header with half a character": head_of(b'{"alg":"ES256","typ":"at+jwt","kid":"\\ud800"}'),
    "header that is a list": head_of(b"[]"),
    "header of lists": head_of(b'{"alg":["ES256"],"typ":["at+jwt"],"kid":["k"]}'),
    "longer than any": lambda known: signed(known, name="x" * LONGEST_TOKEN),
    "without subject": claim(sub=ABSENT),
    "without scope": claim(scope=ABSENT),
    "scope as a list": claim(scope=["admin"]),
    "lab as a number": claim(lab=1),
    "critical extension": lambda known: signed(known, header={"crit": ["exp"]}),
    "of a disabled client": lambda known: known.disabled,
    "of a key that was retired": lambda known: known.retired,
    "a client's assertion": lambda known: known.assertion,
}  # fmt: skip


def bearer(token: str) -> tuple[str, bytes]:
    """Return the header that carries a token."""
    return ("authorization", b"Bearer " + token.encode())


def scheme(prefix: str, suffix: str = "") -> Callable[[Known, str], Sent]:
    """Return a way to send a good token wrongly."""
    return lambda _, good: Sent([("authorization", f"{prefix}{good}{suffix}".encode())])


WAYS: Final[dict[str, Callable[[Known, str], Sent]]] = {
    "nothing": lambda *_: Sent(),
    "an empty header": lambda *_: Sent([("authorization", b"")]),
    "the scheme alone": lambda *_: Sent([("authorization", b"Bearer")]),
    "the scheme and a space": lambda *_: Sent([("authorization", b"Bearer ")]),
    "no scheme": scheme(""),
    "Token": scheme("Token "),
    "DPoP": scheme("DPoP "),
    "Basic with a token": scheme("Basic "),
    "Basic with a good secret": lambda known, _: Sent(
        [("authorization", b"Basic " + base64.b64encode(":".join(known.client).encode()))]
    ),
    "a good token twice in a line": lambda _, good: Sent(
        [("authorization", f"Bearer {good}, Bearer {good}".encode())]
    ),
    "bytes that are no text": lambda *_: Sent([("authorization", b"Bearer \xff\xfe")]),
    "two headers, both good": lambda _, good: Sent([bearer(good), bearer(good)]),
    "two headers, the first good": lambda _, good: Sent([bearer(good), bearer("x")]),
    "two headers, the second good": lambda _, good: Sent([bearer("x"), bearer(good)]),
    "in the query": lambda _, good: Sent(query={"access_token": good, "token": good}),
    "the whole header in the query": lambda _, good: Sent(query={"authorization": f"Bearer {good}"}),
    "in a cookie": lambda _, good: Sent([("cookie", f"access_token={good}; token={good}".encode())]),
    "in another header": lambda _, good: Sent(
        [("x-authorization", f"Bearer {good}".encode()), ("x-access-token", good.encode())]
    ),
}


def attempts(known: Known) -> dict[str, Sent]:
    """Return every wrong request, by name."""
    good = signed(known)
    return {
        **{name: way(known, good) for name, way in WAYS.items()},
        **{name: Sent([bearer(make(known))]) for name, make in TOKENS.items()},
    }
