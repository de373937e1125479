"""The frozen base of every message, and the way to and from bytes."""

from typing import Any, ClassVar

import msgspec
from typing_extensions import override

_TYPES: dict[tuple[str, int], type["Message"]] = {}


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """One thing that happened. Unknown fields are ignored, so a newer sender may add some."""

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1

    @override
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name:
            _TYPES[cls.name, cls.version] = cls


def message_type(name: str, version: int) -> type[Message]:
    """Return the type of a stored message; KeyError for one that this release does not know."""
    return _TYPES[name, version]


def known_types() -> frozenset[tuple[str, int]]:
    """Return the name and version of every message that this release can read."""
    return frozenset(_TYPES)


def encode(message: Message) -> bytes:
    """Return the body as JSON bytes."""
    return msgspec.json.encode(message)


def decode(name: str, version: int, body: bytes) -> Message:
    """Parse a stored body; KeyError or msgspec.ValidationError if it cannot be read."""
    return msgspec.json.decode(body, type=message_type(name, version))
