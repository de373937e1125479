"""Which columns hold envelopes. Each service lists its own; a test fails where one is in no list."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from shared.bus.dead_letters import SEALED_AS as DROP_REASON
from shared.security.sealing import Sealer

Renew = Callable[[Sealer, Any], Any]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of envelopes. `key` is the table's primary key: name and type of each part, in order.

    `renew` returns a value whose envelopes are all as they would be sealed now, the same value if they are.
    """

    table: str
    column: str
    key: tuple[tuple[str, str], ...]
    renew: Renew
    kind: str = "bytea"
    where: str = "true"
    at_once: int = 500
    part: str = ""

    @property
    def name(self) -> str:
        """Return the column as it is shown."""
        return f"{self.table}.{self.column}{self.part}"


def sealed(table: str, column: str, context: str, *key: tuple[str, str], at_once: int = 500) -> SealedColumn:
    """Return a column in which each value is one envelope, sealed for `context`."""
    return SealedColumn(table, column, key, partial(_envelope, context), at_once=at_once)


def on_the_bus(service: str) -> tuple[SealedColumn, ...]:
    """Return what a service keeps sealed on the bus: why it dropped a letter; of registry, its messages."""
    dropped = SealedColumn(
        "bus.delivery",
        "reason",
        (("message_id", "uuid"), ("consumer", "text")),
        partial(_base64, DROP_REASON),
        kind="text",
        where=f"consumer = '{service}'",
        part=f" of {service}",
    )
    return (dropped, *MESSAGES) if service == "registry" else (dropped,)


def _envelope(context: str, sealer: Sealer, value: Any) -> bytes:  # noqa: ANN401 - what a column holds
    return sealer.renewed(bytes(value), context=context)


def _base64(context: str, sealer: Sealer, value: str) -> str:
    old = base64.b64decode(value)
    new = sealer.renewed(old, context=context)
    return value if new == old else base64.b64encode(new).decode()


def _body(context: str, field: str, inside: str | None, sealer: Sealer, value: Any) -> bytes:  # noqa: ANN401
    body = json.loads(bytes(value))
    holders = [body] if inside is None else body[inside]
    renewed = [_base64(context, sealer, holder[field]) for holder in holders]
    if all(new == holder[field] for new, holder in zip(renewed, holders, strict=True)):
        return bytes(value)
    for new, holder in zip(renewed, holders, strict=True):
        holder[field] = new
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _message(name: str, context: str, field: str, inside: str | None = None) -> SealedColumn:
    undone = "d.message_id = m.message_id AND d.state NOT IN ('done', 'dropped')"
    return SealedColumn(
        "bus.message",
        "body",
        (("message_id", "uuid"),),
        partial(_body, context, field, inside),
        where=f"name = '{name}' AND EXISTS (SELECT FROM bus.delivery AS d WHERE {undone})",
        at_once=100,
        part=f" of {name}",
    )


# Envelopes inside messages that nobody has handled yet, dead letters among them.
MESSAGES: Final = (
    _message("contacts.changed", "contact.person", "sealed", "people"),
    _message("unit.changed", "contact.unit", "contact"),
    _message("department.changed", "contact.department", "contact"),
)
