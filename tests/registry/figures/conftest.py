"""Registry's context alone, beside the district over HTTP."""

from tests.registry.statuses.conftest import world

__all__ = ["world"]
