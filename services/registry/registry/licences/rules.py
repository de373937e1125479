"""How businesses are compared, and what is wrong with a list as a whole. Pure."""

import unicodedata
from collections.abc import Hashable, Iterable
from typing import Final

LISTED_TWICE: Final = "listed_twice"
LISTED_DIFFERENTLY: Final = "listed_differently"


def plain_key(text: str) -> str:
    """Return the form under which a licence number, a name or an address is compared.

    NFKC, upper case, letters, digits and Han characters only: brackets and blanks differ between lists.
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def repeats(rows: Iterable[tuple[int, Hashable, object]]) -> dict[int, str]:
    """Return what is wrong with the rows (number, key, content) of one list whose keys come more than once.

    Alike: the first stands, the others are `listed_twice`. Different: nobody knows which is right, so
    all of them are `listed_differently`.
    """
    by_key: dict[Hashable, list[tuple[int, object]]] = {}
    for number, key, content in rows:
        by_key.setdefault(key, []).append((number, content))
    found: dict[int, str] = {}
    for listed in by_key.values():
        alike = all(content == listed[0][1] for _, content in listed)
        for number, _ in listed[1:] if alike else listed:
            if len(listed) > 1:
                found[number] = LISTED_TWICE if alike else LISTED_DIFFERENTLY
    return found
