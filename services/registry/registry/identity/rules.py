"""What a client may be, what it may ask for, and what it may sign with. Pure."""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

NEED_AN_AREA = frozenset({"cases:respond", "venue:report"})
NEED_A_LAB = frozenset({"results:write", "onboarding"})
LIMITED_LEVELS = frozenset({"township", "department"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client is about to be; `area_level` is None while `area_code` names nothing known."""

    scopes: frozenset[str]
    lab_code: str | None = None
    area_code: str | None = None
    area_level: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A field that cannot stand as it is, and the code that says why."""

    field: str
    code: str


def check_terms(terms: Terms, *, known_scopes: Collection[str]) -> list[Finding]:
    """Return what is wrong with a client (contract §2: labs have a lab, responders an area)."""
    found = []
    if not terms.scopes:
        found.append(Finding("scopes", "too_short"))
    if not terms.scopes <= set(known_scopes):
        found.append(Finding("scopes", "scope_unknown"))
    if not terms.scopes.isdisjoint(NEED_A_LAB) and terms.lab_code is None:
        found.append(Finding("lab_code", "lab_code_required"))
    if "onboarding" in terms.scopes and len(terms.scopes) > 1:
        found.append(Finding("scopes", "onboarding_alone"))
    if not terms.scopes.isdisjoint(NEED_AN_AREA) and terms.area_code is None:
        found.append(Finding("area_code", "area_code_required"))
    if terms.area_code is not None and terms.area_level is None:
        found.append(Finding("area_code", "area_unknown"))
    return found


def check_maker(terms: Terms, *, maker_area: str | None, maker_level: str | None) -> list[Finding]:
    """Return what a limited administrator may not grant: other areas, no area, or a laboratory."""
    if maker_level not in LIMITED_LEVELS:
        return []
    found = []
    if terms.area_code != maker_area:
        found.append(Finding("area_code", "area_outside"))
    if terms.lab_code is not None:
        found.append(Finding("lab_code", "area_outside"))
    return found


def granted_scopes(held: Iterable[str], *, requested: str | None) -> frozenset[str] | None:
    """Return the scopes of a token: all held, or the requested part; None if more is asked for.

    An empty request means all, as Swagger UI sends it. `admin` includes every scope.
    """
    owned = frozenset(held)
    wanted = frozenset((requested or "").split())
    if not wanted:
        return owned
    return wanted if wanted <= owned or "admin" in owned else None


LONGEST_ASSERTION_LIFE = 300
MOST_LIVE_KEYS = 10
ALGORITHMS: Mapping[str, tuple[str, ...]] = {"EC": ("ES256",), "RSA": ("RS256", "PS256"), "OKP": ("EdDSA",)}
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MEMBERS: Mapping[str, tuple[str, ...]] = {"EC": ("crv", "x", "y"), "RSA": ("n", "e"), "OKP": ("crv", "x")}
_CURVES = {"EC": "P-256", "OKP": "Ed25519"}
_COORDINATE_BYTES = 32
_RSA_BITS = range(2048, 4097)  # above it a signature costs us more than it gives
_EXPONENTS = range(65_537, 2**32)
_LONGEST_JTI = 256


def check_key(jwk: Mapping[str, str | None]) -> list[Finding]:
    """Return what keeps a public JWK from being registered: its type, curve, size or algorithm.

    Whether the point lies on its curve is left to whoever can reckon with it.
    """
    kind = jwk["kty"] or ""
    missing = [Finding(name, "field_required") for name in _MEMBERS[kind] if not jwk.get(name)]
    if missing:
        return missing
    found = [Finding(name, "unknown_field") for name in _others(kind) if jwk.get(name)]
    if jwk.get("crv") != _CURVES.get(kind):
        found.append(Finding("crv", "not_allowed"))
    if jwk.get("alg") and jwk["alg"] not in ALGORITHMS[kind]:
        found.append(Finding("alg", "not_allowed"))
    numbers = [name for name in ("x", "y", "n", "e") if name in _MEMBERS[kind]]
    wrong = {name: _number_wrong(name, jwk[name] or "") for name in numbers}
    return found + [Finding(name, code) for name, code in wrong.items() if code]


def canonical_key(jwk: Mapping[str, str | None]) -> dict[str, str]:
    """Return the members that make up the key and nothing else (RFC 7638 §3.2)."""
    return {name: jwk[name] or "" for name in sorted(("kty", *_MEMBERS[jwk["kty"] or ""]))}


def thumbprint(jwk: Mapping[str, str | None]) -> str:
    """Return the RFC 7638 thumbprint of a public key."""
    text = json.dumps(canonical_key(jwk), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _others(kind: str) -> set[str]:
    return {name for names in _MEMBERS.values() for name in names} - set(_MEMBERS[kind])


def _number_wrong(name: str, text: str) -> str | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return "bad_format"
    # One number, one spelling: a thumbprint must not change with padding or leading zeros.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        return "bad_format"
    if name in ("x", "y"):
        return None if len(raw) == _COORDINATE_BYTES else "bad_format"
    number = int.from_bytes(raw, "big")
    if raw[0] == 0:
        return "bad_format"
    allowed = number.bit_length() in _RSA_BITS if name == "n" else number in _EXPONENTS
    return None if allowed and number % 2 else "out_of_range"


def check_assertion(
    claims: Mapping[str, object], *, audiences: Collection[str], now: float, skew: int
) -> str | None:
    """Return why the claims of a client's assertion do not stand (RFC 7523 §3), or None.

    `now` is real time in seconds; `skew` is how far the client's clock may be off.
    """
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    # Several audiences would let another of them use it here.
    if not isinstance(audience, str) or audience not in audiences:
        return "assertion_audience"
    if not isinstance(claims.get("iss"), str) or claims.get("sub") != claims["iss"]:
        return "assertion_issuer"
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= _LONGEST_JTI:
        return "assertion_jti"
    return _times_wrong(claims, now=now, skew=skew)


def _times_wrong(claims: Mapping[str, object], *, now: float, skew: int) -> str | None:
    expires = _seconds(claims.get("exp"))
    if expires is None or expires <= now - skew:
        return "assertion_expired"
    if expires > now + LONGEST_ASSERTION_LIFE + skew:
        return "assertion_too_long"
    for name in ("iat", "nbf"):
        if name in claims and ((begins := _seconds(claims[name])) is None or begins > now + skew):
            return "assertion_early"
    return None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN compares as false with everything, and so would pass.
    return float(value) if -_FARTHEST < value < _FARTHEST else None


_FARTHEST = 2**40
