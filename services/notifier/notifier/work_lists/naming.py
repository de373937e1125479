"""Pure: which bodies a printed name means; codes, names and what somebody has set a name to."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from notifier.contacts.rules import Body

UNKNOWN: Final = "body_unknown"
AMBIGUOUS: Final = "body_ambiguous"
TOWNSHIPS: Final = "townships"
DEPARTMENTS: Final = "departments"


@dataclass(frozen=True, slots=True)
class Known:
    """A department or township as registry has told of it."""

    code: str
    name: str
    level: str
    role: str | None

    @property
    def body(self) -> Body:
        """Return it as a recipient of notices."""
        if self.level == "township":
            return Body("township", self.code)
        if self.role == "cdc":
            return Body("cdc", self.code)
        return Body("district" if self.level == "district" else "department", self.code)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name was set to: some codes, or everybody of a level."""

    codes: tuple[str, ...] = ()
    everyone: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Everything a name can mean; `by_name` holds every body of that name."""

    by_code: Mapping[str, Known]
    by_name: Mapping[str, Sequence[Known]]
    meanings: Mapping[str, Meaning] = field(default_factory=dict)

    def found(self, printed: str) -> tuple[Body, ...] | str:
        """Return the bodies of a printed name, in the order of their codes, or the code of the refusal."""
        folded = fold(printed)
        meaning = self.meanings.get(folded)
        if printed.strip() in self.by_code:
            return (self.by_code[printed.strip()].body,)
        if meaning is not None:
            bodies = self.everyone(meaning.everyone) if meaning.everyone else self._of(meaning.codes)
            return bodies or UNKNOWN
        named = self.by_name.get(folded, ())
        if len(named) == 1:
            return (named[0].body,)
        return AMBIGUOUS if named else UNKNOWN

    def everyone(self, level: str) -> tuple[Body, ...]:
        """Return every township, or every department of the district."""
        wanted = {TOWNSHIPS: "township", DEPARTMENTS: "department"}[level]
        return tuple(known.body for _, known in sorted(self.by_code.items()) if known.level == wanted)

    def _of(self, codes: Iterable[str]) -> tuple[Body, ...]:
        return tuple(self.by_code[code].body for code in codes if code in self.by_code)


def names_of(known: Iterable[Known], meanings: Mapping[str, Meaning]) -> Names:
    """Return what every name means; `meanings` by the folded name."""
    by_code = {one.code: one for one in known}
    by_name: dict[str, list[Known]] = defaultdict(list)
    for one in by_code.values():
        by_name[fold(one.name)].append(one)
    return Names(by_code, by_name, meanings)


def fold(name: str) -> str:
    """Return the form under which names are compared: half width, folded, without blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
