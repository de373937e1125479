"""The keys under which two sides look for each other: a health code, a document, a tube. Pure.

A key holds a code or a keyed index, never a number or a name.
"""

from collections.abc import Iterable


def code_key(health_code_id: str) -> str:
    """Return the key of a health-code id."""
    return f"h:{health_code_id}"


def document_key(id_index: bytes) -> str:
    """Return the key of a document; the index is already keyed by the document's type."""
    return f"d:{id_index.hex()}"


def tube_key(tube_code: str) -> str:
    """Return the key of a tube's binding."""
    return f"t:{tube_code}"


def person_keys(health_code_id: str | None, id_index: bytes | None) -> list[str]:
    """Return the keys by which a person may be found, the document's first: it never changes."""
    keys = [] if id_index is None else [document_key(id_index)]
    return keys if health_code_id is None else [*keys, code_key(health_code_id)]


def row_keys(*, tube_code: str | None, health_code_id: str | None, id_index: bytes | None) -> list[str]:
    """Return what a row waits for: its tube if it names one, else its person."""
    return [tube_key(tube_code)] if tube_code else person_keys(health_code_id, id_index)


def in_order(keys: Iterable[str]) -> list[str]:
    """Return the keys once each, in the order in which every writer takes them."""
    return sorted(set(keys))
