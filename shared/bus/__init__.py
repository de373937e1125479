"""The bus: bodies and their fate in PostgreSQL, wake-ups through Redis (design: claim check).

Only `nudger` and `runner` know arq.
"""

from shared.bus.publishing import publish, publish_all
from shared.bus.types import Handler, Handlers, Routine, Schedule

__all__ = ["Handler", "Handlers", "Routine", "Schedule", "publish", "publish_all"]
