"""The shape of a text, and of what a text was worded with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict


@dataclass(frozen=True, slots=True)
class Text:
    """One template in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Which template words are of: its key and version, 0 as shipped; `facts` until they are sealed."""

    key: str
    version: int = 0
    facts: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


class Words(TypedDict):
    """A rendered text in both languages, and what it was worded with: `Content(**words, evidence=…)`."""

    zh: str
    en: str
    wording: Wording
