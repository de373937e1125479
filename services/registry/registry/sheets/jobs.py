"""What comes round: a part of each import in turn, and imports that are old enough to forget."""

from datetime import timedelta
from typing import Final

from registry.sheets.running import forget, run
from shared.bus import Schedule

SCHEDULES: Final = [
    Schedule("sheets.imports", timedelta(seconds=1), run),
    Schedule("sheets.retention", timedelta(minutes=10), forget),
]
