"""Wire models of delivery receipts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from shared.web.types import Id, Time, WireModel, refuse

ReceiptStatus = Literal["delivered", "failed", "read"]


class DeliveryReceiptIn(WireModel):
    """What became of one message, named by our key or by the provider's own."""

    delivery_id: Id | None = None
    message_id: Annotated[str | None, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")] = None
    status: ReceiptStatus
    at: Time

    @model_validator(mode="after")
    def _names_one(self) -> "DeliveryReceiptIn":
        if (self.delivery_id is None) == (self.message_id is None):
            raise refuse("receipt_names_nothing")
        return self


class DeliveryReceiptOut(BaseModel):
    """The receipt as it is kept: the same answer however often it comes."""

    receipt_id: str
    delivery_id: UUID
    status: ReceiptStatus
    at: datetime
