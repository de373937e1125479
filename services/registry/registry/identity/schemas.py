"""Wire models of clients and tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from registry.identity.rules import PRIVATE_MEMBERS
from shared.security.principal import Kind, Scope
from shared.web.types import Code, PersonName, WireModel, refuse

# Base64url; the longest is the modulus of 4096 bits.
Number = Annotated[str, Field(max_length=700)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20)]


class NewClient(WireModel):
    """A client to be made. `results:write` needs a lab, `cases:respond` and `venue:report` an area."""

    name: PersonName
    kind: Kind
    scopes: Scopes
    lab_code: Code | None = None
    area_code: Code | None = None


class ClientChange(WireModel):
    """What may change; what is absent stays as it is."""

    name: PersonName | None = None
    scopes: Scopes | None = None
    lab_code: Code | None = None
    area_code: Code | None = None
    disabled: bool | None = None
    secret_refused: bool | None = Field(
        None, description="只认签名,不认密钥 Signed assertions only; needs a live key"
    )


class Client(BaseModel):
    """A client as it stands; never its secret."""

    client_id: str
    name: str
    kind: Kind
    scopes: list[str]
    lab_code: str | None
    area_code: str | None
    area_level: str | None
    created_at: datetime
    disabled: bool
    secret_refused: bool


class ClientList(BaseModel):
    """A page of clients."""

    clients: list[Client]
    next_cursor: str | None


class PublicKey(WireModel):
    """A public JWK (RFC 7517): EC P-256, RSA of 2048 to 4096 bits, or OKP Ed25519; never a private one."""

    kty: Literal["EC", "RSA", "OKP"]
    crv: Literal["P-256", "Ed25519"] | None = None
    x: Number | None = None
    y: Number | None = None
    n: Number | None = None
    e: Number | None = None
    kid: Code | None = Field(None, description="缺省为 RFC 7638 指纹 Absent: the RFC 7638 thumbprint")
    alg: Literal["ES256", "RS256", "PS256", "EdDSA"] | None = Field(
        None, description="缺省为该类密钥可用的全部 Absent: all that the key can do"
    )
    use: Literal["sig"] | None = None
    key_ops: Annotated[list[Literal["verify"]], Field(max_length=1)] | None = None
    ext: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _public(cls, value: object) -> object:
        if isinstance(value, dict) and not PRIVATE_MEMBERS.isdisjoint(value):
            raise refuse("key_is_private")
        return value


class ClientKey(BaseModel):
    """A registered public key, live until it is retired."""

    client_id: str
    kid: str
    thumbprint: str
    algorithms: list[str]
    created_at: datetime
    retired_at: datetime | None


class ClientKeyList(BaseModel):
    """A page of a client's keys."""

    keys: list[ClientKey]
    next_cursor: str | None


class Rotation(WireModel):
    """How the key that signs tokens is to be replaced."""

    at_once: bool = Field(default=False, description="泄露后用 After a leak")


class SigningKeyState(BaseModel):
    """A key that signs tokens; never its private part."""

    kid: str
    state: Literal["next", "current", "retiring"]
    signs_from: datetime
    retires_at: datetime | None
    created_at: datetime


class SigningKeyList(BaseModel):
    """Every key that is published: there are never more than a few."""

    keys: list[SigningKeyState]
    next_cursor: None = None


class NewSecret(BaseModel):
    """A secret, shown this once and stored only as a digest."""

    client_id: str
    client_secret: str
    previous_expires_at: datetime | None = None


class TokenAnswer(BaseModel):
    """An access token (RFC 6749 §5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type, not a token
    expires_in: int
    scope: str
