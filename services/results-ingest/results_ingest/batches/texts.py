"""The texts that a row may hold. Pure."""

import re

from shared.identifiers import holds_forbidden, is_code

_HARMLESS = re.compile(r"[A-Za-z_]{1,40}", re.ASCII)

Fault = tuple[str | None, str]
"""A field (None: the whole) and a code of the catalogue."""


def check_code(value: object) -> str | None:
    """Return the code of what is wrong with a code such as `tube_code` (contract §3), or None."""
    if type(value) is not str:
        return "wrong_type"
    return None if is_code(value) else "bad_format"


def check_text(value: object, longest: int) -> str | None:
    """Return the code of what is wrong with a free text, or None."""
    if type(value) is not str:
        return "wrong_type"
    if len(value) > longest:
        return "too_long"
    if holds_forbidden(value):
        return "character_forbidden"
    return None if value.strip() else "too_short"


def shown(name: str) -> str | None:
    """Return a field's name if it can hold no number or name of a person, else None."""
    return name if _HARMLESS.fullmatch(name) else None
