"""Pure: which channels a notice goes by, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final, Literal

CHANNELS: Final = ("file", "gateway", "smtp", "webhook", "bots")
RecipientType = Literal["unit", "department", "township", "district", "cdc", "lab", "site", "person"]


@dataclass(frozen=True, slots=True)
class Route:
    """Channels for what fits: types of recipients, kinds (`reminder.*`), urgency; what is not named fits.

    `first`: one after another until one has taken it. `all`: by each of them, as without a route.
    """

    channels: tuple[str, ...]
    mode: Literal["first", "all"] = "first"
    recipients: tuple[RecipientType, ...] = ()
    kinds: tuple[str, ...] = ()
    urgent: bool | None = None

    def fits(self, *, recipient_type: str, kind: str, urgent: bool) -> bool:
        """Say whether a notice goes by this route."""
        return (
            (not self.recipients or recipient_type in self.recipients)
            and (not self.kinds or any(fnmatchcase(kind, each) for each in self.kinds))
            and (self.urgent is None or self.urgent == urgent)
        )


def ways(
    channels: Sequence[str],
    routes: Mapping[date, Sequence[Route]],
    *,
    today: date,
    recipient_type: str,
    kind: str,
    urgent: bool,
) -> list[tuple[str, ...]]:
    """Return the rows of channels by which a notice goes: each row until one of it has taken it.

    The newest set of routes that has begun holds alone; what fits none of it goes by every channel.
    """
    begun = [day for day in routes if day <= today]
    for route in routes[max(begun)] if begun else ():
        if route.fits(recipient_type=recipient_type, kind=kind, urgent=urgent):
            return [route.channels] if route.mode == "first" else [(each,) for each in route.channels]
    return [(each,) for each in channels]


def wrong_channels(channels: Sequence[str], routes: Mapping[date, Sequence[Route]]) -> list[str]:
    """Return the names that are no channels, or are in a route and not in use; `none` for an empty route."""
    wrong = {each for each in channels if each not in CHANNELS}
    for route in (each for day in routes.values() for each in day):
        wrong |= set(route.channels or ("none",)) - set(channels)
    return sorted(wrong)
