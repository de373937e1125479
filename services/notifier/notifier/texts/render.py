"""Renders the catalogue: sandboxed, and an unknown placeholder is an error, never an empty text."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from notifier.texts.catalogue import MESSAGES, TEXTS
from notifier.texts.text import Text, Wording, Words

Language = Literal["zh", "en"]

# Plain text for people and gateways, never HTML: escaping would spoil it.
_ENVIRONMENT: Final = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=256)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def both(key: str, facts: dict[str, Any]) -> Words:
    """Return the Chinese and the English text of a notice as it is shipped.

    Issuing puts an administrator's version in its place where one is in force (`notifier.templates`).
    """
    text = TEXTS[key]
    return Words(
        zh=_template(text.zh).render(facts),
        en=_template(text.en).render(facts),
        wording=Wording(key, 0, facts),
    )


def message_key(kind: str, reason: str) -> str:
    """Return the key in `MESSAGES` of what leaves the house for a notice of this kind."""
    if reason in MESSAGES:
        return reason
    return kind if kind in MESSAGES else kind.partition(".")[0]


def message(
    kind: str, reason: str, language: Language = "zh", versions: Mapping[str, Text] | None = None
) -> str:
    """Return what leaves the house: that there is something, never what it says of anybody.

    `versions`: what an administrator has put in the place of a shipped message.
    """
    key = message_key(kind, reason)
    text = (versions or {}).get(key, MESSAGES[key])
    return text.zh if language == "zh" else text.en
