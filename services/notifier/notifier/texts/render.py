"""Renders the catalogue: sandboxed, and an unknown placeholder is an error, never an empty text."""

from functools import lru_cache
from typing import Any, Final, Literal

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from notifier.texts.catalogue import MESSAGES, TEXTS

Language = Literal["zh", "en"]

# Plain text for people and gateways, never HTML: escaping would spoil it.
_ENVIRONMENT: Final = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=256)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def both(key: str, facts: dict[str, Any]) -> dict[str, str]:
    """Return the Chinese and the English text of a notice."""
    text = TEXTS[key]
    return {"zh": _template(text.zh).render(facts), "en": _template(text.en).render(facts)}


def message(kind: str, reason: str, language: Language = "zh") -> str:
    """Return what leaves the house: that there is something, never what it says of anybody."""
    by_reason = {"revocation": "revocation", "update": "update"}
    own = kind if kind in MESSAGES else _group(kind)
    text = MESSAGES[by_reason.get(reason, own)]
    return text.zh if language == "zh" else text.en


def _group(kind: str) -> str:
    return kind.partition(".")[0]
