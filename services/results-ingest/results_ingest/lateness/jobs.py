"""What comes round: looking at clocks, and forgetting old ones."""

from datetime import timedelta
from typing import Final

from results_ingest.lateness import service
from shared.bus import Schedule

LOOK: Final = Schedule("clocks.look", timedelta(seconds=5), service.look)
FORGET: Final = Schedule("clocks.forget", timedelta(minutes=30), service.forget)
