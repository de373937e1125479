"""What an address looks like on the wire."""

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel

from shared.web.types import Code, Email, PersonName, Phone, ShortText, WireModel

AddressedType = Literal["lab", "site"]


class AddressContact(WireModel):
    """Who answers for the body; sealed at rest, masked in answers."""

    name: PersonName
    phone: Phone
    email: Email | None = None


class AddressIn(WireModel):
    """What a body is called, in whose township a sampling site lies, and how it is reached."""

    name: ShortText
    township_code: Code | None = None
    contact: AddressContact


class AddressContactOut(BaseModel):
    """A contact as it is shown."""

    name_masked: str
    phone_masked: str
    has_email: bool


class AddressOut(BaseModel):
    """An address as it is shown."""

    body_type: AddressedType
    body_code: str
    name: str
    township_code: str | None
    contact: AddressContactOut
    changed_by: str
    changed_at: datetime


class AddressPage(BaseModel):
    """A page of addresses, by type and code."""

    addresses: list[AddressOut]
    next_cursor: str | None


EXAMPLE: Final = {
    "name": "县中医院检验科",
    "contact": {"name": "李明", "phone": "13800138000", "email": "lab@hospital.example"},
}
SHOWN: Final = {
    "body_type": "lab",
    "body_code": "LAB01",
    "name": "县中医院检验科",
    "township_code": None,
    "contact": {"name_masked": "李*", "phone_masked": "138****8000", "has_email": True},
    "changed_by": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "changed_at": "2026-12-01T08:00:00+08:00",
}
