"""Wire models of clients and tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.security.principal import Kind, Scope
from shared.web.types import Code, PersonName, WireModel

Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20)]


class NewClient(WireModel):
    """A client to be made. `results:write` needs `lab_code`, `cases:respond` needs `area_code`."""

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


class ClientList(BaseModel):
    """A page of clients."""

    clients: list[Client]
    next_cursor: str | None


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
