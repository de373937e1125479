"""What comes round for responsibility: contacts that nobody has confirmed."""

from datetime import timedelta
from typing import Final

from registry.responsibility import service
from shared.bus import Schedule

SCHEDULES: Final = [Schedule("responsibility.contacts", timedelta(minutes=1), service.lapse)]
