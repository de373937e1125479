"""The causes of a sample and the standings of an expectation. Pure; the statements use the same words."""

from typing import Final, Literal, get_args

Cause = Literal[
    "not_bound",
    "not_received",
    "not_tested",
    "not_uploaded",
    "not_matched",
    "invalid",
    "display_delay",
    "not_shown",
    "shown",
    "reported",
    "retained",
    "void",
]
"""Where a sample has come to.

`display_delay`: sent, and the platform still has time to show it; `not_shown`: it has not. `reported`: of
a thing, which no health code shows. `retained`: kept beside a pool that has not turned out other than
negative. `invalid`: the laboratory could not tell; to be sampled again.
"""
Standing = Literal["waiting", "overdue", "resulted", "late", "lost", "void", "retained", "unregistered"]
"""How the expectation of a result stands.

Open: `waiting` until its deadline, then `overdue`. Ended: `resulted` in time, `late`, `lost` when nothing
came for so many hours after the deadline, `void`. `unregistered`: known only from a packet or a result.
"""
BodyType = Literal["site", "unit", "lab", "platform", "district"]
By = Literal["body", "lab", "site", "unit", "round", "cause"]

CAUSES: Final = get_args(Cause)
SETTLED: Final = ("shown", "reported", "retained", "void")
"""Causes of samples that nobody holds up."""
