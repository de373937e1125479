"""The shapes that a worker lists: handlers, schedules and routines."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.db import Session
from shared.messages import Message

if TYPE_CHECKING:  # the context holds the nudger, which is part of this package
    from shared.context import Context

Handler = Callable[[Session, Any, "Context[Any]"], Awaitable[None]]
Handlers = Mapping[type[Message], Handler]
Routine = Callable[["Context[Any]"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Work that comes round. `run` does one transaction's worth and says whether there is more."""

    name: str
    every: timedelta
    run: Callable[[Session, "Context[Any]"], Awaitable[bool]]
