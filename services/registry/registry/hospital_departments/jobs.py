"""What comes round for hospital departments: a row of the list begins or ends by time alone."""

from datetime import timedelta
from typing import Final

from registry.hospital_departments import service
from shared.bus import Schedule

SCHEDULES: Final = [Schedule("hospital-departments.follow", timedelta(minutes=5), service.follow)]
