"""Pure: how grave what was found may be."""

from typing import Literal

Severity = Literal["minor", "ordinary", "major"]
