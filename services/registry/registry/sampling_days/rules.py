"""How many samplers a day needs. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """A site's day: `needed` samplers, `additional` beyond those it has; `used`: due against capacity."""

    capacity: int
    needed: int
    additional: int
    used: float | None


def load_of(due: int, *, samplers: int, per_sampler: int) -> Load:
    """Return what a day asks of a site: one sampler for each `per_sampler` people or part of them."""
    needed = -(-due // per_sampler)
    capacity = samplers * per_sampler
    used = round(due / capacity, 3) if capacity else None
    return Load(capacity, needed, max(0, needed - samplers), used)
