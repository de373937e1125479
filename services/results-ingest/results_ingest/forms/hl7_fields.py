"""HL7 v2: the fields of a message's segments and their parts, as they are meant."""

import re
from typing import Final

from results_ingest.forms.hl7_text import Message, unescaped

_ZONE: Final = re.compile(r"[0-9.]{4,}([+-][0-9]{4})", re.ASCII)
Fields = list[str]


class Cut:
    """Takes the parts of a message's fields; notes times without an offset."""

    def __init__(self, message: Message) -> None:
        self.message, self.marks = message, message.marks
        self.offset_assumed = False
        self.assumed: list[str] = []
        zone = _ZONE.match(self.head(7))
        self.zone = zone[1] if zone else None

    def raw(self, fields: Fields, number: int) -> str:
        """Return a field, '' if it is not there or the null of HL7."""
        text = fields[number] if number < len(fields) else ""
        return "" if text == '""' else text

    def head(self, number: int) -> str:
        """Return the first component of MSH-`number`."""
        raw = self.raw(self.message.header, number)
        return self.marks.part(raw, 1).strip() if raw else ""

    def text(self, raw: str, component: int = 1, subcomponent: int = 1) -> str | None:
        """Return a part as it is meant, None for an escape sequence that is not known."""
        if not raw:
            return ""
        part = self.marks.part(raw, component, subcomponent).strip()
        if part == '""':
            return ""
        meant = unescaped(part, self.marks, self.message.charset)
        return None if meant is None else meant.strip()

    def first(self, raw: str, *components: int) -> str | None:
        """Return the first of these components that says anything, as `text` does."""
        texts = (self.text(raw, component) for component in components)
        return next((text for text in texts if text != ""), "")

    def names(self, raw: str) -> list[str]:
        """Return the codes and texts of a coded field, or of a plain text."""
        parts = self.marks.parts(raw)
        wanted = [parts[at] for at in (0, 1, 3, 4) if at < len(parts)]
        found = (unescaped(part.strip(), self.marks, self.message.charset) for part in wanted)
        return [part for part in found if part and part != '""']

    def repetitions(self, raw: str) -> list[str]:
        """Return the repetitions of a field that say anything."""
        return [each for each in raw.split(self.marks.repetition) if each.strip(self.marks.component)]
