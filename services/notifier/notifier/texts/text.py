"""The shape of a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One template in both languages."""

    zh: str
    en: str
