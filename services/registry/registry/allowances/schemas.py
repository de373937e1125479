"""The wire of limits."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.limits.rules import Kind

PerSecond = Annotated[float, Field(gt=0, le=1e9, description="每秒恢复 What comes back each second")]
Burst = Annotated[float, Field(ge=1, le=1e12, description="一次可用 What may be used at once")]


class Allowed(BaseModel):
    """One allowance."""

    model_config = ConfigDict(extra="forbid", strict=True)

    per_second: PerSecond
    burst: Burst


class ClientLimits(BaseModel):
    """The limits that a client is to have; a kind that is not named has its class's default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    limits: dict[Kind, Allowed]


class LimitAlarm(BaseModel):
    """When a client looked for more people than it may."""

    at: datetime
    service: str
    kind: Kind


class ClientLimitsOut(BaseModel):
    """A client's allowances as they stand, which of them are its own, and its newest alarms."""

    client_id: str
    limits: dict[Kind, Allowed]
    own: list[Kind]
    alarms: list[LimitAlarm]
